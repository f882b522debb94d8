// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_link.h"
#include "core/result.h"
#include "core/slot.h"
#include "core/slot_plan.h"
#include "core/uplink_slot.h"
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pado::apps {

/// `carrier:` of cell.yaml.
struct carrier_config {
  std::string name = "cell";
  numerology scs{1};               ///< scs_khz 15, 30, 60, 120
  std::int32_t nof_prb = 0;        ///< 1..275
  std::int32_t grid_start_crb = 0; ///< CRB of the first PRB of the grid, 0..2199
  std::int32_t nof_rx_ports = 1;   ///< 1..8
  std::int64_t centre_hz = 0;      ///< 0: unknown, phase compensation is then left out
  std::int32_t phys_cell_id = 0;   ///< 0..1007
};

/// Whether U-plane sections carry udCompHdr. Nothing in a packet tells.
enum class comp_header : std::uint8_t { static_config, dynamic };

/// Where a reception window counts from: published profiles differ.
enum class window_from : std::uint8_t { symbol_begin, symbol_end };

/// What becomes of messages outside of the window.
enum class outside_window : std::uint8_t { count, drop };

/// Reception window around a symbol's time on air, in microseconds: Ta4.
struct ta4_window {
  std::int32_t begin_us = 0;
  std::int32_t end_us = 0;
  window_from from = window_from::symbol_begin;
  outside_window outside = outside_window::count;
};

/// What the time stamps of the packets count.
enum class packet_clock : std::uint8_t {
  utc,
  tai,   ///< as PTP does
  fitted ///< anything: the first message of a capture is taken to come at the window's begin
};

/// As they stand in cell.yaml.
const char* name_of(window_from from);
const char* name_of(outside_window outside);
const char* name_of(packet_clock clock);

/// `fronthaul:` of cell.yaml: samples come as O-RAN U-plane.
struct fronthaul_config {
  std::vector<std::uint16_t> eaxc_pusch; ///< one whole 16-bit id for each rx port, in port order
  std::vector<std::uint16_t> eaxc_prach; ///< may be empty
  std::optional<std::int32_t> vlan;      ///< absent: any, and untagged
  compression comp_method = compression::bfp;
  std::int32_t comp_width = 9; ///< 1..16
  comp_header header = comp_header::static_config;
  std::optional<ta4_window> window;     ///< absent: nothing is late
  std::optional<packet_clock> clock;    ///< absent: UTC where a window needs it, else unknown
  std::int32_t gps_alpha = 0;           ///< begin of SFN 0 after the GPS epoch: in 1/1.2288 ns, 0..12287999
  std::int32_t gps_beta = 0;            ///< and in 10 ms, -32768..32767
  std::optional<std::int32_t> udp_port; ///< eCPRI over UDP; absent: over Ethernet
};

/// `iq:` of cell.yaml: samples come in the time domain.
struct iq_source_config {
  std::int64_t sample_rate_hz = 0;
  std::int32_t fft_size = 0; ///< sample_rate_hz / scs, filled in when not given
  std::int32_t cfo_hz = 0;   ///< by which the carrier lies too high in the recording; is removed
};

enum class slot_kind : std::uint8_t { downlink, special, uplink };

/// `tdd:` of cell.yaml. Absent: every slot is an uplink slot (FDD).
struct tdd_config {
  std::vector<slot_kind> slots;              ///< one period, from slot 0 of an even frame on
  std::int32_t special_downlink_symbols = 0; ///< from symbol 0
  std::int32_t special_uplink_symbols = 0;   ///< up to symbol 13
};

/// One entry of `static_grants:`: what is decoded in every frame when there is no schedule.
struct static_grant {
  std::vector<std::int32_t> slots; ///< slots of the frame
  pusch_pdu pusch;
};

/// `receiver:` of cell.yaml.
struct receiver_settings {
  std::int32_t ldpc_iterations = 6; ///< 1..50, at most, with early stop
};

/// `model:` of cell.yaml. Absent: the classical values.
struct model_settings {
  std::string path;            ///< as written; relative to the folder of cell.yaml
  std::int32_t budget_us = 50; ///< 1..10000, for all UEs of one slot
};

/// `mac:` of cell.yaml.
struct mac_settings {
  std::int32_t k2 = 4;               ///< slots from the decision to the uplink slot, 0..32
  std::int32_t max_ues_per_slot = 8; ///< 1..64
  std::int32_t min_prb = 4;          ///< 1..275, of a first transmission
  std::vector<std::uint16_t> ues;    ///< RNTIs that `pado run` serves when it schedules itself
};

/// cell.yaml. Exactly one of fronthaul, iq and grid is there; docs/cell-yaml.md explains every key.
struct cell_config {
  carrier_config carrier;
  std::optional<fronthaul_config> fronthaul;
  std::optional<iq_source_config> iq;
  bool has_grid = false; ///< `grid: yes`: samples come as a grid capture, which says the rest itself
  std::optional<tdd_config> tdd;
  std::vector<static_grant> static_grants;
  receiver_settings receiver;
  std::optional<model_settings> model;
  mac_settings mac;
  std::optional<radio_link_config> link; ///< absent: its defaults
  std::vector<prach_config> prach;
};

/// Reads and checks a cell.yaml.
/// \errors "cell.yaml:14: carrier.nof_prb is 276, must be in 1..275": file, line, key, value, what would be
/// right
result<cell_config> read_cell_file(const std::string& path);

/// The same from text in memory; `name` stands in the messages.
result<cell_config> parse_cell_file(std::string_view text, const std::string& name);

/// The text of a cell.yaml that parse_cell_file() gives back unchanged.
///
/// notes  key ("carrier.phys_cell_id") -> remark put behind it, for values that were guessed
std::string write_cell_file(const cell_config& cell, const std::map<std::string, std::string>& notes = {});

/// Bit l: symbol l of the slot can carry uplink.
std::uint16_t uplink_symbols(const cell_config& cell, slot_id slot);

} // namespace pado::apps
