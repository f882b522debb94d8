// SPDX-License-Identifier: Apache-2.0
// links: pado_apps
#include "apps/scenario_file.h"
#include <cstdio>
#include <doctest/doctest.h>
#include <filesystem>
#include <set>
#include <string>

using namespace pado;

namespace {

const std::string good = R"(carrier:
  scs_khz: 30
  nof_prb: 51
  nof_rx_ports: 2
  phys_cell_id: 7
tdd:
  pattern: DDDSU
fronthaul:
  eaxc_pusch: [0, 1]
simulation:
  slots: 20
ues:
  - rnti: 0x4601
    snr_db: 12.5
    nof_prb: 10
    mcs: 5
)";

std::string with(const std::string& what, const std::string& instead)
{
  std::string text = good;
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), instead);
}

std::string message(const std::string& text)
{
  const auto scenario = apps::parse_scenario_file(text, "s.yaml");
  return scenario ? std::string() : scenario.failure().text();
}

} // namespace

TEST_CASE("scenario_file: what is not given has its documented default")
{
  const auto scenario = apps::parse_scenario_file(good, "s.yaml");
  REQUIRE_MESSAGE(scenario, scenario.failure().text());
  const apps::scenario_config& s = scenario.value();
  CHECK(s.simulation.nof_slots == 20);
  CHECK(s.simulation.seed == 1);
  CHECK(s.simulation.level_dbfs == -15.0);
  CHECK(s.simulation.propagation == apps::propagation_domain::grid);
  CHECK(s.simulation.fft_size == 1024);
  CHECK(s.link.has_cplane);
  CHECK(s.link.mtu_bytes == 9000);
  REQUIRE(s.cell.link);
  CHECK(s.cell.link->t1a_min_us == 0);
  CHECK(s.cell.link->t1a_max_us == 2000);
  REQUIRE(s.ues.size() == 1);
  const apps::ue_config& ue = s.ues[0];
  CHECK(ue.rnti == 0x4601);
  CHECK(ue.snr_db == 12.5);
  CHECK(ue.channel == phy::channel_model::awgn);
  CHECK(ue.prbs == prb_range{0, 10});
  CHECK(ue.nof_symbols == 14);
  CHECK(ue.dmrs_symbol_mask == 1 << 2);
  CHECK(ue.dmrs_ports == 1);
  CHECK(ue.data_scrambling_id == 7);
  CHECK(ue.dmrs_scrambling_id == 7);
  CHECK(ue.rv == std::vector<std::int32_t>{0});
}

