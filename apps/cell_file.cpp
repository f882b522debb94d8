// SPDX-License-Identifier: Apache-2.0
#include "apps/cell_file.h"
#include "apps/fapi_json.h"
#include "apps/yaml_section.h"
#include "io/sigmf/bounded_json.h"
#include <algorithm>
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

constexpr std::size_t max_cell_bytes = std::size_t{1} << 20U;

/// Keeps the first error of several sections.
void keep(std::optional<error>& first, const std::optional<error>& next)
{
  if (!first) {
    first = next;
  }
}

const char* largest_carrier(numerology scs)
{
  constexpr const char* remarks[] = {"270 for 50 MHz at 15 kHz",
                                     "273 for 100 MHz at 30 kHz",
                                     "135 for 100 MHz at 60 kHz",
                                     "264 for 400 MHz at 120 kHz"};
  return remarks[scs.mu];
}

std::optional<error> read_carrier(yaml_section keys, carrier_config& carrier)
{
  std::size_t mu = static_cast<std::size_t>(carrier.scs.mu);
  keys.read("name", carrier.name);
  keys.require("scs_khz", "must be one of: 15, 30, 60, 120");
  keys.read_choice("scs_khz", mu, {"15", "30", "60", "120"});
  carrier.scs.mu = static_cast<std::int32_t>(mu);
  keys.require("nof_prb", std::string("must be in 1..275 (") + largest_carrier(carrier.scs) + ")");
  keys.read("nof_prb", carrier.nof_prb, {1, max_nof_prb, largest_carrier(carrier.scs)});
  keys.read("grid_start_crb", carrier.grid_start_crb, {0, 2199, ""});
  keys.require("nof_rx_ports", "must be in 1..8");
  keys.read("nof_rx_ports", carrier.nof_rx_ports, {1, 8, ""});
  keys.read("centre_hz", carrier.centre_hz, {0, 100000000000, "0 when unknown"});
  keys.read("phys_cell_id", carrier.phys_cell_id, {0, 1007, ""});
  return keys.finish();
}

void read_eaxc(yaml_section& keys, const char* key, std::int32_t nof_rx_ports, std::vector<std::uint16_t>& to)
{
  std::vector<std::int64_t> ids;
  keys.read(key, ids, {0, 65535, "the whole 16-bit eAxC id"});
  to.assign(ids.begin(), ids.end());
  if (!ids.empty() && static_cast<std::int32_t>(ids.size()) != nof_rx_ports) {
    keys.wrong(key,
               "has " + std::to_string(ids.size()) + " ids, must have one for each of the " +
                   std::to_string(nof_rx_ports) + " ports of carrier.nof_rx_ports");
  }
  std::sort(ids.begin(), ids.end());
  if (const auto twice = std::adjacent_find(ids.begin(), ids.end()); twice != ids.end()) {
    keys.wrong(key, "holds " + std::to_string(*twice) + " twice, each port needs an id of its own");
  }
}

void read_compression(yaml_section& keys, fronthaul_config& fronthaul)
{
  std::size_t method = static_cast<std::size_t>(fronthaul.comp_method);
  std::size_t header = static_cast<std::size_t>(fronthaul.header);
  keys.read_choice("comp_method", method, {"none", "bfp", "block_scaling", "mu_law", "modulation"});
  keys.read("comp_width", fronthaul.comp_width, {1, 16, "bits of one I or Q"});
  keys.read_choice("comp_header", header, {"static", "dynamic"});
  fronthaul.comp_method = static_cast<compression>(method);
  fronthaul.header = static_cast<comp_header>(header);
}

void read_window(yaml_section& keys, fronthaul_config& fronthaul)
{
  if (!keys.has("window_us")) {
    for (const char* key : {"window_from", "outside_window"}) {
      if (keys.has(key)) {
        keys.wrong(key, "stands without window_us, which it is about");
      }
    }
    return;
  }
  ta4_window window;
  std::size_t from = 0;
  std::size_t outside = 0;
  std::vector<std::int64_t> ends;
  keys.read("window_us", ends, {-100000, 100000, ""});
  keys.read_choice("window_from", from, {"symbol_begin", "symbol_end"});
  keys.read_choice("outside_window", outside, {"count", "drop"});
  if (ends.size() != 2 || ends[0] >= ends[1]) {
    keys.wrong("window_us", "must be [begin, end] of Ta4 in microseconds, begin before end, as in [50, 331]");
    return;
  }
  window.begin_us = static_cast<std::int32_t>(ends[0]);
  window.end_us = static_cast<std::int32_t>(ends[1]);
  window.from = static_cast<window_from>(from);
  window.outside = static_cast<outside_window>(outside);
  fronthaul.window = window;
}

