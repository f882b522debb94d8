// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include "phy/polar/polar_encode.h"
#include <cstdint>

namespace pado::phy::body {

/// Remainder after bit(0) .. bit(n - 1), the first bit of the highest power. Zero when the last bits are
/// their CRC.
template <class F>
PADO_HD inline std::uint32_t polar_crc_remainder(polar_crc crc, int n, const F& bit)
{
  const int length = crc == polar_crc::crc6 ? 6 : crc == polar_crc::crc11 ? 11 : 24;
  const std::uint32_t polynomial = crc == polar_crc::crc6    ? 0x21U
                                   : crc == polar_crc::crc11 ? 0x621U
                                                             : 0xb2b117U;
  const std::uint32_t mask = (1U << length) - 1U;
  std::uint32_t state = 0;
  for (int i = 0; i < n; ++i) {
    const std::uint32_t out = ((state >> (length - 1)) ^ static_cast<std::uint32_t>(bit(i))) & 1U;
    state = ((state << 1) & mask) ^ (polynomial & (0U - out));
  }
  return state;
}

} // namespace pado::phy::body
