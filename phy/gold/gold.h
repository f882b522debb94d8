// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/view.h"
#include <cstdint>

namespace pado::phy {

/// Limits of one cell, fixed at configuration time.
struct gold_config {
  std::int32_t max_tasks = 0; ///< sequences of one slot
  std::int32_t max_words = 0; ///< 32-bit words of all of them
};

/// A checked configuration. Plain data, host memory, immutable.
struct gold_plan {
  gold_config config;
};
result<gold_plan> plan_gold(const gold_config& config);

/// One run of a pseudo-random sequence: DM-RS bits of one symbol of one PDU, or the scrambling bits of a code
/// word.
struct gold_task {
  std::uint32_t c_init;     ///< below 2^31
  std::uint32_t first_bit;  ///< n of c(n) where the run begins
  std::int32_t words_begin; ///< offset into out.words
  std::int32_t nof_bits;

  PADO_HD std::int32_t nof_words() const { return (nof_bits + 31) / 32; }
};

/// Pseudo-random sequences c(n), 32 bits a word, first bit in the least significant place.
///
/// in.tasks   [task]
/// out.words  [word]  task t fills ceil(nof_bits / 32) words from its words_begin; bits past the end are
/// undefined
///
/// \spec    TS 38.211, 5.2.1
/// \errors  none: limits come from the plan, the slot program keeps them, and they are asserted
template <backend B>
class gold {
public:
  struct input {
    view<const gold_task, 1, memory_of<B>> tasks;
  };
  struct output {
    view<std::uint32_t, 1, memory_of<B>> words;
  };

  explicit gold(const gold_plan& plan) : plan_(plan) {}

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  gold_plan plan_;
};
template <>
void gold<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void gold<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
