// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include "core/view.h"
#include <cstdint>

namespace pado::phy {

inline constexpr std::int32_t max_small_block_bits = 11;

/// What a coded bit stands for that a small block sends with a modulation of more bits than it codes.
enum class small_block_bit : std::uint8_t {
  zero = 0,
  one = 1,
  set = 2,     ///< placeholder x: 1 after scrambling
  repeated = 3 ///< placeholder y: the bit before it, after scrambling
};

/// Which bit of its repeated code word coded bit i speaks for, -1: it is placeholder x.
///
/// 1 bit sends c0 and y, which repeats it, in the first two bits of each modulation symbol, 2 bits c0, c1 and
/// c0 + c1 in turn, 3 to 11 bits 32 coded bits.
PADO_HD constexpr std::int32_t
small_block_index(std::int32_t nof_bits, std::int32_t qam_mod_order, std::int32_t i)
{
  if (nof_bits > 2) {
    return i % 32;
  }
  const std::int32_t in_symbol = i % qam_mod_order;
  if (nof_bits == 1) {
    return in_symbol < 2 ? 0 : -1;
  }
  return in_symbol < 2 ? (i / qam_mod_order * 2 + in_symbol) % 3 : -1;
}

/// Codes 1 to 11 bits to coded.extent(0) values, rate matched and not scrambled, for transmitters and tests.
///
/// bits   [K]  0 or 1
/// coded  [E]
///
/// \spec    TS 38.212, 5.3.3, 5.4.3
/// \errors  none: 1 to 11 bits, and 2, 4, 6 or 8 bits a modulation symbol, are asserted
void encode_small_block(view<const std::uint8_t, 1> bits,
                        std::int32_t qam_mod_order,
                        view<small_block_bit, 1> coded);

} // namespace pado::phy
