// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/equalise/equalise.h"
#include "phy/small_block/small_block_decode.h"
#include "phy/small_block/small_block_tables.h"

namespace pado::phy::body {

inline constexpr std::int32_t small_block_words = 1 << max_small_block_bits;
/// Sums of repeated soft bits, then the correlation with every word.
inline constexpr std::size_t small_block_scratch_bytes = sizeof(std::int32_t) * (32 + small_block_words);

/// The code word of bits c0, c1, ... (c0 lowest): coded bit i is bit i. 1 bit has one, 2 bits have three.
PADO_HD inline std::uint32_t small_block_code(std::int32_t nof_bits, std::uint32_t word)
{
  if (nof_bits <= 2) {
    return nof_bits == 1 ? word : word | ((word ^ (word >> 1U)) & 1U) << 2U;
  }
  // Inside the function, since a device has no access to a host's table.
  constexpr std::array<std::uint32_t, max_small_block_bits> basis = small_block_basis;
  std::uint32_t code = 0;
  for (std::int32_t k = 0; k < max_small_block_bits; ++k) {
    code ^= ((word >> k) & 1U) != 0 ? basis[static_cast<std::size_t>(k)] : 0U;
  }
  return code;
}

/// Soft bits that stand for coded bit `index`, added.
PADO_HD inline std::int32_t
small_block_sum(const small_block_decode_task& task, const std::int8_t* llr, std::int32_t index)
{
  std::int32_t sum = 0;
  if (task.nof_bits > 2) {
    for (std::int32_t i = index; i < task.nof_llr; i += 32) {
      sum += llr[i];
    }
    return sum;
  }
  for (std::int32_t i = 0; i < task.nof_llr && index < 3; ++i) {
    sum += small_block_index(task.nof_bits, task.qam_mod_order, i) == index ? llr[i] : 0;
  }
  return sum;
}

template <class Block, memory M>
PADO_HD void small_block_decode(
    const Block& block,
    std::int32_t index,
    const typename phy::small_block_decode<M == memory::host ? backend::cpu : backend::cuda>::input& in,
    const typename phy::small_block_decode<M == memory::host ? backend::cpu : backend::cuda>::output& out)
{
  const small_block_decode_task task = in.tasks(index);
  assert(task.nof_bits >= 1 && task.nof_bits <= max_small_block_bits);
  assert(task.llr_begin >= 0 && task.llr_begin + task.nof_llr <= in.llr.extent(0));
  const std::int8_t* llr = in.llr.data() + task.llr_begin;
  std::int32_t* sums = block.template array<std::int32_t>(0, 32);
  std::int32_t* correlations =
      block.template array<std::int32_t>(32 * sizeof(std::int32_t), small_block_words);
  block.for_each(32, [=](int i) { sums[i] = small_block_sum(task, llr, i); });
  const std::int32_t nof_words = 1 << task.nof_bits;
  block.for_each(nof_words, [=](int word) {
    const std::uint32_t code = small_block_code(task.nof_bits, static_cast<std::uint32_t>(word));
    std::int32_t sum = 0;
    for (int i = 0; i < 32; ++i) {
      const std::int32_t flip = -static_cast<std::int32_t>((code >> i) & 1U);
      sum += (sums[i] ^ flip) - flip;
    }
    correlations[word] = sum;
  });
  // The word itself breaks ties, so that the order of the comparisons does not matter.
  const auto key = [=](int word) {
    return std::int64_t{correlations[word]} * small_block_words + (small_block_words - 1 - word);
  };
  const auto best = block.template max<std::int64_t>(nof_words, key);
  const std::int32_t found =
      static_cast<std::int32_t>(small_block_words - 1 - (best & (small_block_words - 1)));
  const auto next = block.template max<std::int64_t>(
      nof_words, [=](int word) { return word == found ? INT64_MIN : key(word); });
  std::uint8_t* bits = out.bits.data() + task.bits_begin;
  block.for_each(task.nof_bits, [=](int k) { bits[k] = static_cast<std::uint8_t>((found >> k) & 1); });
  const auto status = out.status;
  block.single([=] {
    const auto difference =
        static_cast<float>((best >> max_small_block_bits) - (next >> max_small_block_bits));
    status(index) = {difference / (2.0F * llr_scale)};
  });
}

} // namespace pado::phy::body
