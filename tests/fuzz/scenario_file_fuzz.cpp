// SPDX-License-Identifier: Apache-2.0
// links: pado_formats
#include "apps/scenario_file.h"
#include "apps/scenario_ue.h"
#include "mac/mcs/mcs_table.h"
#include "tests/fuzz/fuzz_check.h"
#include <bit>
#include <string>

using pado::fuzz::require;

namespace {

bool is_in(double value, double lowest, double highest)
{
  return value >= lowest && value <= highest; // false of NaN
}

/// What the generator takes for granted of a UE.
void check_ue(const pado::apps::ue_config& ue, const pado::apps::carrier_config& carrier)
{
  require(ue.rnti >= 1 && ue.rnti <= 65519 && is_in(ue.snr_db, -30.0, 60.0));
  require(ue.prbs.begin >= 0 && ue.prbs.begin < ue.prbs.end && ue.prbs.end <= carrier.nof_prb);
  require(ue.start_symbol >= 0 && ue.nof_symbols >= 1 && ue.start_symbol + ue.nof_symbols <= 14);
  const unsigned symbols = ((1U << ue.nof_symbols) - 1U) << ue.start_symbol;
  require(ue.dmrs_symbol_mask != 0 && (ue.dmrs_symbol_mask & ~symbols) == 0);
  require(ue.nof_layers >= 1 && ue.nof_layers <= 4 && std::popcount(ue.dmrs_ports) == ue.nof_layers);
  require(ue.nof_cdm_groups_no_data == 2 || (ue.nof_cdm_groups_no_data == 1 && ue.dmrs_ports <= 3));
  require(ue.mcs_lowest >= 0 && ue.mcs_lowest <= ue.mcs_highest);
  require(ue.mcs_highest < pado::mac::nof_mcs(ue.mcs_table));
  require(!ue.rv.empty() && ue.rv.size() <= 16 && ue.every >= 1 && ue.harq_processes >= 1);
  require(!ue.taps.empty() && ue.taps.size() <= pado::phy::max_channel_taps);
  require(is_in(ue.silent_percent, 0.0, 100.0));
}

} // namespace

/// Any text is a scenario or one error. Of a scenario everything is in range, and its cell is a cell.yaml.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = pado::apps::parse_scenario_file(text, "fuzz");
  if (!read) {
    require(!read.failure().text().empty());
    return 0;
  }
  const pado::apps::scenario_config& scenario = read.value();
  require(scenario.simulation.nof_slots >= 1 && is_in(scenario.simulation.level_dbfs, -80.0, 0.0));
  require(scenario.simulation.fft_size >= 12 * scenario.cell.carrier.nof_prb);
  require(is_in(scenario.link.loss_percent, 0.0, 100.0) && scenario.link.mtu_bytes >= 128);
  require(!scenario.ues.empty() && scenario.ues.size() <= pado::apps::max_scenario_ues);
  for (const pado::apps::ue_config& ue : scenario.ues) {
    check_ue(ue, scenario.cell.carrier);
  }
  const std::string written = pado::apps::write_cell_file(scenario.cell);
  const auto again = pado::apps::parse_cell_file(written, "again");
  require(again && pado::apps::write_cell_file(again.value()) == written);
  return 0;
}
