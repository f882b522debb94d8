// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include "phy/crc/crc.h"
#include <cstdint>

namespace pado::phy::body {

/// Magnitudes above this are the same to a row. 127 - ldpc_scaled(64) is above 64: a filler stays out of
/// every minimum.
inline constexpr int ldpc_cap = 64;

/// What a row sends for a minimum of m: 3/4 of it, rounded up so that the weakest evidence is not lost.
PADO_HD constexpr int ldpc_scaled(int m)
{
  return m - m / 4;
}

/// A magnitude of int8 evidence as a row sees it.
PADO_HD constexpr int ldpc_magnitude(int v)
{
  const int m = v < 0 ? -v : v;
  return m < ldpc_cap ? m : ldpc_cap;
}

PADO_HD constexpr int ldpc_saturated(int x)
{
  return x < -128 ? -128 : x > 127 ? 127 : x;
}

/// Set index of a lifting size: 2^j times 2, 3, 5, 7, 9, 11, 13 or 15.
PADO_HD constexpr int ldpc_set_index(int z)
{
  while (z % 2 == 0) {
    z /= 2;
  }
  return z == 1 ? 0 : (z - 1) / 2;
}

/// Where a CRC stands in ldpc_tables::crc_weight.
PADO_HD constexpr int crc_row(crc_kind kind)
{
  return kind == crc_kind::crc24a ? 0 : kind == crc_kind::crc24b ? 1 : 2;
}

} // namespace pado::phy::body