void read_clock(yaml_section& keys, fronthaul_config& fronthaul)
{
  if (keys.has("clock")) {
    std::size_t clock = 0;
    keys.read_choice("clock", clock, {"utc", "tai", "fitted"});
    fronthaul.clock = static_cast<packet_clock>(clock);
  }
  keys.read("gps_alpha", fronthaul.gps_alpha, {0, 12287999, "in 1/1.2288 ns, as the RU is set"});
  keys.read("gps_beta", fronthaul.gps_beta, {-32768, 32767, "in 10 ms, as the RU is set"});
  if (fronthaul.clock != packet_clock::fitted) {
    return;
  }
  if (!fronthaul.window) {
    keys.wrong("clock", "is fitted, which needs window_us: the first message is put at its begin");
  } else if (fronthaul.window->outside == outside_window::drop) {
    keys.wrong("outside_window",
               "is drop, must be count with clock: fitted, which does not know what is late");
  }
  for (const char* key : {"gps_alpha", "gps_beta"}) {
    if (keys.has(key)) {
      keys.wrong(key, "stands beside clock: fitted, which takes no offset");
    }
  }
}

std::optional<error>
read_fronthaul(yaml_section keys, const carrier_config& carrier, fronthaul_config& fronthaul)
{
  keys.require("eaxc_pusch", "must be a list with the eAxC id of each rx port, as in [0, 1]");
  read_eaxc(keys, "eaxc_pusch", carrier.nof_rx_ports, fronthaul.eaxc_pusch);
  read_eaxc(keys, "eaxc_prach", carrier.nof_rx_ports, fronthaul.eaxc_prach);
  if (keys.has("eaxc_pusch") && fronthaul.eaxc_pusch.empty()) {
    keys.wrong("eaxc_pusch", "is empty, must have one id for each rx port");
  }
  if (keys.has("vlan")) {
    keys.read("vlan", fronthaul.vlan.emplace(), {0, 4094, "leave it out for untagged or any"});
  }
  read_compression(keys, fronthaul);
  read_window(keys, fronthaul);
  read_clock(keys, fronthaul);
  if (keys.has("udp_port")) {
    keys.read("udp_port", fronthaul.udp_port.emplace(), {1, 65535, "leave it out for eCPRI over Ethernet"});
  }
  return keys.finish();
}

std::optional<error> read_iq(yaml_section keys, const carrier_config& carrier, iq_source_config& iq)
{
  keys.require("sample_rate_hz", "must be a multiple of the subcarrier spacing, as in 122880000");
  keys.read("sample_rate_hz", iq.sample_rate_hz, {1, 10000000000, ""});
  keys.read("fft_size", iq.fft_size, {1, 65536, "sample_rate_hz / scs"});
  keys.read("cfo_hz", iq.cfo_hz, {-1000000, 1000000, "the carrier's offset in the recording"});
  const std::int64_t scs_hz = carrier.scs.scs_hz();
  const std::int64_t size = iq.sample_rate_hz / scs_hz;
  if (iq.sample_rate_hz % scs_hz != 0 || size > 65536 || size < std::int64_t{12} * carrier.nof_prb) {
    keys.wrong("sample_rate_hz",
               "is " + std::to_string(iq.sample_rate_hz) + ", must be a multiple of " +
                   std::to_string(scs_hz) + " Hz (scs) and at least " +
                   std::to_string(scs_hz * 12 * carrier.nof_prb) + " (12 nof_prb scs)");
  } else if (iq.fft_size != 0 && iq.fft_size != size) {
    keys.wrong("fft_size",
               "is " + std::to_string(iq.fft_size) + ", must be " + std::to_string(size) +
                   " (sample_rate_hz / scs), or leave it out");
  }
  iq.fft_size = static_cast<std::int32_t>(std::min<std::int64_t>(size, 65536));
  return keys.finish();
}

