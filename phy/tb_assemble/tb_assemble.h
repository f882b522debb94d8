// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/view.h"
#include "phy/ldpc_decode/ldpc_decode.h"
#include <cstdint>

namespace pado::phy {

/// One transport block out of its decoded code blocks.
struct tb_assemble_task {
  std::int32_t first_block;    ///< index of its first ldpc_decode task
  std::int32_t nof_blocks;
  std::int32_t block_bytes;    ///< payload bytes of one code block: (K' - CRC24B) / 8; with one block: TB and its CRC
  std::int32_t block_stride;   ///< bytes from one block to the next in in.bytes
  std::int32_t bytes_begin;    ///< of the first block in in.bytes
  block_crc tb_crc;            ///< crc16 or crc24a
  std::int32_t payload_bytes;  ///< TBS / 8
  std::int32_t payload_begin;  ///< into out.payload
};

struct tb_assemble_status {
  std::int32_t crc_ok; ///< 1: every block's CRC and the transport block's held
  std::int32_t nof_blocks_ok;
  std::int32_t sum_iterations;
  std::int32_t max_iterations;
};

// The class tb_assemble<B>: in.tasks, in.bytes, in.blocks [ldpc_decode_status]; out.payload [byte], out.status [task].

} // namespace pado::phy
