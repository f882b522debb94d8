// SPDX-License-Identifier: Apache-2.0
#include "apps/top_view.h"
#include "apps/terminal.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <map>

namespace pado::apps {

namespace {

/// A part of the screen: the first line is its heading.
struct section {
  std::vector<std::string> lines;
  int least = 2; ///< lines to show before others get more
};

/// All but 2 of a million are not 100.00 %.
std::string percent(std::uint64_t part, std::uint64_t all)
{
  const double value = 100.0 * static_cast<double>(part) / static_cast<double>(all);
  return all == 0 ? "-" : part < all && value > 99.99 ? ">99.99 %" : fmt::format("{:.2f} %", value);
}

std::string count(std::uint64_t value)
{
  return grouped(
      static_cast<std::int64_t>(std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max())));
}

/// Growth a second, "-" without an earlier status.
std::string rate(std::uint64_t now, std::uint64_t before, double seconds)
{
  return seconds > 0.0 && now >= before ? grouped(std::llround(static_cast<double>(now - before) / seconds))
                                        : "-";
}

std::vector<std::string> lines_of(const text_table& table)
{
  std::vector<std::string> out;
  const std::string text = table.text();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

text_table table_of(std::string first, std::initializer_list<const char*> others)
{
  std::vector<text_table::column> columns = {{std::move(first), text_table::align::left}};
  for (const char* heading : others) {
    columns.push_back({heading, text_table::align::right});
  }
  return text_table(std::move(columns));
}

double seconds_between(const live_status* before, const live_status& now)
{
  return before == nullptr ? 0.0 : static_cast<double>(now.now_ns - before->now_ns) / 1e9;
}

section head(const live_status& now, const live_status* before, const top_screen& screen)
{
  const std::int64_t up_s = std::max<std::int64_t>(0, (now.now_ns - now.started_ns) / 1000000000);
  section out;
  out.lines.push_back(fmt::format("pado top {}  {} for {}:{:02}:{:02}  {}  {}",
                                  screen.where,
                                  now.state,
                                  up_s / 3600,
                                  up_s / 60 % 60,
                                  up_s % 60,
                                  now.backend,
                                  now.port));
  for (std::size_t i = 0; i < now.cells.size(); ++i) {
    const live_status::cell_status& cell = now.cells[i];
    const bool has_before = before != nullptr && i < before->cells.size();
    out.lines.push_back(fmt::format(
        "{} {}.{} {} PRB  slots/s {}  incomplete {}  shed {}  late {}  TB ok {}",
        cell.name,
        cell.now.sfn,
        cell.now.slot,
        cell.nof_prb,
        has_before ? rate(cell.slots_decoded, before->cells[i].slots_decoded, seconds_between(before, now))
                   : "-",
        count(cell.slots_incomplete),
        count(cell.slots_shed),
        count(cell.deadline_misses),
        percent(cell.nof_tb - std::min(cell.nof_tb, cell.nof_tb_failed), cell.nof_tb)));
  }
  out.least = static_cast<int>(std::min<std::size_t>(out.lines.size(), 3));
  return out;
}

std::uint64_t dropped_before(const live_status* before, std::size_t law, const std::string& reason)
{
  if (before == nullptr || law >= before->laws.size()) {
    return 0;
  }
  for (const auto& [name, value] : before->laws[law].dropped) {
    if (name == reason) {
      return value;
    }
  }
  return 0;
}

/// "! frames: unknown_flow 15 (0/s)", as many reasons a line as fit.
void add_reasons(std::vector<std::string>& lines,
                 const live_status& now,
                 const live_status* before,
                 int columns)
{
  std::string line;
  for (std::size_t i = 0; i < now.laws.size(); ++i) {
    const bool has_before = before != nullptr && i < before->laws.size();
    bool is_first = true;
    for (const auto& [reason, value] : now.laws[i].dropped) {
      if (value == 0) {
        continue;
      }
      const std::string per_s =
          has_before
              ? fmt::format(" ({}/s)",
                            rate(value, dropped_before(before, i, reason), seconds_between(before, now)))
              : "";
      const std::string item =
          fmt::format("{}{} {}{}", is_first ? now.laws[i].what + ": " : "", reason, count(value), per_s);
      is_first = false;
      if (!line.empty() && line.size() + 2 + item.size() > static_cast<std::size_t>(columns)) {
        lines.push_back(line);
        line.clear();
      }
      line += (line.empty() ? "  ! " : ", ") + item;
    }
  }
  lines.push_back(line.empty() ? "  nothing dropped" : line);
}

section packets(const live_status& now, const live_status* before, int columns)
{
  text_table table = table_of("PACKETS", {"received", "per s", "accepted", "per s", "dropped", "per s"});
  const auto dropped_of = [](const law_status& law) {
    std::uint64_t all = 0;
    for (const auto& [reason, value] : law.dropped) {
      all += value;
    }
    return all;
  };
  for (std::size_t i = 0; i < now.laws.size(); ++i) {
    const law_status& law = now.laws[i];
    const bool has_before = before != nullptr && i < before->laws.size();
    const law_status none;
    const law_status& old = has_before ? before->laws[i] : none;
    const double seconds = has_before ? seconds_between(before, now) : 0.0;
    table.add_row({law.what,
                   count(law.received),
                   rate(law.received, old.received, seconds),
                   count(law.accepted),
                   rate(law.accepted, old.accepted, seconds),
                   count(dropped_of(law)),
                   rate(dropped_of(law), dropped_of(old), seconds)});
  }
  section out;
  out.lines = lines_of(table);
  out.least = static_cast<int>(std::min<std::size_t>(out.lines.size(), 4)) + 1;
  add_reasons(out.lines, now, before, columns);
  return out;
}

/// Eight heights from nothing to full, on a log axis: one late packet in a million must be seen.
std::string bars(const std::vector<std::uint64_t>& bins, const flow_status& flow, const top_screen& screen)
{
  constexpr std::array<const char*, 9> blocks = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::string_view plain = " .:-=+*#@";
  const std::uint64_t most = bins.empty() ? 0 : *std::max_element(bins.begin(), bins.end());
  const double scale = std::log1p(static_cast<double>(most));
  std::string out;
  const std::size_t window_end =
      flow.bin_us > 0
          ? 8 + static_cast<std::size_t>(
                    (std::max(0, flow.window_end_us - flow.window_begin_us) + flow.bin_us - 1) / flow.bin_us)
          : 8;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    out += i == 8 || i == window_end ? "|" : "";
    const std::size_t level =
        bins[i] == 0 ? 0
                     : std::max<std::size_t>(1,
                                             static_cast<std::size_t>(std::lround(
                                                 8.0 * std::log1p(static_cast<double>(bins[i])) / scale)));
    out += screen.has_unicode ? std::string(blocks[level]) : std::string(1, plain[level]);
  }
  return out;
}

section windows(const live_status& now, const top_screen& screen)
{
  section out;
  out.lines.push_back("  WINDOW eAxC   early  on time    late  arrivals, log; |window|");
  for (const flow_status& flow : now.flows) {
    const std::uint64_t all = flow.on_time + flow.early + flow.late;
    out.lines.push_back(fmt::format("  {}{:<2} {:>5}{} {:>7} {:>9} {:>7}  {}",
                                    flow.late + flow.early != 0 ? "! c" : "  c",
                                    flow.cell,
                                    flow.eaxc,
                                    flow.is_prach ? "P" : " ",
                                    count(flow.early),
                                    percent(flow.on_time, all),
                                    count(flow.late),
                                    bars(flow.arrivals, flow, screen)));
  }
  out.least = 3;
  return out;
}

using ue_letters = std::map<std::pair<std::int32_t, std::uint16_t>, char>;

/// A to Z in the order of the table; the rest share '#'.
ue_letters letters_of(const live_status& now)
{
  ue_letters out;
  for (const ue_status& ue : now.ues) {
    const char letter = out.size() < 26 ? static_cast<char>('A' + out.size()) : '#';
    out.emplace(std::make_pair(ue.cell, ue.rnti), letter);
  }
  return out;
}

section ues(const live_status& now, const ue_letters& letters)
{
  text_table table = table_of(
      "UE", {"SINR dB", "MCS", "layers", "BLER %", "Mbit/s", "TA us", "CFO Hz", "blocks", "failed", "DTX"});
  for (const ue_status& ue : now.ues) {
    const double bler =
        100.0 * static_cast<double>(ue.nof_tb_recent_failed) / static_cast<double>(ue.nof_tb_recent);
    const std::string cell = now.cells.size() > 1 ? fmt::format(" c{}", ue.cell) : "";
    table.add_row({fmt::format("{} 0x{:04x}{}", letters.at({ue.cell, ue.rnti}), ue.rnti, cell),
                   fmt::format("{:.1f}", ue.sinr_db),
                   std::to_string(ue.mcs_index),
                   std::to_string(ue.nof_layers),
                   ue.nof_tb_recent == 0 ? "-" : fmt::format("{:.1f}", bler),
                   fmt::format("{:.1f}", ue.throughput_mbps),
                   fmt::format("{:.2f}", ue.ta_us),
                   fmt::format("{:+.0f}", ue.cfo_hz),
                   count(ue.nof_tb),
                   count(ue.nof_tb_failed),
                   count(ue.nof_dtx)});
  }
  return {lines_of(table), 3};
}

section latencies(const live_status& now)
{
  text_table table = table_of("LATENCY us", {"p50", "p99", "p99.9", "max", "count"});
  const auto us = [](std::int64_t ns) { return fmt::format("{:.1f}", static_cast<double>(ns) / 1000.0); };
  for (const histogram_status& latency : now.latencies) {
    table.add_row({latency.name,
                   us(latency.p50_ns),
                   us(latency.p99_ns),
                   us(latency.p999_ns),
                   us(latency.max_ns),
                   count(latency.count)});
  }
  return {lines_of(table), 3};
}

/// What a grant looks like: upper case decoded, lower case failed, '?' waiting, '-' not received.
char mark_of(const grant_status& grant, const ue_letters& letters)
{
  const auto found = letters.find({grant.cell, grant.rnti});
  const char letter = found == letters.end() ? '#' : found->second;
  switch (grant.state) {
  case grant_status::outcome::decoded:
    return letter;
  case grant_status::outcome::failed:
    return letter == '#' ? '%' : static_cast<char>(letter - 'A' + 'a');
  case grant_status::outcome::waiting:
    return '?';
  case grant_status::outcome::not_received:
    break;
  }
  return '-';
}

/// Slots to the right, groups of PRBs downwards from the highest; what begins or ends inside a group fills
/// it.
section prb_map(const live_status& now, const ue_letters& letters, const top_screen& screen, int nof_lines)
{
  section out;
  out.least = 4;
  out.lines.push_back("  GRANTS of cell 0, slot by PRB: A decoded, a failed, ? waiting, - not received");
  std::vector<slot_id> slots;
  for (const grant_status& grant : now.grants) {
    if (grant.cell == 0 && std::find(slots.begin(), slots.end(), grant.slot) == slots.end()) {
      slots.push_back(grant.slot);
    }
  }
  const int nof_prb = now.cells.empty() ? 0 : now.cells[0].nof_prb;
  const auto width = static_cast<std::size_t>(std::max(8, screen.columns - 8));
  const std::size_t first = slots.size() > width ? slots.size() - width : 0;
  nof_lines = std::clamp(nof_lines, 1, std::max(1, nof_prb));
  std::vector<std::string> map(static_cast<std::size_t>(nof_lines), std::string(slots.size() - first, ' '));
  for (const grant_status& grant : now.grants) {
    const auto at =
        static_cast<std::size_t>(std::find(slots.begin(), slots.end(), grant.slot) - slots.begin());
    if (grant.cell != 0 || nof_prb == 0 || at < first) {
      continue;
    }
    const int begin = grant.prbs.begin * nof_lines / nof_prb;
    const int end = std::min((grant.prbs.end * nof_lines + nof_prb - 1) / nof_prb, nof_lines);
    for (int line = begin; line < end; ++line) {
      map[static_cast<std::size_t>(nof_lines - 1 - line)][at - first] = mark_of(grant, letters);
    }
  }
  for (int line = 0; line < nof_lines; ++line) {
    const int lowest_prb = (nof_lines - 1 - line) * nof_prb / nof_lines;
    out.lines.push_back(fmt::format("  {:>4} {}", lowest_prb, map[static_cast<std::size_t>(line)]));
  }
  return out;
}

/// Rows for each section: the least, then what is left from the top down, one line at a time.
std::vector<int> share_rows(const std::vector<section>& sections, int rows)
{
  std::vector<int> out;
  int left = rows;
  for (const section& part : sections) {
    const int all = static_cast<int>(part.lines.size());
    out.push_back(std::clamp(rows == 0 ? all : std::min(all, part.least), 0, rows == 0 ? all : left));
    left -= out.back();
  }
  bool is_changed = rows != 0;
  while (left > 0 && is_changed) {
    is_changed = false;
    for (std::size_t i = 0; i < sections.size() && left > 0; ++i) {
      if (out[i] < static_cast<int>(sections[i].lines.size())) {
        ++out[i];
        --left;
        is_changed = true;
      }
    }
  }
  return out;
}

/// At most `columns` characters; a character may have several bytes.
std::string cut_to(const std::string& line, int columns)
{
  std::string out;
  int width = 0;
  for (const char c : line) {
    width += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    if (width > columns) {
      break;
    }
    out += c;
  }
  return out;
}

std::string styled(const std::string& line, bool is_heading)
{
  const std::size_t first = line.find_first_not_of(' ');
  const bool is_marked = first != std::string::npos && line[first] == '!';
  return is_heading ? "\x1b[1m" + line + "\x1b[0m" : is_marked ? "\x1b[31m" + line + "\x1b[0m" : line;
}

} // namespace

std::string top_frame(const live_status& now, const live_status* before, const top_screen& screen)
{
  const ue_letters letters = letters_of(now);
  const int most_map_lines = screen.rows == 0 ? 14 : 21;
  std::vector<section> sections = {head(now, before, screen),
                                   packets(now, before, screen.columns),
                                   latencies(now),
                                   ues(now, letters),
                                   windows(now, screen),
                                   prb_map(now, letters, screen, most_map_lines)};
  const std::vector<int> rows = share_rows(sections, screen.rows);
  sections.back() =
      prb_map(now, letters, screen, std::max(rows.back() - 1, 1)); // drawn for the lines that it got
  std::string out;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const std::vector<std::string>& lines = sections[i].lines;
    const auto shown = static_cast<std::size_t>(rows[i]);
    for (std::size_t line = 0; line < shown && line < lines.size(); ++line) {
      const bool is_cut = line + 1 == shown && shown < lines.size() && line > 0;
      const std::string text =
          cut_to(is_cut ? fmt::format("  ... {} more", lines.size() - line) : lines[line], screen.columns);
      out += (screen.is_styled ? styled(text, line == 0) : text) + "\n";
    }
  }
  return out;
}

} // namespace pado::apps
