// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "phy/crc/crc.h"
#include <cstdint>

namespace pado::phy {

inline constexpr std::int32_t max_crc16_tb_bits = 3824; ///< longer transport blocks have CRC24A

/// What the coding of one UL-SCH transport block depends on.
struct ulsch_config {
  std::int32_t tb_size_bits = 0;
  std::int32_t target_code_rate = 0;  ///< 1024 R x 10 of the first transmission (pusch_pdu.target_code_rate)
  std::int32_t rv = 0;                ///< 0..3
  std::int32_t nof_coded_bits = 0;    ///< G: bits of the code word
  std::int32_t nof_layers = 1;        ///< 1..4
  std::int32_t qam_mod_order = 2;     ///< 1, 2, 4, 6, 8
  std::int32_t tb_size_lbrm_bits = 0; ///< TBS_LBRM; 0: no limited-buffer rate matching
};

/// A transport block cut into code blocks, and how each is rate matched. Every count in bits.
///
/// Positions in a block's circular buffer ("d-index") count from the third base column: the first 2 z are
/// never sent.
struct segmentation {
  std::int32_t base_graph;     ///< 1 or 2
  std::int32_t nof_blocks;     ///< C
  std::int32_t z;              ///< lifting size
  std::int32_t i_ls;           ///< its set index
  std::int32_t nof_block_bits; ///< K': payload, transport block CRC share and code block CRC
  std::int32_t nof_info_bits;  ///< K: with fillers, 22 z or 10 z
  std::int32_t nof_coded;      ///< N: 66 z or 50 z
  std::int32_t nof_circular;   ///< N_cb
  std::int32_t k0;             ///< where the redundancy version starts, d-index
  std::int32_t filler_begin;   ///< NULL bits, d-index
  std::int32_t filler_end;
  crc_kind tb_crc;               ///< crc16 or crc24a
  std::int32_t block_crc_bits;   ///< 24 (CRC24B) with several blocks, 0 with one
  std::int32_t nof_short_blocks; ///< blocks [0, nof_short_blocks) have short_e bits, the rest long_e
  std::int32_t short_e;
  std::int32_t long_e;

  std::int32_t tb_crc_bits() const { return polynomial_of(tb_crc).length; }
  /// E_r: coded bits of a block.
  std::int32_t nof_sent(std::int32_t block) const { return block < nof_short_blocks ? short_e : long_e; }
  /// Where the coded bits of a block begin in the code word.
  std::int32_t sent_begin(std::int32_t block) const
  {
    const std::int32_t nof_short = block < nof_short_blocks ? block : nof_short_blocks;
    return nof_short * short_e + (block - nof_short) * long_e;
  }
  /// Positions of the circular buffer that can be sent: N_cb without fillers.
  std::int32_t nof_sendable() const;
  /// Base-graph rows that this transmission's bits reach, 4..46 or 4..42. A decoder that combines
  /// transmissions needs the largest of them.
  std::int32_t nof_rows() const;
};

/// Segments a transport block. Integers only.
///
/// \spec    TS 38.212, 5.2.2, 5.4.2.1, 6.2.1 to 6.2.5
/// \errors  "segmentation.FIELD": out of range, a size that no TBS gives, too few coded bits
result<segmentation> segment_ulsch(const ulsch_config& config);

} // namespace pado::phy
