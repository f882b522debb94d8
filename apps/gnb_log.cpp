// SPDX-License-Identifier: Apache-2.0
#include "apps/gnb_log.h"
#include "core/errno_text.h"
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

namespace pado::apps {

namespace {

constexpr std::size_t max_quoted = 3;
constexpr std::size_t max_quote_bytes = 100;
constexpr std::size_t max_fields = 200;
constexpr std::size_t max_payload_bytes = 200000; // the largest transport block has 159 749

constexpr std::array<std::string_view, 5> uplink_kinds = {"PUSCH", "PUCCH", "PRACH", "RX_SYMBOL", "RX_PRACH"};
constexpr std::array<std::string_view, 8> downlink_kinds = {
    "PDSCH", "PDCCH", "SSB", "CSI-RS", "NZP-CSI-RS", "PRS", "PT-RS", "DL_TTI"};

bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

template <class Number>
bool parse_whole(std::string_view text, Number& to)
{
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), to);
  return failure == std::errc() && end == text.data() + text.size();
}

std::string_view trimmed(std::string_view text)
{
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

/// Takes "[ text ]" from the front; nothing when there is none.
std::optional<std::string_view> take_bracket(std::string_view& line)
{
  while (!line.empty() && line.front() == ' ') {
    line.remove_prefix(1);
  }
  const std::size_t end = line.find(']');
  if (line.empty() || line.front() != '[' || end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view inside = trimmed(line.substr(1, end - 1));
  line.remove_prefix(end + 1);
  return inside;
}

/// "18.3", or "[hyper frame].18.3" of a longer context: the last two numbers.
std::optional<slot_id> slot_of(std::string_view text)
{
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view sfn = text.substr(0, dot);
  const std::size_t before = sfn.rfind('.');
  sfn.remove_prefix(before == std::string_view::npos ? 0 : before + 1);
  slot_id slot;
  const bool is_slot = parse_whole(text.substr(dot + 1), slot.slot) && parse_whole(sfn, slot.sfn);
  return is_slot && slot.slot >= 0 && slot.slot < 160 && slot.sfn >= 0 && slot.sfn < nof_sfn
             ? std::optional(slot)
             : std::nullopt;
}

/// A first line: [layer] [level] [slot] text.
struct log_head {
  std::string_view layer;
  std::optional<slot_id> slot;
  std::string_view text;
};

std::optional<log_head> head_of(std::string_view line)
{
  // A time stamp, then brackets.
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || space < 8 || !is_digit(line.front()) ||
      line.substr(0, space).find(':') == std::string_view::npos) {
    return std::nullopt;
  }
  log_head head;
  std::string_view rest = line.substr(space);
  const auto layer = take_bracket(rest);
  const auto level = take_bracket(rest);
  if (!layer || !level || level->size() != 1) {
    return std::nullopt;
  }
  head.layer = *layer;
  std::string_view behind = rest;
  if (const auto context = take_bracket(behind)) {
    head.slot = slot_of(*context);
    rest = head.slot ? behind : rest;
  }
  head.text = trimmed(rest);
  return head;
}

/// key=value pairs apart by spaces, where a value may hold spaces in brackets: prb=[8, 11).
/// False when something is no pair.
bool add_pairs(std::string_view text, std::map<std::string, std::string, std::less<>>& fields)
{
  while (!(text = trimmed(text)).empty()) {
    int depth = 0;
    std::size_t end = 0;
    for (; end < text.size() && (text[end] != ' ' || depth > 0); ++end) {
      depth += text[end] == '[' || text[end] == '(' || text[end] == '{' ? 1 : 0;
      depth -= text[end] == ']' || text[end] == ')' || text[end] == '}' ? 1 : 0;
    }
    const std::string_view pair = text.substr(0, end);
    const std::size_t equal = pair.find('=');
    if (equal == std::string_view::npos || equal == 0 || fields.size() >= max_fields) {
      return false;
    }
    fields.insert_or_assign(std::string(pair.substr(0, equal)), std::string(pair.substr(equal + 1)));
    text.remove_prefix(end);
  }
  return true;
}

/// "    0010: 3d 00 3f": bytes at the offset that is due.
bool add_bytes(std::string_view text, std::vector<std::uint8_t>& bytes)
{
  text = trimmed(text);
  const std::size_t colon = text.find(':');
  std::size_t offset = 0;
  if (colon == std::string_view::npos || colon < 4 || colon > 8) {
    return false;
  }
  const auto [end, failure] = std::from_chars(text.data(), text.data() + colon, offset, 16);
  if (failure != std::errc() || end != text.data() + colon || offset != bytes.size()) {
    return false;
  }
  const std::size_t before = bytes.size();
  text.remove_prefix(colon + 1);
  while (!(text = trimmed(text)).empty()) {
    std::uint8_t byte = 0;
    const std::string_view pair = text.substr(0, 2);
    const auto [stop, bad] = std::from_chars(pair.data(), pair.data() + pair.size(), byte, 16);
    const bool is_pair =
        bad == std::errc() && stop == pair.data() + 2 && (text.size() == 2 || text[2] == ' ');
    if (!is_pair || bytes.size() - before >= 16 || bytes.size() >= max_payload_bytes) {
      bytes.resize(before);
      return false;
    }
    bytes.push_back(byte);
    text.remove_prefix(2);
  }
  return bytes.size() > before;
}

/// Whether text is UTF-8 without control characters but the tabulator.
bool is_text(std::string_view text)
{
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (length == 0 || i + length > text.size() ||
        (length == 1 && (lead == 0x7F || (lead < 0x20 && lead != '\t')))) {
      return false;
    }
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0U) != 0x80U) {
        return false;
      }
    }
    i += length;
  }
  return true;
}

