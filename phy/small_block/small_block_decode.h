// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/result.h"
#include "core/view.h"
#include "phy/small_block/small_block.h"
#include <cstddef>
#include <cstdint>

namespace pado::phy {

/// Limits of one cell, fixed at configuration time.
struct small_block_decode_config {
  std::int32_t max_tasks = 0; ///< small blocks of all PDUs of one slot
};

/// A checked configuration. Plain data, host memory, immutable.
struct small_block_decode_plan {
  small_block_decode_config config;
};
result<small_block_decode_plan> plan_small_block_decode(const small_block_decode_config& config);

/// One block.
struct small_block_decode_task {
  std::int32_t nof_bits;      ///< K, 1..11
  std::int32_t qam_mod_order; ///< of the channel that carries it: places the bits of a block of 2
  std::int32_t llr_begin;     ///< nof_llr values from here in in.llr
  std::int32_t nof_llr;       ///< E
  std::int32_t bits_begin;    ///< K values from here in out.bits
};

struct small_block_decode_status {
  float log_ratio; ///< natural logarithm of the likelihood of the word over that of the next best one
};

/// Maximum-likelihood decoder of blocks of 1 to 11 bits: all 2^K words are compared.
///
/// in.tasks    [task]
/// in.llr      [bit]   std::int8_t, positive = bit 0, phy/equalise's scale; 0 on placeholders that hold
///                     nothing
/// out.bits    [bit]   std::uint8_t 0 or 1
/// out.status  [task]
///
/// \spec    TS 38.212, 5.3.3, 5.4.3, reversed
/// \errors  none in run(): limits come from the plan and are asserted. The constructor may throw
/// std::bad_alloc
template <backend B>
class small_block_decode {
public:
  struct input {
    view<const small_block_decode_task, 1, memory_of<B>> tasks;
    view<const std::int8_t, 1, memory_of<B>> llr;
  };
  struct output {
    view<std::uint8_t, 1, memory_of<B>> bits;
    view<small_block_decode_status, 1, memory_of<B>> status;
  };

  explicit small_block_decode(const small_block_decode_plan& plan);

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  small_block_decode_plan plan_;
  buffer<std::byte> scratch_; ///< of the host block; empty on CUDA, where it is shared memory
};
template <>
small_block_decode<backend::cpu>::small_block_decode(const small_block_decode_plan& plan);
template <>
small_block_decode<backend::cuda>::small_block_decode(const small_block_decode_plan& plan);
template <>
void small_block_decode<backend::cpu>::run(const input& in,
                                           const output& out,
                                           queue<backend::cpu> q) noexcept;
template <>
void small_block_decode<backend::cuda>::run(const input& in,
                                            const output& out,
                                            queue<backend::cuda> q) noexcept;

} // namespace pado::phy
