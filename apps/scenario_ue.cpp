// SPDX-License-Identifier: Apache-2.0
#include "apps/scenario_ue.h"
#include "mac/mcs/mcs_table.h"
#include <charconv>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <type_traits>

namespace pado::apps {

namespace {

std::string text_of(double value)
{
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), "%g", value);
  return buffer;
}

void read_channel(yaml_section& keys, ue_config& ue)
{
  std::size_t model = 0;
  std::size_t correlation = 0;
  keys.read_choice("channel", model, {"awgn", "fixed", "tdla30", "tdlb100", "tdlc300"});
  keys.read_choice("correlation", correlation, {"low", "medium", "high"});
  ue.channel = static_cast<phy::channel_model>(model);
  ue.correlation = static_cast<phy::mimo_correlation>(correlation);
  keys.read("doppler_hz", ue.doppler_hz, {0, 20000, "largest Doppler shift"});
  keys.read("cfo_hz", ue.cfo_hz, {-100000, 100000, ""});
  keys.read("delay_ns", ue.delay_ns, {-10000, 90000, "positive: late"});
  std::vector<std::int64_t> delays = {0};
  std::vector<std::int64_t> powers = {0};
  keys.read("taps_ns", delays, {0, 10000, "delay of a path"});
  keys.read("taps_db", powers, {-60, 0, "power of a path"});
  if (ue.channel != phy::channel_model::fixed_taps && (keys.has("taps_ns") || keys.has("taps_db"))) {
    keys.wrong("taps_ns", "stands beside a channel other than fixed, which has taps of its own");
  }
  if (delays.size() != powers.size() || delays.empty() || delays.size() > phy::max_channel_taps) {
    keys.wrong("taps_ns", "and taps_db must have the same number of entries, 1..32");
    return;
  }
  for (std::size_t i = 0; i < delays.size(); ++i) {
    const float power = std::pow(10.0F, 0.1F * static_cast<float>(powers[i]));
    ue.taps.push_back({1e-9 * static_cast<double>(delays[i]), power});
  }
}

void read_allocation(yaml_section& keys, const carrier_config& carrier, ue_config& ue)
{
  std::int32_t nof_prb = 0;
  std::size_t allocation = 0;
  keys.read("first_prb", ue.prbs.begin, {0, carrier.nof_prb - 1, "PRB of the carrier grid"});
  keys.require("nof_prb", "must be in 1.." + std::to_string(carrier.nof_prb));
  keys.read(
      "nof_prb", nof_prb, {1, carrier.nof_prb - ue.prbs.begin, "from first_prb to the end of the carrier"});
  ue.prbs.end = ue.prbs.begin + nof_prb;
  keys.read_choice("allocation", allocation, {"fixed", "random"});
  ue.is_random_allocation = allocation == 1;
  keys.read("start_symbol", ue.start_symbol, {0, nof_symbols_per_slot - 1, ""});
  ue.nof_symbols = nof_symbols_per_slot - ue.start_symbol;
  keys.read("nof_symbols",
            ue.nof_symbols,
            {1, nof_symbols_per_slot - ue.start_symbol, "from start_symbol to the slot's end"});
  keys.read("every", ue.every, {1, 10000, "uplink slots"});
  keys.read("offset", ue.offset, {0, 10000, "uplink slots"});
  read_real(keys, "silent_percent", ue.silent_percent, {0.0, 100.0});
}

void read_mcs(yaml_section& keys, ue_config& ue)
{
  std::size_t table = 0;
  keys.read_choice("mcs_table", table, {"64qam", "256qam", "64qam_low_se"});
  ue.mcs_table = static_cast<std::int32_t>(table);
  const int last = mac::nof_mcs(ue.mcs_table) - 1;
  keys.require("mcs", "must be in 0.." + std::to_string(last));
  keys.read("mcs", ue.mcs_lowest, {0, last, "of the UE's mcs_table"});
  ue.mcs_highest = ue.mcs_lowest;
  keys.read("mcs_highest", ue.mcs_highest, {ue.mcs_lowest, last, "from mcs on"});
  std::vector<std::int64_t> rv = {0};
  keys.read("rv", rv, {0, 3, "redundancy version"});
  if (rv.empty() || rv.size() > 16) {
    keys.wrong("rv", "must have 1..16 redundancy versions, as in [0, 2, 3, 1]");
  }
  ue.rv.assign(rv.begin(), rv.end());
  keys.read("harq_processes", ue.harq_processes, {1, 16, ""});
}

void read_dmrs_ports(yaml_section& keys, ue_config& ue)
{
  std::vector<std::int64_t> ports(static_cast<std::size_t>(ue.nof_layers));
  std::iota(ports.begin(), ports.end(), 0);
  keys.read("ports", ports, {0, 3, "DM-RS port"});
  ue.dmrs_ports = 0;
  for (const std::int64_t port : ports) {
    ue.dmrs_ports = static_cast<std::uint16_t>(ue.dmrs_ports | 1U << port);
  }
  int nof_ports = 0;
  for (int port = 0; port < 4; ++port) {
    nof_ports += ue.dmrs_ports >> port & 1;
  }
  if (nof_ports != ue.nof_layers || static_cast<std::size_t>(nof_ports) != ports.size()) {
    keys.wrong("ports",
               "must have a port of its own for each of the " + std::to_string(ue.nof_layers) + " layers");
  }
  keys.read("cdm_groups_without_data", ue.nof_cdm_groups_no_data, {1, 2, ""});
  if (ue.nof_cdm_groups_no_data == 1 && ue.dmrs_ports > 3) {
    keys.wrong("cdm_groups_without_data", "is 1, must be 2 with DM-RS ports 2 and 3");
  }
}

