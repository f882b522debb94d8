// SPDX-License-Identifier: Apache-2.0
#include "phy/small_block/small_block.h"
#include "phy/small_block/small_block_decode_body.h"
#include <cassert>

namespace pado::phy {

void encode_small_block(view<const std::uint8_t, 1> bits,
                        std::int32_t qam_mod_order,
                        view<small_block_bit, 1> coded)
{
  const std::int32_t nof_bits = bits.extent(0);
  assert(nof_bits >= 1 && nof_bits <= max_small_block_bits);
  assert(qam_mod_order >= 2 && qam_mod_order <= 8 && qam_mod_order % 2 == 0);
  std::uint32_t word = 0;
  for (std::int32_t k = 0; k < nof_bits; ++k) {
    word |= static_cast<std::uint32_t>(bits(k) & 1U) << k;
  }
  const std::uint32_t code = body::small_block_code(nof_bits, word);
  for (std::int32_t i = 0; i < coded.extent(0); ++i) {
    const std::int32_t index = small_block_index(nof_bits, qam_mod_order, i);
    const bool is_repeated = nof_bits == 1 && i % qam_mod_order == 1;
    coded(i) = index < 0                   ? small_block_bit::set
               : is_repeated               ? small_block_bit::repeated
               : (code >> index & 1U) != 0 ? small_block_bit::one
                                           : small_block_bit::zero;
  }
}

} // namespace pado::phy