TEST_CASE("scenario_file: every key is read")
{
  const std::string text = with("  slots: 20", R"(  slots: 20
  seed: 5
  first_sfn: 1000
  level_dbfs: -20.5
  propagation: samples
  fft_size: 1536
link:
  t1a_us: [285, 429]
  du_mac: 0A:00:00:00:00:b1
  ru_mac: 02:00:00:00:00:b2
  mtu_bytes: 1500
  priority: 3
  cplane: no
  prbs: granted
  delay_us: 100
  jitter_us: 7
  cplane_lead_us: 350
  loss_percent: 1.5)") + R"(    layers: 2
    data_scrambling_id: 9
    channel: fixed
    taps_ns: [0, 100]
    taps_db: [0, -3]
    correlation: high
    doppler_hz: 30
    cfo_hz: -40
    delay_ns: -50
    first_prb: 3
    allocation: random
    start_symbol: 2
    nof_symbols: 10
    every: 2
    offset: 1
    silent_percent: 10
    mcs_table: 256qam
    mcs_highest: 27
    rv: [0, 2, 3, 1]
    harq_processes: 4
    uci:
      harq_ack_bits: 2
      csi_part1_bits: 12
      csi_part2_bits: 3
      alpha_scaling: 1
      beta_offset_harq_ack: 11
      beta_offset_csi1: 5
      beta_offset_csi2: 4
      every: 7
    dmrs:
      mapping: B
      type_a_position: 3
      additional_positions: 2
      ports: [2, 3]
      cdm_groups_without_data: 2
      scrambling_id: 65535
      scid: 1
)";
  const auto scenario = apps::parse_scenario_file(text, "s.yaml");
  REQUIRE_MESSAGE(scenario, scenario.failure().text());
  const apps::scenario_config& s = scenario.value();
  CHECK(s.simulation.seed == 5);
  CHECK(s.simulation.first_sfn == 1000);
  CHECK(s.simulation.level_dbfs == -20.5);
  CHECK(s.simulation.propagation == apps::propagation_domain::samples);
  CHECK(s.simulation.fft_size == 1536);
  CHECK(s.link.du_mac == io::mac_address{0x0A, 0, 0, 0, 0, 0xB1});
  CHECK(s.link.ru_mac[5] == 0xB2);
  CHECK(s.link.mtu_bytes == 1500);
  CHECK(s.link.priority == 3);
  CHECK(!s.link.has_cplane);
  CHECK(s.link.is_granted_only);
  REQUIRE(s.cell.link);
  CHECK(s.cell.link->ru_mac == s.link.ru_mac);
  CHECK(s.cell.link->priority == 3);
  CHECK(!s.cell.link->has_cplane);
  CHECK(s.cell.link->t1a_min_us == 285);
  CHECK(s.cell.link->t1a_max_us == 429);
  CHECK(s.link.delay_us == 100);
  CHECK(s.link.jitter_us == 7);
  CHECK(s.link.cplane_lead_us == 350);
  CHECK(s.link.loss_percent == 1.5);
  const apps::ue_config& ue = s.ues[0];
  CHECK(ue.nof_layers == 2);
  CHECK(ue.data_scrambling_id == 9);
  CHECK(ue.channel == phy::channel_model::fixed_taps);
  REQUIRE(ue.taps.size() == 2);
  CHECK(ue.taps[1].delay_s == doctest::Approx(100e-9));
  CHECK(double(ue.taps[1].power) == doctest::Approx(0.501).epsilon(0.001));
  CHECK(ue.correlation == phy::mimo_correlation::high);
  CHECK(ue.doppler_hz == 30);
  CHECK(ue.cfo_hz == -40);
  CHECK(ue.delay_ns == -50);
  CHECK(ue.prbs == prb_range{3, 13});
  CHECK(ue.is_random_allocation);
  CHECK(ue.start_symbol == 2);
  CHECK(ue.nof_symbols == 10);
  CHECK(ue.every == 2);
  CHECK(ue.offset == 1);
  CHECK(ue.silent_percent == 10.0);
  CHECK(ue.uci == pusch_uci{2, 12, 3, 1, 11, 5, 4});
  CHECK(ue.uci_every == 7);
  CHECK(ue.mcs_table == 1);
  CHECK(ue.mcs_lowest == 5);
  CHECK(ue.mcs_highest == 27);
  CHECK(ue.rv == std::vector<std::int32_t>{0, 2, 3, 1});
  CHECK(ue.harq_processes == 4);
  CHECK(ue.dmrs_symbol_mask == ((1 << 2) | (1 << 6) | (1 << 10)));
  CHECK(ue.dmrs_ports == 0xC);
  CHECK(ue.dmrs_scrambling_id == 65535);
  CHECK(ue.scid == 1);
}

TEST_CASE("scenario_file: an unknown key is refused with its line and the nearest known one, on every level")
{
  CHECK(message(with("simulation:", "simulatoin:")) ==
        "s.yaml:10: unknown key 'simulatoin'. Did you mean 'simulation'?");
  CHECK(message(with("nof_prb: 51", "nof_prbs: 51"))
            .find("s.yaml:3: unknown key 'nof_prbs' in carrier. Did you mean 'nof_prb'?") == 0);
  CHECK(message(with("  slots: 20", "  slotz: 20"))
            .find("s.yaml:11: unknown key 'slotz' in simulation. Did you mean 'slots'?") == 0);
  CHECK(message(with("snr_db: 12.5", "snrdb: 12.5"))
            .find("s.yaml:14: unknown key 'snrdb' in ues[0]. Did you mean 'snr_db'?") == 0);
  CHECK(message(good + "    dmrs: {prots: [0]}\n")
            .find("s.yaml:17: unknown key 'prots' in ues[0].dmrs. Did you mean 'ports'?") == 0);
  CHECK(message(good + "link:\n  mtu: 1500\n").find("s.yaml:18: unknown key 'mtu' in link") == 0);
}

