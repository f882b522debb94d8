// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/view.h"
#include <cstdint>

namespace pado::phy {

/// CRC that ends the decoding of a code block early.
enum class block_crc : std::int32_t { crc16, crc24a, crc24b };

/// One code block.
struct ldpc_decode_task {
  std::int32_t base_graph;     ///< 1 or 2
  std::int32_t z;              ///< lifting size
  std::int32_t nof_rows;       ///< base-graph rows that received bits reach, 4..46 or 4..42
  std::int32_t nof_bits;       ///< K': information bits with CRC, without fillers
  block_crc crc;
  std::int32_t max_iterations; ///< 1..100
  std::int64_t soft_begin;     ///< as in rate_dematch_task
  std::int32_t bytes_begin;    ///< into out.bytes, K' bits MSB first, the last byte padded with 0
};

struct ldpc_decode_status {
  std::int32_t crc_ok;     ///< 1: the CRC held (and the block is not all zero by accident of an empty input)
  std::int32_t iterations; ///< run, 1..max_iterations
};

// The class ldpc_decode<B>: in.tasks, in.soft [value] int8; out.bytes [byte] std::uint8_t, out.status [task].
// Layered normalised min-sum on int8.

} // namespace pado::phy
