// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/ldpc_decode/ldpc_arithmetic.h"
#include "phy/ldpc_decode/ldpc_decode.h"
#include <cassert>

namespace pado::phy::body {

/// Scratch of a block: evidence per bit, then which rows have any.
inline constexpr std::size_t ldpc_flags_offset = static_cast<std::size_t>(max_base_cols) * max_lifting_size;
inline constexpr std::size_t ldpc_scratch_bytes = ldpc_flags_offset + 48 * sizeof(std::int32_t);
static_assert(ldpc_flags_offset % 64 == 0);

/// Messages of the largest code block.
inline constexpr std::size_t ldpc_max_messages = static_cast<std::size_t>(max_base_rows) * max_lifting_size;

/// One code block on its way: what every lambda below captures.
struct ldpc_block {
  const base_graph* graph;
  const std::uint16_t* shift;
  std::int8_t* app;       ///< [column][bit] evidence: channel and messages
  ldpc_message* messages; ///< [row][lifted row]
  std::int32_t z;
  std::int32_t nof_bits;
  std::int32_t first_empty; ///< columns [first_empty, nof_info) hold fillers only and take no part
  std::int32_t nof_info;

  PADO_HD bool is_filler(int col, int bit) const { return col < nof_info && col * z + bit >= nof_bits; }
  PADO_HD bool is_empty(int col) const { return col >= first_empty && col < nof_info; }
};

/// Evidence of one bit without what this row said about it last time.
PADO_HD inline int ldpc_input(const ldpc_block& b, const ldpc_message& old, int edge, int position)
{
  const int magnitude = ((old.weakest >> edge) & 1U) != 0 ? old.second : old.first;
  const bool is_negative = ((old.signs >> edge) & 1U) != 0;
  return ldpc_saturated(b.app[position] + (is_negative ? magnitude : -magnitude));
}

/// What a lifted row has read so far. Its own parity bit comes first; rows 0 to 3 have none.
struct ldpc_row_state {
  int weakest;
  int others = ldpc_certain; ///< all inputs but the weakest, combined
  bool is_odd;               ///< product of the signs

  PADO_HD explicit ldpc_row_state(int own) : weakest(own < 0 ? -own : own), is_odd(own < 0) {}
  PADO_HD void add(int v)
  {
    const int magnitude = v < 0 ? -v : v;
    others = ldpc_combined(others, magnitude < weakest ? weakest : magnitude);
    weakest = magnitude < weakest ? magnitude : weakest;
    is_odd = is_odd != (v < 0);
  }
};

/// One lifted row: reads the evidence of its bits, sends new messages, updates the evidence.
PADO_HD inline void ldpc_row(const ldpc_block& b, int row, int i)
{
  const int begin = b.graph->row_begin[row];
  // The own parity bit is the last edge. No other row has it: its evidence stays the channel's.
  const int nof_updated = b.graph->row_begin[row + 1] - begin - (row < 4 ? 0 : 1);
  ldpc_message& kept = b.messages[row * b.z + i];
  const ldpc_message old = kept;
  ldpc_row_state state(row < 4 ? ldpc_certain : b.app[(b.nof_info + row) * b.z + i]);
  for (int e = 0; e < nof_updated; ++e) {
    const int col = b.graph->col[begin + e];
    if (!b.is_empty(col)) {
      state.add(ldpc_input(b, old, e, col * b.z + (i + b.shift[begin + e]) % b.z));
    }
  }
  // An input as weak as the weakest is left out of what it is told: with two of them either is told the same.
  ldpc_message next{0, 0, 0, 0, 0};
  next.first = static_cast<std::uint8_t>(ldpc_limited(ldpc_combined(state.others, state.weakest)));
  next.second = static_cast<std::uint8_t>(ldpc_limited(state.others));
  for (int e = 0; e < nof_updated; ++e) {
    const int col = b.graph->col[begin + e];
    if (b.is_empty(col)) {
      continue;
    }
    const int bit = (i + b.shift[begin + e]) % b.z;
    const int position = col * b.z + bit;
    const int v = ldpc_input(b, old, e, position);
    const bool is_weakest = (v < 0 ? -v : v) == state.weakest;
    const bool is_negative = state.is_odd != (v < 0); // the product of the other signs
    next.weakest |= (is_weakest ? 1U : 0U) << e;
    next.signs |= (is_negative ? 1U : 0U) << e;
    const int magnitude = is_weakest ? next.second : next.first;
    const int sum = ldpc_saturated(v + (is_negative ? -magnitude : magnitude));
    b.app[position] = static_cast<std::int8_t>(b.is_filler(col, bit) ? 127 : sum);
  }
  kept = next;
}

/// What one iteration has reached. Both must be 0.
struct ldpc_verdict {
  std::uint32_t remainder = 0;     ///< of the block divided by its CRC polynomial
  std::uint32_t nof_undecided = 0; ///< information bits without evidence

