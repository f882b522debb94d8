// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/view.h"
#include "phy/polar/polar_code.h"
#include <cstdint>

namespace pado::phy {

/// CRCs that polar-coded blocks carry (38.212, 5.1).
enum class polar_crc : std::int32_t { crc6, crc11, crc24c };

/// Bits of a CRC.
constexpr std::int32_t crc_bits(polar_crc crc)
{
  return crc == polar_crc::crc6 ? 6 : crc == polar_crc::crc11 ? 11 : 24;
}

/// Appends the CRC: the last crc_bits(crc) of bits are computed from those before.
void attach_crc(view<std::uint8_t, 1> bits, polar_crc crc);

/// Polar encoder with rate matching, for transmitters and tests.
///
/// bits    [K]  0 or 1, CRC included
/// coded   [E]  0 or 1
///
/// \spec    TS 38.212, 5.3.1, 5.4.1
/// \errors  none: K and E are asserted
void polar_encode(const polar_code& code, view<const std::uint8_t, 1> bits, view<std::uint8_t, 1> coded);

} // namespace pado::phy