TEST_CASE("scenario_file: a value out of range is refused with line, key, value and range")
{
  CHECK(message(with("nof_prb: 51", "nof_prb: 276"))
            .find("s.yaml:3: carrier.nof_prb is 276, must be in 1..275") == 0);
  CHECK(message(with("mcs: 5", "mcs: 29")).find("s.yaml:16: ues[0].mcs is 29, must be in 0..28") == 0);
  CHECK(message(with("mcs: 5", "mcs: 5\n    mcs_highest: 4"))
            .find("s.yaml:17: ues[0].mcs_highest is 4, must be in 5..28") == 0);
  CHECK(message(with("snr_db: 12.5", "snr_db: loud"))
            .find("s.yaml:14: ues[0].snr_db is loud, must be in -30..60") == 0);
  CHECK(message(with("snr_db: 12.5", "snr_db: nan")).find("must be in -30..60") != std::string::npos);
  CHECK(message(with("nof_prb: 10", "nof_prb: 52")).find("ues[0].nof_prb is 52, must be in 1..51") !=
        std::string::npos);
  CHECK(message(with("    mcs: 5", "    first_prb: 50\n    mcs: 5")).find("must be in 1..1") !=
        std::string::npos);
  CHECK(message(with("  slots: 20", "  slots: 0")).find("s.yaml:11: simulation.slots is 0") == 0);
  CHECK(
      message(good + "    layers: 2\n    dmrs: {ports: [1]}\n").find("ues[0].dmrs.ports must have a port") !=
      std::string::npos);
  CHECK(message(good + "    dmrs: {ports: [2], cdm_groups_without_data: 1}\n")
            .find("cdm_groups_without_data is 1") != std::string::npos);
  CHECK(message(good + "    start_symbol: 3\n").find("ues[0].dmrs does not fit") != std::string::npos);
  CHECK(message(good + "    taps_ns: [0, 10]\n").find("taps_ns stands beside") != std::string::npos);
  CHECK(message(good + "    channel: fixed\n    taps_ns: [0, 10]\n").find("same number") !=
        std::string::npos);
  CHECK(message(good + "    rv: []\n").find("ues[0].rv must have") != std::string::npos);
  CHECK(message(good + "    uci: {harq_ack_bits: 1, alpha_scaling: 4}\n")
            .find("ues[0].uci.alpha_scaling is 4") != std::string::npos);
  CHECK(message(good + "    uci: {every: 2}\n").find("ues[0].uci.harq_ack_bits is 0") != std::string::npos);
  CHECK(message(good + "link: {du_mac: 02-00}\n").find("link.du_mac is no MAC address") != std::string::npos);
  CHECK(
      message(good + "    channel: tdld30\n").find("must be one of: awgn, fixed, tdla30, tdlb100, tdlc300") !=
      std::string::npos);
}

TEST_CASE("scenario_file: what is missing is said")
{
  CHECK(message(with("simulation:\n  slots: 20\n", "")).find("simulation is missing") != std::string::npos);
  CHECK(message(with("    snr_db: 12.5\n", "")).find("ues[0].snr_db is missing") != std::string::npos);
  CHECK(message(with("    nof_prb: 10\n", "")).find("ues[0].nof_prb is missing") != std::string::npos);
  CHECK(message(with("  - rnti: 0x4601\n    snr_db", "  - snr_db")).find("ues[0].rnti is missing") !=
        std::string::npos);
  CHECK(message(with("    mcs: 5\n", "")).find("ues[0].mcs is missing") != std::string::npos);
  CHECK(message("ues: []\n").find("s.yaml") == 0);
}

TEST_CASE("scenario_file: with iq the propagation is that of samples, and asking for grid is refused")
{
  const std::string iq = with("fronthaul:\n  eaxc_pusch: [0, 1]", "iq:\n  sample_rate_hz: 30720000");
  const auto scenario = apps::parse_scenario_file(iq, "s.yaml");
  REQUIRE_MESSAGE(scenario, scenario.failure().text());
  CHECK(scenario.value().simulation.propagation == apps::propagation_domain::samples);
  CHECK(scenario.value().simulation.fft_size == 1024);
  std::string grid = iq;
  grid.replace(grid.find("  slots: 20"), 11, "  slots: 20\n  propagation: grid");
  CHECK(message(grid).find("simulation.propagation is grid") != std::string::npos);
}

TEST_CASE("scenario_file: every shipped scenario is read")
{
  int nof_files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PADO_SOURCE_DIR "/testvectors/scenarios")) {
    const auto scenario = apps::read_scenario_file(entry.path().string());
    REQUIRE_MESSAGE(scenario, scenario.failure().text());
    ++nof_files;
  }
  CHECK(nof_files >= 3);
}

TEST_CASE("scenario_file: the cell's part keeps its lines")
{
  CHECK(apps::cell_part("carrier:\n  a: 1\n# remark\nues:\n- x: 1\n  b: 2\ntdd:\n  p: U\n") ==
        "carrier:\n  a: 1\n# remark\n\n\n\ntdd:\n  p: U\n");
}
