// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/view.h"
#include "phy/simd/simd_level.h"
#include <cstdint>

namespace pado::phy {

/// Limits of one cell, fixed at configuration time.
struct rate_dematch_config {
  std::int32_t max_tasks = 0; ///< code blocks of all PDUs of one slot
  simd_level simd = simd_level::best;
};

/// A checked configuration. Plain data, host memory, immutable.
struct rate_dematch_plan {
  rate_dematch_config config;
};
result<rate_dematch_plan> plan_rate_dematch(const rate_dematch_config& config);

/// One code block: E soft bits of the code word into its soft buffer.
struct rate_dematch_task {
  std::int32_t llr_begin;     ///< first soft bit of the block in in.llr
  std::int32_t nof_llr;       ///< E_r, a multiple of qam_mod_order
  std::int32_t qam_mod_order; ///< of the bit interleaver: 1, 2, 4, 6, 8
  std::int32_t z;             ///< lifting size
  std::int32_t nof_coded;     ///< N: 66 z or 50 z
  std::int32_t nof_circular;  ///< N_cb
  std::int32_t k0;            ///< where the redundancy version starts
  std::int32_t filler_begin;  ///< NULL bits in d-index (after the first 2 z are dropped)
  std::int32_t filler_end;
  std::int32_t is_combined; ///< 0: overwrite the soft buffer, 1: add to what is in it (saturating)
  std::int64_t
      soft_begin; ///< of the block's soft buffer: 2 z + nof_coded values, the first 2 z are never sent and 0
};

/// Undoes bit interleaving and bit selection, adds repeated and retransmitted soft bits.
///
/// A sum saturates to -128..127 at every addition, in the order of the circular buffer: what is in the soft
/// buffer first. Fillers become 127 (certain zero), positions that no transmission reached 0.
///
/// in.tasks   [task]   soft buffers of two tasks do not overlap
/// in.llr     [bit]    int8, the code words of the slot
/// out.soft   [value]  int8, the HARQ memory of the cell
///
/// \spec    TS 38.212, 5.4.2.1 and 5.4.2.2, reversed
/// \errors  none: limits come from the plan, the slot program keeps them, and they are asserted
template <backend B>
class rate_dematch {
public:
  struct input {
    view<const rate_dematch_task, 1, memory_of<B>> tasks;
    view<const std::int8_t, 1, memory_of<B>> llr;
  };
  struct output {
    view<std::int8_t, 1, memory_of<B>> soft;
  };

  explicit rate_dematch(const rate_dematch_plan& plan) : plan_(plan) {}

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  rate_dematch_plan plan_;
};
template <>
void rate_dematch<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void rate_dematch<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