std::optional<error> read_tdd(yaml_section keys, const carrier_config& carrier, tdd_config& tdd)
{
  std::string pattern;
  keys.require("pattern", "must be one letter a slot, as in DDDDDDDSUU");
  keys.read("pattern", pattern);
  for (const char letter : pattern.substr(0, 1024)) {
    const std::size_t kind = std::string_view("DSU").find(letter);
    if (kind == std::string_view::npos) {
      keys.wrong("pattern",
                 "has a letter other than D, S and U, must be one letter a slot, as in DDDDDDDSUU");
      break;
    }
    tdd.slots.push_back(static_cast<slot_kind>(kind));
  }
  const std::int32_t two_frames = 2 * carrier.scs.slots_per_frame();
  if (!tdd.slots.empty() && two_frames % static_cast<std::int32_t>(tdd.slots.size()) != 0) {
    keys.wrong("pattern",
               "has " + std::to_string(tdd.slots.size()) + " slots, must divide the " +
                   std::to_string(two_frames) + " slots of 20 ms");
  }
  keys.read("special_downlink_symbols", tdd.special_downlink_symbols, {0, nof_symbols_per_slot, ""});
  keys.read("special_uplink_symbols", tdd.special_uplink_symbols, {0, nof_symbols_per_slot, ""});
  if (tdd.special_downlink_symbols + tdd.special_uplink_symbols > nof_symbols_per_slot) {
    keys.wrong("special_uplink_symbols",
               "is " + std::to_string(tdd.special_uplink_symbols) + ", must be at most " +
                   std::to_string(nof_symbols_per_slot - tdd.special_downlink_symbols) +
                   " (14 - special_downlink_symbols)");
  }
  return keys.finish();
}

std::optional<error> read_grant(yaml_section keys, const carrier_config& carrier, static_grant& grant)
{
  std::vector<std::int64_t> slots;
  keys.require("slots", "must be a list of slots of the frame, as in [8, 9]");
  keys.read("slots", slots, {0, carrier.scs.slots_per_frame() - 1, "slot of the frame"});
  grant.slots.assign(slots.begin(), slots.end());
  keys.require("fapi", "must be the fields of a PUSCH as in a schedule");
  const std::string fapi = keys.flat_json("fapi");
  if (auto failure = keys.finish()) {
    return failure;
  }
  const std::string where = keys.where("fapi");
  const auto json = io::parse_bounded_json(fapi, where, {max_cell_bytes, 2});
  if (!json) {
    return json.failure();
  }
  const auto pdu = parse_pusch_fapi(json.value(), where);
  if (!pdu) {
    return pdu.failure();
  }
  if (const auto* unsupported = std::get_if<unsupported_pdu>(&pdu.value())) {
    return error{where, "is not decoded: " + unsupported->why};
  }
  grant.pusch = std::get<pusch_pdu>(pdu.value());
  return std::nullopt;
}

std::optional<error> read_rest(yaml_section& top, cell_config& cell)
{
  std::optional<error> failure;
  if (auto keys = top.block("receiver")) {
    keys->read("ldpc_iterations", cell.receiver.ldpc_iterations, {1, 50, ""});
    keep(failure, keys->finish());
  }
  if (auto keys = top.block("model")) {
    model_settings& model = cell.model.emplace();
    keys->require("path", "must name an ONNX file");
    keys->read("path", model.path);
    keys->read("budget_us", model.budget_us, {1, 10000, ""});
    keep(failure, keys->finish());
  }
  if (auto keys = top.block("mac")) {
    keys->read("k2", cell.mac.k2, {0, 32, "slots"});
    keys->read("max_ues_per_slot", cell.mac.max_ues_per_slot, {1, 64, ""});
    keys->read("min_prb", cell.mac.min_prb, {1, max_nof_prb, ""});
    std::vector<std::int64_t> ues;
    keys->read("ues", ues, {1, 65519, "RNTI"});
    cell.mac.ues.assign(ues.begin(), ues.end());
    keep(failure, keys->finish());
  }
  if (auto keys = top.block("link")) {
    keep(failure, read_radio_link(std::move(*keys), cell.link.emplace()));
  }
  for (yaml_section& keys : top.blocks("prach")) {
    keep(failure, read_prach(std::move(keys), cell.carrier.scs.slots_per_frame(), cell.prach.emplace_back()));
  }
  for (yaml_section& keys : top.blocks("static_grants")) {
    keep(failure, read_grant(std::move(keys), cell.carrier, cell.static_grants.emplace_back()));
  }
  return failure;
}