  PADO_HD ldpc_verdict& operator+=(const ldpc_verdict& other)
  {
    remainder ^= other.remainder;
    nof_undecided += other.nof_undecided;
    return *this;
  }
};

/// The share of word w, counted from the end of the block: 32 bits that weigh x^(32 w).
PADO_HD inline ldpc_verdict ldpc_judge(const ldpc_block& b, const ldpc_tables* tables, block_crc crc, int w)
{
  const int end = b.nof_bits - 32 * w;
  ldpc_verdict share;
  std::uint32_t word = 0;
  for (int k = end > 32 ? end - 32 : 0; k < end; ++k) {
    word = (word << 1) | (b.app[k] < 0 ? 1U : 0U);
    share.nof_undecided += b.app[k] == 0 ? 1U : 0U;
  }
  share.remainder = crc_multiply(polynomial_of(crc), word, tables->crc_weight[crc_row(crc)][w]);
  return share;
}

/// Copies the soft bits, clears the messages and finds the rows whose own parity bit was received: the others
/// say nothing.
template <class Block>
PADO_HD void ldpc_start(
    const Block& block, const ldpc_block& b, const std::int8_t* soft, int nof_rows, std::int32_t* is_active)
{
  const int first_own = (b.nof_info + 4) * b.z;
  block.for_each(48, [=](int row) { is_active[row] = row < 4 ? 1 : 0; });
  block.for_each((b.nof_info + nof_rows) * b.z, [=](int k) {
    const int col = k / b.z;
    const std::int8_t value = b.is_filler(col, k - col * b.z) ? std::int8_t{127} : soft[k];
    b.app[k] = value;
    if (k >= first_own && value != 0) {
      is_active[col - b.nof_info] = 1; // by whichever thread: the value is the same
    }
  });
  block.for_each(nof_rows * b.z, [=](int k) { b.messages[k] = ldpc_message{0, 0, 0, 0, 0}; });
}

/// What one code block reads and writes.
struct ldpc_memory {
  const ldpc_tables* tables;
  const std::int8_t* soft;
  ldpc_message* messages; ///< nof_rows * z of them
  std::uint8_t* bytes;
  ldpc_decode_status* status;
};

/// One code block. The block needs ldpc_scratch_bytes of scratch.
template <class Block>
PADO_HD void
ldpc_decode(const Block& block, const ldpc_decode_task& task, const ldpc_memory& memory, ldpc_stop stop)
{
  const ldpc_tables* tables = memory.tables;
  const base_graph* graph = &tables->graph[task.base_graph - 1];
  const ldpc_block b{graph,
                     graph->shift[ldpc_set_index(task.z)],
                     block.template array<std::int8_t>(0, ldpc_flags_offset),
                     memory.messages,
                     task.z,
                     task.nof_bits,
                     (task.nof_bits + task.z - 1) / task.z,
                     graph->nof_info_cols()};
  std::int32_t* is_active = block.template array<std::int32_t>(ldpc_flags_offset, 48);
  assert(task.nof_bits % 8 == 0 && task.nof_bits <= b.nof_info * b.z);
  ldpc_start(block, b, memory.soft, task.nof_rows, is_active);

  const block_crc crc = task.crc;
  ldpc_verdict verdict;
  int iteration = 0;
  bool is_done = false;
  while (!is_done && iteration < task.max_iterations) {
    for (int k = 0; k < graph->nof_rows; ++k) {
      const int row = tables->row_order[task.base_graph - 1][k];
      if (is_active[row] != 0) {
        block.for_each(b.z, [=](int i) { ldpc_row(b, row, i); });
      }
    }
    ++iteration;
    if (stop == ldpc_stop::crc || iteration == task.max_iterations) {
      verdict = block.template sum<ldpc_verdict>((b.nof_bits + 31) / 32,
                                                 [=](int w) { return ldpc_judge(b, tables, crc, w); });
      is_done = verdict.remainder == 0 && verdict.nof_undecided == 0;
    }
  }
  std::uint8_t* bytes = memory.bytes;
  block.for_each(b.nof_bits / 8, [=](int k) {
    unsigned byte = 0;
    for (int bit = 0; bit < 8; ++bit) {
      byte = (byte << 1) | (b.app[8 * k + bit] < 0 ? 1U : 0U);
    }
    bytes[k] = static_cast<std::uint8_t>(byte);
  });
  ldpc_decode_status* status = memory.status;
  block.single([=]() { *status = ldpc_decode_status{is_done ? 1 : 0, iteration}; });
}

} // namespace pado::phy::body
