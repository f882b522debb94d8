// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/ldpc_decode/ldpc_decode.h"
#include "phy/rate_dematch/rate_dematch.h"
#include "phy/segmentation/segmentation.h"
#include "phy/tb_assemble/tb_assemble.h"

namespace pado::phy {

/// Where one code block lies: the code word in the slot's soft bits, its soft buffer, its bytes.
struct block_place {
  std::int32_t llr_begin = 0;  ///< first soft bit of the code word
  std::int64_t soft_begin = 0; ///< of the block's soft buffer
  bool is_combined = false;    ///< soft bits of an earlier transmission lie there
};

/// Bytes of a decoded code block with its CRCs.
inline std::int32_t block_stride(const segmentation& cut)
{
  return (cut.nof_block_bits + 7) / 8;
}

/// Rate dematching of code block `block`.
inline rate_dematch_task dematch_task_of(const segmentation& cut,
                                         std::int32_t block,
                                         std::int32_t qam_mod_order,
                                         const block_place& place)
{
  return {place.llr_begin + cut.sent_begin(block),
          cut.nof_sent(block),
          qam_mod_order,
          cut.z,
          cut.nof_coded,
          cut.nof_circular,
          cut.k0,
          cut.filler_begin,
          cut.filler_end,
          place.is_combined ? 1 : 0,
          place.soft_begin};
}

/// Decoding of a code block. Earlier transmissions may have reached rows that this one does not.
inline ldpc_decode_task decode_task_of(const segmentation& cut,
                                       std::int32_t max_iterations,
                                       const block_place& place,
                                       std::int32_t bytes_begin)
{
  const std::int32_t nof_rows = !place.is_combined ? cut.nof_rows() : cut.base_graph == 1 ? 46 : 42;
  return {cut.base_graph,
          cut.z,
          nof_rows,
          cut.nof_block_bits,
          cut.nof_blocks > 1 ? block_crc::crc24b : cut.tb_crc,
          max_iterations,
          place.soft_begin,
          bytes_begin};
}

/// The transport block of decoded code blocks that lie block_stride() apart.
inline tb_assemble_task assemble_task_of(const segmentation& cut, std::int32_t payload_bytes)
{
  return {0,
          cut.nof_blocks,
          (cut.nof_block_bits - cut.block_crc_bits) / 8,
          block_stride(cut),
          0,
          cut.tb_crc,
          payload_bytes,
          0};
}

} // namespace pado::phy
