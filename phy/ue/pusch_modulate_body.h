// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/dmrs_ls/dmrs_ls_body.h"
#include "phy/ue/pusch_modulate.h"

namespace pado::phy::body {

/// One axis of a QAM constellation out of the bits b0, b1, ... of that axis: odd whole numbers, b0 the sign.
PADO_HD inline float pam_level(std::uint32_t bits, int nof_bits)
{
  float level = 1.0F;
  for (int i = nof_bits - 1; i > 0; --i) {
    const float sign = (bits >> i & 1U) != 0 ? -1.0F : 1.0F;
    level = static_cast<float>(1 << (nof_bits - i)) - sign * level;
  }
  return (bits & 1U) != 0 ? -level : level;
}

/// Even (first = 0) or odd (first = 1) bits of the 8 lowest, packed.
PADO_HD inline std::uint32_t every_second_bit(std::uint32_t bits, int first)
{
  const std::uint32_t b = bits >> first & 0x55U;
  return (b & 1U) | (b >> 1 & 2U) | (b >> 2 & 4U) | (b >> 3 & 8U);
}

/// A modulation symbol of unit mean power from its qam_mod_order bits, the first one least significant.
PADO_HD inline cf32 qam_symbol(std::uint32_t bits, int qam_mod_order)
{
  // 1 / sqrt of 2, 10, 42, 170: the mean power of the odd-number lattice.
  const float scale = qam_mod_order == 2   ? 0.70710678F
                      : qam_mod_order == 4 ? 0.31622777F
                      : qam_mod_order == 6 ? 0.15430335F
                                           : 0.07669650F;
  const int per_axis = qam_mod_order / 2;
  return {scale * pam_level(every_second_bit(bits, 0), per_axis),
          scale * pam_level(every_second_bit(bits, 1), per_axis)};
}

/// nof_bits <= 8 bits of a packed sequence from bit position `bit` on.
template <memory M>
PADO_HD inline std::uint32_t
bits_at(view<const std::uint32_t, 1, M> words, int words_begin, int bit, int nof_bits)
{
  const int word = words_begin + bit / 32;
  const int shift = bit % 32;
  std::uint32_t bits = words(word) >> shift;
  if (shift + nof_bits > 32) {
    bits |= words(word + 1) << (32 - shift);
  }
  return bits & ((1U << nof_bits) - 1U);
}

/// Layer `layer` of one task. Blocks of a task differ in the layer.
template <class Block, memory M>
PADO_HD void pusch_modulate(
    const Block& block,
    const pusch_modulate_task& task,
    int layer,
    const typename phy::pusch_modulate<M == memory::host ? backend::cpu : backend::cuda>::input& in,
    view<cf32, 3, M> grid)
{
  const auto code = in.code;
  const auto sequence = in.sequence;
  const view<cf32, 1, M> row = grid[task.tx_port + layer][task.symbol];
  const int first_subcarrier = nof_subcarriers_per_prb * task.prbs.begin;
  const int delta = task.delta[layer];
  const float second_sign = task.second_sign[layer];
  // Subcarrier k of the allocation: DM-RS on the layer's comb, data on all subcarriers or on the odd ones,
  // else nothing.
  block.for_each(nof_subcarriers_per_prb * task.prbs.size(), [=](int k) {
    cf32 value = {0.0F, 0.0F};
    const bool is_dmrs = task.dmrs_words_begin >= 0;
    if (is_dmrs && k % 2 == delta) {
      const int p = k / 2;
      const float amplitude = p % 2 == 0 ? task.dmrs_amplitude : task.dmrs_amplitude * second_sign;
      value = amplitude * dmrs_pilot(sequence, task.dmrs_words_begin, p);
    } else if (task.data_res_per_prb == nof_subcarriers_per_prb ||
               (task.data_res_per_prb == 6 && k % 2 == 1)) {
      const int re = task.data_res_per_prb == 6 ? k / 2 : k;
      const int qm = task.qam_mod_order;
      const int bit = task.first_bit + (re * task.nof_layers + layer) * qm;
      const std::uint32_t bits = bits_at(code, task.code_words_begin, bit, qm) ^
                                 bits_at(sequence, task.scrambling_words_begin, bit, qm);
      value = qam_symbol(bits, qm);
    }
    row(first_subcarrier + k) = value;
  });
}

} // namespace pado::phy::body
