// SPDX-License-Identifier: Apache-2.0
#include "apps/schedule_file.h"
#include "apps/fapi_json.h"
#include "apps/schedule_json.h"
#include "apps/sha256.h"
#include "io/sigmf/bounded_json.h"
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace pado::apps {

using nlohmann::json;

namespace {

constexpr std::size_t max_schedule_bytes = std::size_t{1} << 30U;
constexpr std::size_t max_line_bytes = std::size_t{16} << 20U;
constexpr int max_line_depth = 16;
constexpr std::size_t max_pdus = 1024;

int digit_of(char c)
{
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::vector<std::uint8_t>> from_hex(const std::string& text)
{
  std::vector<std::uint8_t> bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit_of(text[2 * i]);
    const int low = digit_of(text[2 * i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return text.size() % 2 == 0 ? std::optional(bytes) : std::nullopt;
}

std::string to_hex(const std::vector<std::uint8_t>& bytes)
{
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4U];
    text += "0123456789abcdef"[byte & 0xFU];
  }
  return text;
}

std::string stripped(std::string_view line)
{
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!line.empty() && is_space(line.back())) {
    line.remove_suffix(1);
  }
  while (!line.empty() && is_space(line.front())) {
    line.remove_prefix(1);
  }
  return std::string(line);
}

result<scheduled_slot> parse_line(const std::string& line, const std::string& where)
{
  const auto parsed = io::parse_bounded_json(line, where, {max_line_bytes, max_line_depth});
  if (!parsed) {
    return parsed.failure();
  }
  if (!parsed.value().is_object()) {
    return error{where + ":", "is " + shown(parsed.value()) + ", must be an object with sfn, slot and pdus"};
  }
  auto slot = parse_slot(parsed.value(), where + ": ");
  if (!slot) {
    return slot;
  }
  const auto sample = json_object(parsed.value(), where + ": ").whole_or("sample", 0, INT64_MAX, -1);
  if (!sample) {
    return sample.failure();
  }
  if (sample.value() >= 0) {
    slot.value().sample = sample.value();
  }
  return slot;
}

/// A list of bits, when there is one; null says nothing.
result<std::optional<std::vector<std::uint8_t>>>
parse_bits(const json_object& object, const char* key, std::size_t nof_bits)
{
  const json* value = object.find(key);
  if (value == nullptr || value->is_null()) {
    return std::optional<std::vector<std::uint8_t>>();
  }
  const auto is_bit = [](const json& bit) { return bit == 0 || bit == 1; };
  if (!value->is_array() || value->size() != nof_bits || !std::all_of(value->begin(), value->end(), is_bit)) {
    return object.wrong(key,
                        "is " + shown(*value) + ", must be a list of " + std::to_string(nof_bits) +
                            " bits 0 or 1, as many as the PDU carries");
  }
  std::vector<std::uint8_t> bits;
  for (const json& bit : *value) {
    bits.push_back(bit.get<std::uint8_t>());
  }
  return std::optional(bits);
}

std::optional<error>
parse_uci_expectation(const json_object& object, const pusch_uci& uci, pdu_expectation& out)
{
  const struct {
    const char* key;
    std::size_t nof_bits;
    std::optional<std::vector<std::uint8_t>>& to;
  } streams[] = {{"harq_ack_bits", uci.harq_ack_bits, out.harq_ack},
                 {"csi_part1_bits", uci.csi1_bits, out.csi1},
                 {"csi_part2_bits", uci.csi2_bits, out.csi2}};
  for (const auto& stream : streams) {
    auto bits = parse_bits(object, stream.key, stream.nof_bits);
    if (!bits) {
      return bits.failure();
    }
    if (stream.nof_bits > 0) {
      stream.to = std::move(bits).value();
    }
  }
  return std::nullopt;
}

} // namespace

result<pdu_expectation>
parse_expectation(const json& expected, const std::string& where, const pusch_pdu& pdu)
{
  if (!expected.is_object()) {
    return error{where, "is " + shown(expected) + ", must be an object"};
  }
  const json_object object(expected, where + ".");
  pdu_expectation out;
  const auto transmitted = object.truth("transmitted");
  const auto payload = object.text("payload_hex");
  const auto digest = object.text("payload_sha256");
  if (!transmitted || !payload || !digest) {
    return !transmitted ? transmitted.failure() : (!payload ? payload.failure() : digest.failure());
  }
  out.transmitted = transmitted.value();
  for (const char* key : {"crc_ok", "reference_tb_crc_ok", "gnb_tb_crc_ok"}) {
    const auto crc = object.truth(key);
    if (!crc) {
      return crc.failure();
    }
    out.crc_ok = out.crc_ok ? out.crc_ok : crc.value();
  }
  if (auto bad = parse_uci_expectation(object, pdu.uci, out)) {
    return *bad;
  }
  if (!payload.value()) {
    return out;
  }
  out.payload = from_hex(*payload.value());
  if (!out.payload) {
    return object.wrong("payload_hex", "must be pairs of hexadecimal digits");
  }
  if (out.payload->size() != pdu.tb_size_bytes) {
    return object.wrong("payload_hex",
                        "has " + std::to_string(out.payload->size()) + " bytes, must have " +
                            std::to_string(pdu.tb_size_bytes) + " (TBSize)");
  }
  if (digest.value() && *digest.value() != sha256_hex(*out.payload)) {
    return object.wrong("payload_sha256", "is not that of payload_hex");
  }
  return out;
}

namespace {

/// Numbers of `gnb_figures`; null says nothing, keys that are not compared are passed over.
result<reference_figures> parse_figures(const json& figures, const std::string& where)
{
  reference_figures out;
  const std::pair<const char*, std::optional<double>*> keys[] = {{"sinr_db", &out.sinr_db},
                                                                 {"t_align_us", &out.ta_us},
                                                                 {"cfo_hz", &out.cfo_hz},
                                                                 {"ldpc_iterations", &out.ldpc_iterations}};
  const json_object object(figures, where + ".");
  for (const auto& [key, to] : keys) {
    const json* value = object.find(key);
    if (value == nullptr || value->is_null()) {
      continue;
    }
    if (!value->is_number() || std::abs(value->get<double>()) > 1e9) {
      return object.wrong(key, "is " + shown(*value) + ", must be a number or null");
    }
    *to = value->get<double>();
  }
  return out;
}

} // namespace

result<scheduled_slot> parse_slot(const json& object, const std::string& where)
{
  const json_object keys(object, where);
  const auto sfn = keys.whole("sfn", 0, nof_sfn - 1);
  if (!sfn) {
    return sfn.failure();
  }
  const auto number = keys.whole("slot", 0, 159);
  if (!number) {
    return number.failure();
  }
  scheduled_slot slot;
  slot.plan.slot = {static_cast<std::int32_t>(sfn.value()), static_cast<std::int32_t>(number.value())};
  const json* pdus = keys.find("pdus");
  if (pdus == nullptr || !pdus->is_array() || pdus->size() > max_pdus) {
    const std::string right = "must be a list of at most " + std::to_string(max_pdus) + " PDUs";
    return keys.wrong("pdus", pdus == nullptr ? "is missing, " + right : "is " + shown(*pdus) + ", " + right);
  }
  for (std::size_t i = 0; i < pdus->size(); ++i) {
    const json& entry = (*pdus)[i];
    const std::string at = where + "pdus[" + std::to_string(i) + "]";
    auto pdu = parse_pdu(entry, at);
    if (!pdu) {
      return pdu.failure();
    }
    if (auto* unsupported = std::get_if<unsupported_pdu>(&pdu.value())) {
      slot.plan.unsupported.push_back(*unsupported);
      continue;
    }
    slot.plan.pusch.push_back(std::get<pusch_pdu>(pdu.value()));
    slot.pdu_index.push_back(static_cast<std::int32_t>(i));
    pdu_expectation expected;
    if (const auto found = entry.find("expected"); found != entry.end()) {
      auto got = parse_expectation(*found, at + ".expected", slot.plan.pusch.back());
      if (!got) {
        return got.failure();
      }
      expected = std::move(got).value();
    }
    if (const auto found = entry.find("gnb_figures"); found != entry.end()) {
      const auto got = parse_figures(*found, at + ".gnb_figures");
      if (!got) {
        return got.failure();
      }
      expected.figures = got.value();
    }
    slot.expected.push_back(std::move(expected));
  }
  return slot;
}

result<schedule> parse_schedule(std::string_view text, const std::string& name)
{
  schedule out;
  std::int32_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    const std::string line = stripped(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) {
      continue;
    }
    auto slot = parse_line(line, name + ":" + std::to_string(number));
    if (!slot) {
      return slot.failure();
    }
    slot.value().line = number;
    out.nof_pusch += static_cast<std::int64_t>(slot.value().plan.pusch.size());
    out.nof_unsupported += static_cast<std::int64_t>(slot.value().plan.unsupported.size());
    out.slots.push_back(std::move(slot).value());
  }
  if (out.slots.empty()) {
    return error{name + ":", "holds no slot, expected one JSON object a line with sfn, slot and pdus"};
  }
  return out;
}

