// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include "phy/crc/crc.h"
#include <cstdint>

namespace pado::phy::body {

/// A row never says more than this.
///
/// Evidence ends at 127, so what it is made of is no longer known there, and a message that shrinks takes
/// away more than it had given. With inputs of 127 - 48 every row still has 48 to say with room to spare:
/// messages of a decoded block stand still. At 60 they creep down, and by the seventh iteration a block
/// decoded in the third is destroyed. A filler at 127 keeps at least 79: no row hears of it.
inline constexpr int ldpc_cap = 48;

/// Evidence beyond doubt: what a row begins with.
inline constexpr int ldpc_certain = 127;

/// The largest correction of ldpc_combined, in units of evidence.
inline constexpr int ldpc_correction = 3;

/// Magnitude of what two bits of magnitudes a and b say about a third one in a parity check.
///
/// min(a, b) - ln(1 + exp(-|a - b|)), 4 units (llr_scale) being a log-likelihood ratio of 1: the logarithm
/// begins at 2.8 units and falls. 3 - |a - b| / 2 stands for it, which makes the whole a mean value less 3.
PADO_HD constexpr int ldpc_combined(int a, int b)
{
  const int lowest = a < b ? a : b;
  const int mean = (a + b + 1) / 2 - ldpc_correction;
  return mean < 0 ? 0 : mean < lowest ? mean : lowest;
}

PADO_HD constexpr int ldpc_limited(int magnitude)
{
  return magnitude < ldpc_cap ? magnitude : ldpc_cap;
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
