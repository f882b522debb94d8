// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/ecpri/link.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace pado {
struct error;
}

namespace pado::apps {

class yaml_section;

/// `link:` of cell.yaml: the way to the radio unit, for `pado run`.
struct radio_link_config {
  io::mac_address du_mac{0x02, 0, 0, 0, 0, 0x01};
  io::mac_address ru_mac{0x02, 0, 0, 0, 0, 0x02};
  std::int32_t priority = 7;     ///< PCP, with fronthaul.vlan
  bool has_cplane = true;        ///< false: the radio unit sends without being asked
  bool is_granted_only = true;   ///< ask for the granted PRBs and symbols, else for the whole carrier
  bool has_guard = false;        ///< tell guard symbols of special slots with type 0
  std::int32_t t1a_min_us = 285; ///< C-plane leaves so long before its first symbol, at the latest
  std::int32_t t1a_max_us = 429; ///< and at the earliest

  friend bool operator==(const radio_link_config&, const radio_link_config&) = default;
};

/// One entry of `prach:`: an occasion that the radio unit is told of with C-plane type 3.
struct prach_config {
  std::int32_t period_frames = 1;
  std::int32_t frame = 0;          ///< SFN modulo period_frames
  std::vector<std::int32_t> slots; ///< of the frame
  std::int32_t start_symbol = 0;
  std::int32_t repetitions = 12;
  std::int32_t scs_hz = 0;         ///< 1250, 5000, 15000, 30000, 60000, 120000; 0: that of the carrier
  std::int32_t first_prb = 0;      ///< of the carrier grid
  std::int32_t fft_size = 4096;    ///< told to the radio unit
  std::int32_t time_offset_ts = 0; ///< 1/30.72 us from the begin of the symbol, cyclic prefix included

  friend bool operator==(const prach_config&, const prach_config&) = default;
};

/// `t1a_us: [min, max]`, where it is.
void read_t1a(yaml_section& keys, std::int32_t& min_us, std::int32_t& max_us);

/// 02:00:00:00:00:01
void read_mac(yaml_section& keys, const char* key, io::mac_address& to);

std::optional<error> read_radio_link(yaml_section keys, radio_link_config& link);
/// slots_per_frame  of the carrier
std::optional<error> read_prach(yaml_section keys, std::int32_t slots_per_frame, prach_config& prach);

} // namespace pado::apps
