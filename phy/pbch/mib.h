// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pado::phy {

/// What one SS/PBCH block says, FR1: the MIB and the timing bits that the physical layer adds to it.
/// \spec TS 38.331, 6.2.2 (MIB); TS 38.212, 7.1.1; TS 38.213, 4.1
struct mib {
  std::int32_t sfn = 0;                 ///< 0..1023, all ten bits
  std::int32_t half_frame = 0;          ///< 0 or 1: the half of the frame that the block lies in
  std::int32_t ssb_index = 0;           ///< 0..3 or 0..7, as its DM-RS says
  std::int32_t scs_common_hz = 15000;   ///< of SIB1, Msg2, Msg4 and broadcast: 15000 or 30000
  std::int32_t k_ssb = 0;               ///< 0..31; above 23 there is no CORESET 0 here
  std::int32_t dmrs_typea_position = 2; ///< first DM-RS symbol of mapping type A: 2 or 3
  std::int32_t coreset_zero = 0;        ///< 0..15, high half of pdcch-ConfigSIB1
  std::int32_t search_space_zero = 0;   ///< 0..15, low half
  bool is_barred = false;
  bool is_intra_freq_reselection_allowed = false;

  friend bool operator==(const mib&, const mib&) = default;
};

} // namespace pado::phy
