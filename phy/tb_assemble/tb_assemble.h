// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/view.h"
#include "phy/ldpc_decode/ldpc_decode.h"
#include <cstdint>

namespace pado::phy {

/// Limits of one cell, fixed at configuration time.
struct tb_assemble_config {
  std::int32_t max_tasks = 0; ///< transport blocks of one slot
};

/// A checked configuration. Plain data, host memory, immutable.
struct tb_assemble_plan {
  tb_assemble_config config;
};
result<tb_assemble_plan> plan_tb_assemble(const tb_assemble_config& config);

/// One transport block out of its decoded code blocks.
struct tb_assemble_task {
  std::int32_t first_block; ///< index of its first ldpc_decode task
  std::int32_t nof_blocks;
  std::int32_t
      block_bytes; ///< payload bytes of one code block: (K' - CRC24B) / 8; with one block: TB and its CRC
  std::int32_t block_stride;  ///< bytes from one block to the next in in.bytes
  std::int32_t bytes_begin;   ///< of the first block in in.bytes
  block_crc tb_crc;           ///< crc16 or crc24a
  std::int32_t payload_bytes; ///< TBS / 8
  std::int32_t payload_begin; ///< into out.payload
};

struct tb_assemble_status {
  std::int32_t crc_ok; ///< 1: every block's CRC and the transport block's held
  std::int32_t nof_blocks_ok;
  std::int32_t sum_iterations;
  std::int32_t max_iterations;
};

/// Concatenates code blocks into transport blocks and checks their CRC.
///
/// in.tasks     [task]
/// in.bytes     [byte]   hard decisions of the code blocks
/// in.blocks    [block]  what the decoder says of them
/// out.payload  [byte]   bit 7 of byte 0 first; the hard decisions as they are when the CRC fails
/// out.status   [task]
///
/// \spec    TS 38.212, 6.2.1 and 6.2.3, reversed
/// \errors  none: limits come from the plan, the slot program keeps them, and they are asserted
template <backend B>
class tb_assemble {
public:
  struct input {
    view<const tb_assemble_task, 1, memory_of<B>> tasks;
    view<const std::uint8_t, 1, memory_of<B>> bytes;
    view<const ldpc_decode_status, 1, memory_of<B>> blocks;
  };
  struct output {
    view<std::uint8_t, 1, memory_of<B>> payload;
    view<tb_assemble_status, 1, memory_of<B>> status;
  };

  explicit tb_assemble(const tb_assemble_plan& plan) : plan_(plan) {}

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  tb_assemble_plan plan_;
};
template <>
void tb_assemble<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void tb_assemble<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
