// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/view.h"
#include <cstdint>

namespace pado::phy {

/// One code block: E soft bits of the code word into its soft buffer.
struct rate_dematch_task {
  std::int32_t llr_begin;     ///< first soft bit of the block in in.llr
  std::int32_t nof_llr;       ///< E_r
  std::int32_t qam_mod_order; ///< of the bit interleaver
  std::int32_t z;             ///< lifting size
  std::int32_t nof_coded;     ///< N: 66 z or 50 z
  std::int32_t nof_circular;  ///< N_cb
  std::int32_t k0;            ///< where the redundancy version starts
  std::int32_t filler_begin;  ///< NULL bits in d-index (after the first 2 z are dropped)
  std::int32_t filler_end;
  std::int32_t is_combined;   ///< 0: overwrite the soft buffer, 1: add to what is in it (saturating)
  std::int64_t soft_begin;    ///< of the block's soft buffer: 2 z + nof_coded values, the first 2 z are never sent and 0
};

// The class rate_dematch<B>: in.tasks, in.llr [bit] int8; out.soft [value] int8 (the HARQ memory of the cell).
// Fillers become +127 (certain zero). Positions never received become 0.

} // namespace pado::phy