result<schedule> read_schedule(const std::string& path)
{
  const auto text = io::read_text_file(path, max_schedule_bytes);
  if (!text) {
    return text.failure();
  }
  return parse_schedule(text.value(), path == "-" ? "standard input" : path);
}

std::string write_schedule_line(const scheduled_slot& slot, numerology scs)
{
  nlohmann::ordered_json line;
  line["sfn"] = slot.plan.slot.sfn;
  line["slot"] = slot.plan.slot.slot;
  if (slot.sample) {
    line["sample"] = *slot.sample;
  }
  line["pdus"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < slot.plan.pusch.size(); ++i) {
    nlohmann::ordered_json pdu;
    pdu["pdu"] = "PUSCH";
    pdu["fapi"] = pusch_to_fapi(slot.plan.pusch[i], scs);
    const pdu_expectation& expected = i < slot.expected.size() ? slot.expected[i] : pdu_expectation();
    nlohmann::ordered_json truth = nlohmann::ordered_json::object();
    if (expected.transmitted) {
      truth["transmitted"] = *expected.transmitted;
    }
    if (expected.crc_ok) {
      truth["crc_ok"] = *expected.crc_ok;
    }
    if (expected.payload) {
      truth["payload_hex"] = to_hex(*expected.payload);
    }
    for (const auto& [key, bits] : {std::pair("harq_ack_bits", &expected.harq_ack),
                                    std::pair("csi_part1_bits", &expected.csi1),
                                    std::pair("csi_part2_bits", &expected.csi2)}) {
      if (*bits) {
        truth[key] = **bits;
      }
    }
    if (!truth.empty()) {
      pdu["expected"] = truth;
    }
    line["pdus"].push_back(pdu);
  }
  return line.dump() + "\n";
}

} // namespace pado::apps
