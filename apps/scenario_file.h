// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_file.h"
#include "core/result.h"
#include "core/slot_plan.h"
#include "io/ecpri/link.h"
#include "io/faults/fault_config.h"
#include "phy/channel/fading.h"
#include "phy/ue/dmrs_positions.h"
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pado::apps {

/// How the signals of the UEs are carried to the receive ports.
enum class propagation_domain : std::uint8_t {
  grid,   ///< one gain per RE and symbol: fast, no interference between symbols or subcarriers
  samples ///< time domain, exact
};

/// `simulation:` of scenario.yaml.
struct simulation_settings {
  std::int64_t nof_slots = 0; ///< of the TDD pattern, downlink included
  std::uint64_t seed = 1;
  std::int32_t first_sfn = 0;
  double level_dbfs = -15.0; ///< a data RE of the strongest UE, rms, against full scale of 16-bit integers
  propagation_domain propagation = propagation_domain::grid;
  std::int32_t fft_size = 0; ///< of propagation samples, and of recordings
};

/// `link:` of scenario.yaml: what the packets of the radio unit look like beyond fronthaul of cell.yaml.
struct link_config {
  io::mac_address du_mac{0x02, 0, 0, 0, 0, 0x01};
  io::mac_address ru_mac{0x02, 0, 0, 0, 0, 0x02};
  std::int32_t mtu_bytes = 9000;
  std::int32_t priority = 7;
  bool has_cplane = true;            ///< C-plane type 1 of the DU is in the capture, too
  bool is_granted_only = false;      ///< U-plane of granted PRBs only, else of the whole carrier
  std::int32_t delay_us = 60;        ///< from the end of a symbol on air to its packets
  std::int32_t jitter_us = 0;        ///< uniform, added to delay_us
  std::int32_t cplane_lead_us = 300; ///< from the C-plane to the begin of its slot
  std::int32_t t1a_min_us = 0;       ///< what cell.yaml tells the DU to keep. The unit takes C-plane until a
  std::int32_t t1a_max_us = 2000; ///< symbol's packets are due, and no real-time priority keeps a DU on time
  double loss_percent = 0.0;      ///< of U-plane messages
};

/// One entry of `ues:`.
struct ue_config {
  std::uint16_t rnti = 0;
  double snr_db =
      0.0; ///< all layers together, mean per rx port and data RE, against noise and without other UEs
  phy::channel_model channel = phy::channel_model::awgn;
  phy::mimo_correlation correlation = phy::mimo_correlation::low;
  std::vector<phy::channel_tap> taps; ///< of channel fixed
  std::int32_t doppler_hz = 0;
  std::int32_t cfo_hz = 0;
  std::int32_t delay_ns = 0;

  prb_range prbs;                    ///< in the carrier grid
  bool is_random_allocation = false; ///< a random part of prbs for every transport block
  std::int32_t start_symbol = 0;
  std::int32_t nof_symbols = 14;
  std::int32_t mcs_table = 0; ///< as pusch_pdu.mcs_table, 0..2
  std::int32_t mcs_lowest = 0;
  std::int32_t mcs_highest = 0; ///< each transport block draws from mcs_lowest..mcs_highest
  std::int32_t nof_layers = 1;
  std::int32_t data_scrambling_id = 0;

  phy::dmrs_layout dmrs; ///< start_symbol and nof_symbols repeated
  std::uint16_t dmrs_symbol_mask = 0;
  std::uint16_t dmrs_ports = 1;
  std::int32_t nof_cdm_groups_no_data = 2;
  std::int32_t dmrs_scrambling_id = 0;
  std::int32_t scid = 0;

  std::vector<std::int32_t> rv = {0}; ///< a transport block is sent once with each of them
  std::int32_t harq_processes = 1;    ///< used in turn
  std::int32_t every = 1;             ///< sends in every n-th uplink slot,
  std::int32_t offset = 0;            ///< from this one on
  double silent_percent = 0.0;        ///< granted, but nothing is sent
  pusch_uci uci;                      ///< that a PUSCH carries
  std::int32_t uci_every = 1;         ///< each n-th PUSCH of the UE
};

/// scenario.yaml: the blocks of a cell.yaml, and what goes on in the cell. docs/scenario-yaml.md explains
/// every key.
struct scenario_config {
  cell_config cell;
  simulation_settings simulation;
  link_config link;
  io::fault_config faults; ///< of `pado ru`; `pado generate` sends none
  std::vector<ue_config> ues;
};

/// Reads and checks a scenario.yaml.
/// \errors "scenario.yaml:14: ues[0].mcs is 40, must be in 0..28": file, line, key, value, what would be
/// right
result<scenario_config> read_scenario_file(const std::string& path);

/// The same from text in memory; `name` stands in the messages.
result<scenario_config> parse_scenario_file(std::string_view text, const std::string& name);

/// The text with every top block blanked that is not one of cell.yaml's: the same lines, so that messages
/// name the right one.
std::string cell_part(std::string_view text);

} // namespace pado::apps
