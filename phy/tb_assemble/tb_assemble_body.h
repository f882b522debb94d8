// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/tb_assemble/tb_assemble.h"
#include <cassert>

namespace pado::phy::body {

/// Bytes of a transport block that one thread divides by the CRC polynomial before it weighs the rest.
inline constexpr int assemble_run_bytes = 64;

/// Byte k of the concatenated code blocks.
PADO_HD inline std::uint8_t assembled_byte(const tb_assemble_task& t, const std::uint8_t* bytes, int k)
{
  const int block = k / t.block_bytes;
  return bytes[block * t.block_stride + (k - block * t.block_bytes)];
}

struct assemble_remainder {
  std::uint32_t value = 0;
  PADO_HD assemble_remainder& operator+=(const assemble_remainder& other)
  {
    value ^= other.value;
    return *this;
  }
};

/// The share of bytes [begin, end) of n in the remainder of all of them.
PADO_HD inline assemble_remainder
assemble_share(const tb_assemble_task& t, const std::uint8_t* bytes, int begin, int end, int n)
{
  const crc_polynomial p = polynomial_of(t.tb_crc);
  const std::uint32_t top = std::uint32_t{1} << (p.length - 1);
  std::uint32_t r = 0;
  for (int k = begin; k < end; ++k) {
    r ^= static_cast<std::uint32_t>(assembled_byte(t, bytes, k)) << (p.length - 8);
    for (int bit = 0; bit < 8; ++bit) {
      r = ((r << 1) & (top | (top - 1))) ^ ((r & top) != 0 ? p.low : 0U);
    }
  }
  return {crc_multiply(p, r, crc_power(p, static_cast<std::uint32_t>(8 * (n - end))))};
}

/// What the decoder says of a transport block's code blocks.
struct assemble_counts {
  std::int32_t nof_ok = 0;
  std::int32_t sum_iterations = 0;
  PADO_HD assemble_counts& operator+=(const assemble_counts& other)
  {
    nof_ok += other.nof_ok;
    sum_iterations += other.sum_iterations;
    return *this;
  }
};

/// All that is said of a transport block but its own CRC.
template <class Block, memory M>
PADO_HD tb_assemble_status assemble_status(const Block& block,
                                           const tb_assemble_task& task,
                                           view<const ldpc_decode_status, 1, M> blocks)
{
  const int first = task.first_block;
  const auto counts = block.template sum<assemble_counts>(task.nof_blocks, [=](int r) {
    const ldpc_decode_status& s = blocks(first + r);
    return assemble_counts{s.crc_ok, s.iterations};
  });
  const auto most =
      block.template max<std::int32_t>(task.nof_blocks, [=](int r) { return blocks(first + r).iterations; });
  return {0, counts.nof_ok, counts.sum_iterations, most};
}

template <class Block, memory M>
PADO_HD void tb_assemble(const Block& block,
                         const tb_assemble_task& task,
                         view<const std::uint8_t, 1, M> bytes,
                         view<const ldpc_decode_status, 1, M> blocks,
                         view<std::uint8_t, 1, M> payload,
                         tb_assemble_status* status)
{
  const tb_assemble_task t = task;
  const std::uint8_t* in = bytes.data() + t.bytes_begin;
  std::uint8_t* out = payload.data() + t.payload_begin;
  const int n = t.payload_bytes + polynomial_of(t.tb_crc).length / 8;
  assert(n == t.nof_blocks * t.block_bytes);
  tb_assemble_status s = assemble_status(block, t, blocks);
  block.for_each(t.payload_bytes, [=](int k) { out[k] = assembled_byte(t, in, k); });
  const auto remainder =
      block.template sum<assemble_remainder>((n + assemble_run_bytes - 1) / assemble_run_bytes, [=](int run) {
        const int begin = run * assemble_run_bytes;
        const int end = begin + assemble_run_bytes < n ? begin + assemble_run_bytes : n;
        return assemble_share(t, in, begin, end, n);
      });
  s.crc_ok = remainder.value == 0 && s.nof_blocks_ok == t.nof_blocks ? 1 : 0;
  block.single([=]() { *status = s; });
}

} // namespace pado::phy::body