/// Samples come from one place.
void check_source(yaml_section& top, const cell_config& cell)
{
  const bool has_iq = top.has("iq");
  if (has_iq && top.has("fronthaul")) {
    top.wrong("iq", "stands beside fronthaul, must be one of the two: samples come from one of them");
  } else if (cell.has_grid && (has_iq || top.has("fronthaul"))) {
    top.wrong("grid", "stands beside fronthaul or iq, must be one of them: samples come from one of them");
  } else if (!has_iq && !cell.has_grid) {
    top.require("fronthaul",
                "must be there (O-RAN packets), or iq (time-domain samples), or grid: yes (a grid capture)");
  }
}

std::optional<error> read_cell(yaml_section top, cell_config& cell)
{
  std::optional<error> failure;
  for (const char* key : {"carrier",
                          "fronthaul",
                          "iq",
                          "grid",
                          "tdd",
                          "receiver",
                          "model",
                          "mac",
                          "link",
                          "prach",
                          "static_grants"}) {
    top.has(key); // known also when an error below ends the reading early
  }
  top.require("carrier", "must be a block with scs_khz, nof_prb and nof_rx_ports");
  if (auto keys = top.block("carrier")) {
    keep(failure, read_carrier(std::move(*keys), cell.carrier));
  }
  // What follows is checked against the carrier: with a wrong one only its own error is worth saying.
  if (!failure && top.has("carrier")) {
    if (auto keys = top.block("fronthaul")) {
      keep(failure, read_fronthaul(std::move(*keys), cell.carrier, cell.fronthaul.emplace()));
    }
    if (auto keys = top.block("iq")) {
      keep(failure, read_iq(std::move(*keys), cell.carrier, cell.iq.emplace()));
    }
    if (auto keys = top.block("tdd")) {
      keep(failure, read_tdd(std::move(*keys), cell.carrier, cell.tdd.emplace()));
    }
    std::size_t has_grid = 0;
    top.read_choice("grid", has_grid, {"no", "yes"});
    cell.has_grid = has_grid != 0;
    keep(failure, read_rest(top, cell));
    check_source(top, cell);
    const auto own = top.finish();
    return own && own->what.find("unknown key") == 0 ? own : (failure ? failure : own);
  }
  return failure ? failure : top.finish();
}

} // namespace

result<cell_config> parse_cell_file(std::string_view text, const std::string& name)
{
  cell_config cell;
  const auto use = [](yaml_section top, void* to) {
    return read_cell(std::move(top), *static_cast<cell_config*>(to));
  };
  if (const auto failure = with_yaml(text, name, use, &cell)) {
    return *failure;
  }
  return cell;
}

result<cell_config> read_cell_file(const std::string& path)
{
  const auto text = io::read_text_file(path, max_cell_bytes);
  if (!text) {
    return text.failure();
  }
  return parse_cell_file(text.value(), path);
}

std::uint16_t uplink_symbols(const cell_config& cell, slot_id slot)
{
  constexpr std::uint32_t all = (1U << nof_symbols_per_slot) - 1;
  if (!cell.tdd || cell.tdd->slots.empty()) {
    return static_cast<std::uint16_t>(all);
  }
  const auto number =
      static_cast<std::size_t>((slot.sfn % 2) * cell.carrier.scs.slots_per_frame() + slot.slot);
  switch (cell.tdd->slots[number % cell.tdd->slots.size()]) {
  case slot_kind::uplink:
    return static_cast<std::uint16_t>(all);
  case slot_kind::special:
    return static_cast<std::uint16_t>(all &
                                      ~(all >> static_cast<unsigned>(cell.tdd->special_uplink_symbols)));
  default:
    return 0;
  }
}

} // namespace pado::apps