std::string printable(std::string_view text)
{
  std::string out;
  for (const char c : text.substr(0, max_quote_bytes)) {
    constexpr const char* digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      out += c;
    } else {
      out += std::string("\\x") + digits[byte >> 4U] + digits[byte & 15U];
    }
  }
  return out + (text.size() > max_quote_bytes ? "..." : "");
}

template <class List>
bool holds(const List& list, std::string_view name)
{
  return std::find(list.begin(), list.end(), name) != list.end();
}

} // namespace

std::optional<std::string_view> gnb_log_entry::find(std::string_view key) const
{
  const auto found = fields.find(key);
  return found == fields.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

void log_remarks::add(const std::string& what, const std::string& where, std::string_view text)
{
  kind& of = kinds[what];
  ++of.count;
  if (of.first.size() < max_quoted) {
    of.first.push_back(where + printable(text));
  }
}

std::int64_t log_remarks::count() const
{
  std::int64_t sum = 0;
  for (const auto& [what, of] : kinds) {
    sum += of.count;
  }
  return sum;
}

void gnb_log_reader::take(std::string_view line, bool is_whole)
{
  ++counts_.lines;
  if (!line.empty() && line.back() == '\r') {
    line.remove_suffix(1);
  }
  if (!is_whole || !is_text(line)) {
    // It may have been the head of another message: what follows is not put to the one before.
    give(false);
    is_elsewhere_ = true;
    return refuse(is_whole ? "bytes that are no text" : "line without an end", line);
  }
  if (head_of(line)) {
    return head(line);
  }
  if (open_) {
    return inner(line);
  }
  if (is_elsewhere_) {
    note_pci(line);
    ++counts_.elsewhere;
    return;
  }
  refuse("line without a head", line);
}

void gnb_log_reader::refuse(const std::string& what, std::string_view line)
{
  ++counts_.not_understood;
  remarks_.add(what, where(counts_.lines), line);
}

void gnb_log_reader::head(std::string_view line)
{
  give(false);
  const std::optional<log_head> head = head_of(line);
  is_elsewhere_ = true;
  if (head->slot) {
    highest_slot_ = std::max(highest_slot_, head->slot->slot);
  }
  if (head->layer.ends_with("PHY")) { // also "UPHY"
    return phy_message(head->slot, head->text, line);
  }
  note_pci(line);
  ++counts_.elsewhere;
}

void gnb_log_reader::phy_message(std::optional<slot_id> slot, std::string_view text, std::string_view line)
{
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  if (holds(downlink_kinds, kind)) {
    ++counts_.elsewhere;
    return;
  }
  if (!holds(uplink_kinds, kind)) {
    return refuse("message of the physical layer", line);
  }
  gnb_log_entry entry;
  entry.line = counts_.lines;
  entry.kind = std::string(kind);
  if (!slot) {
    return refuse(entry.kind + " without a slot", line);
  }
  entry.slot = *slot;
  if (!add_pairs(text.substr(colon + 1), entry.fields)) {
    return refuse(entry.kind + ": not key=value", line);
  }
  ++counts_.of_entries;
  open_ = std::move(entry);
}

void gnb_log_reader::inner(std::string_view line)
{
  const bool is_dump = line.starts_with("    ");
  bool is_used = false;
  if (is_dump) {
    is_used = add_bytes(line, open_->bytes);
  } else if (line.starts_with("  ")) {
    const std::string_view text = trimmed(line);
    const std::size_t equal = text.find('=');
    if (equal != std::string_view::npos && equal > 0 && open_->fields.size() < max_fields) {
      open_->fields.insert_or_assign(std::string(text.substr(0, equal)), std::string(text.substr(equal + 1)));
      open_->has_details = is_used = true;
    }
  }
  if (!is_used) {
    return refuse("line inside " + open_->kind, line);
  }
  ++counts_.of_entries;
}

void gnb_log_reader::note_pci(std::string_view line)
{
  const std::size_t at = line.find(" pci=");
  if (at == std::string_view::npos) {
    return;
  }
  std::string_view digits = line.substr(at + 5, 5);
  digits = digits.substr(0, std::min(digits.find_first_not_of("0123456789"), digits.size()));
  std::int32_t pci = -1;
  if (parse_whole(digits, pci) && pci >= 0 && pci <= 1007) {
    has_two_pcis_ = has_two_pcis_ || (pci_ && *pci_ != pci);
    pci_ = pci;
  }
}

void gnb_log_reader::give(bool is_last)
{
  if (open_) {
    open_->is_last = is_last;
    each_(*std::exchange(open_, std::nullopt));
  }
}

void gnb_log_reader::feed(std::string_view part)
{
  while (!part.empty()) {
    const std::size_t end = part.find('\n');
    const bool has_end = end != std::string_view::npos;
    const std::string_view rest = part.substr(0, has_end ? end : part.size());
    is_too_long_ = is_too_long_ || partial_.size() + rest.size() > max_line_bytes;
    partial_.append(is_too_long_ ? "" : rest);
    part.remove_prefix(has_end ? end + 1 : part.size());
    if (has_end) {
      take(partial_, !is_too_long_);
      partial_.clear();
      is_too_long_ = false;
    }
  }
}

void gnb_log_reader::finish()
{
  if (!partial_.empty() || is_too_long_) { // a log that was cut while it was written, or copied
    give(true);
    take(std::exchange(partial_, ""), false);
  }
  give(true);
}

std::optional<std::string> read_gnb_log(const std::string& path, gnb_log_reader& reader)
{
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) {
    return path + ": cannot be opened: " + errno_text(errno);
  }
  std::array<char, 65536> chunk{};
  while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
    reader.feed({chunk.data(), got});
  }
  reader.finish();
  return std::ferror(file.get()) != 0 ? std::optional(path + ": cannot be read: " + errno_text(errno))
                                      : std::nullopt;
}

} // namespace pado::apps