std::optional<error> read_dmrs(yaml_section keys, ue_config& ue)
{
  std::size_t mapping = 0;
  keys.read_choice("mapping", mapping, {"A", "B"});
  ue.dmrs.mapping = static_cast<phy::mapping_type>(mapping);
  keys.read("type_a_position", ue.dmrs.type_a_position, {2, 3, ""});
  keys.read("additional_positions", ue.dmrs.additional_positions, {0, 3, ""});
  keys.read("scrambling_id", ue.dmrs_scrambling_id, {0, 65535, ""});
  keys.read("scid", ue.scid, {0, 1, ""});
  read_dmrs_ports(keys, ue);
  return keys.finish();
}

/// `uci:` of a UE. Indices are those of FAPI and of TS 38.213, 9.3.
std::optional<error> read_uci(yaml_section keys, ue_config& ue)
{
  const auto read = [&](const char* key, auto& to, const number_range& range) {
    std::int32_t value = to;
    keys.read(key, value, range);
    to = static_cast<std::remove_reference_t<decltype(to)>>(value);
  };
  read("harq_ack_bits", ue.uci.harq_ack_bits, {0, 1706, ""});
  read("csi_part1_bits", ue.uci.csi1_bits, {0, 1706, ""});
  read("csi_part2_bits", ue.uci.csi2_bits, {0, 1706, ""});
  ue.uci.alpha_scaling = 3;
  ue.uci.beta_offset_harq_ack = 9;
  ue.uci.beta_offset_csi1 = ue.uci.beta_offset_csi2 = 6;
  read("alpha_scaling", ue.uci.alpha_scaling, {0, 3, "0.5, 0.65, 0.8, 1"});
  read("beta_offset_harq_ack", ue.uci.beta_offset_harq_ack, {0, 20, "row of TS 38.213, Table 9.3-1"});
  read("beta_offset_csi1", ue.uci.beta_offset_csi1, {0, 18, "row of TS 38.213, Table 9.3-2"});
  read("beta_offset_csi2", ue.uci.beta_offset_csi2, {0, 18, "row of TS 38.213, Table 9.3-2"});
  keys.read("every", ue.uci_every, {1, 10000, "PUSCHs of the UE"});
  if (!ue.uci.is_present()) {
    keys.wrong("harq_ack_bits", "is 0 and so are the CSI parts: the block carries nothing");
  }
  return keys.finish();
}

} // namespace

void read_real(yaml_section& keys, const char* key, double& to, const real_range& range)
{
  std::string text;
  keys.read(key, text);
  if (text.empty()) {
    return;
  }
  double value = 0.0;
  const auto got = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = got.ec == std::errc() && got.ptr == text.data() + text.size();
  if (!is_number || !(value >= range.lowest && value <= range.highest)) {
    keys.wrong(key,
               "is " + text.substr(0, 40) + ", must be in " + text_of(range.lowest) + ".." +
                   text_of(range.highest));
    return;
  }
  to = value;
}

std::optional<error> read_ue(yaml_section keys, const carrier_config& carrier, ue_config& ue)
{
  std::int32_t rnti = 0;
  ue.data_scrambling_id = carrier.phys_cell_id;
  ue.dmrs_scrambling_id = carrier.phys_cell_id;
  keys.require("rnti", "must be in 1..65519");
  keys.read("rnti", rnti, {1, 65519, ""});
  ue.rnti = static_cast<std::uint16_t>(rnti);
  keys.require("snr_db", "must be in -30..60");
  read_real(keys, "snr_db", ue.snr_db, {-30.0, 60.0});
  read_channel(keys, ue);
  read_allocation(keys, carrier, ue);
  read_mcs(keys, ue);
  keys.read("layers", ue.nof_layers, {1, 4, ""});
  keys.read("data_scrambling_id", ue.data_scrambling_id, {0, 1023, ""});
  std::optional<error> failure;
  ue.dmrs_ports = static_cast<std::uint16_t>((1U << ue.nof_layers) - 1U);
  if (auto block = keys.block("dmrs")) {
    failure = read_dmrs(std::move(*block), ue);
  }
  if (auto block = keys.block("uci")) {
    auto wrong = read_uci(std::move(*block), ue);
    failure = failure ? failure : wrong;
  }
  ue.dmrs.start_symbol = ue.start_symbol;
  ue.dmrs.nof_symbols = ue.nof_symbols;
  const auto mask = phy::dmrs_symbol_mask(ue.dmrs);
  if (mask) {
    ue.dmrs_symbol_mask = mask.value();
  } else if (!failure) {
    keys.wrong("dmrs", "does not fit start_symbol and nof_symbols: " + mask.failure().text());
  }
  const auto own = keys.finish();
  return own && own->what.find("unknown key") == 0 ? own : (failure ? failure : own);
}

} // namespace pado::apps
