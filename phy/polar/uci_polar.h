// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/view.h"
#include "phy/polar/polar_code.h"
#include "phy/polar/polar_encode.h"
#include <cstdint>

namespace pado::phy {

/// How uplink control information of 12 bits or more is cut and coded.
///
/// Segment r takes code.nof_coded values from r * code.nof_coded. The decoder writes segment_bits() values a
/// segment; written one after the other, the payload begins pad_bits after their start.
struct uci_polar_layout {
  polar_code_config code; ///< of each segment
  polar_crc crc = polar_crc::crc6;
  std::int32_t nof_segments = 1; ///< 1 or 2
  std::int32_t pad_bits = 0;     ///< zeros in front of the first segment: 0 or 1

  std::int32_t segment_bits() const { return code.nof_bits - crc_bits(crc); }
};

/// \param nof_bits   A, payload without CRC, 12..1706
/// \param nof_coded  E_UCI, bits after rate matching
/// \spec    TS 38.212, 6.3.1.2.1, 6.3.1.3.1, 6.3.1.4.1
/// \errors  A or E_UCI out of range
result<uci_polar_layout> plan_uci_polar(std::int32_t nof_bits, std::int32_t nof_coded);

/// Codes UCI, for transmitters and tests: payload [A] to coded [E_UCI], both 0 or 1. A bit left over by an
/// odd E_UCI is 0. \errors  what plan_uci_polar and plan_polar_code refuse
result<nothing> encode_uci_polar(view<const std::uint8_t, 1> payload, view<std::uint8_t, 1> coded);

} // namespace pado::phy
