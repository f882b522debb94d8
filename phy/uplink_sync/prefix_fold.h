// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/backend.h"
#include "core/complex.h"
#include "core/result.h"
#include "core/view.h"
#include <cstdint>

namespace pado::phy {

/// Limits of one search, fixed at configuration time.
struct prefix_fold_config {
  std::int32_t nof_rx_ports = 0; ///< 1..64
  std::int32_t period = 0;       ///< samples of half a subframe, 1..1048576
  std::int32_t max_tasks = 0;    ///< periods that are added up, 1..4096
};

/// A checked configuration. Plain data, host memory, immutable.
struct prefix_fold_plan {
  prefix_fold_config config;
};
result<prefix_fold_plan> plan_prefix_fold(const prefix_fold_config& config);

/// One period of a recording that is added to the sum. Plain data.
struct prefix_fold_task {
  std::int32_t sample_begin; ///< in in.samples; period + lag samples from there are read
  float weight;              ///< 1 / power: a loud UE must not hide the others
};

/// Products of samples that lie one useful symbol apart, added up over half subframes.
///
/// A cyclic prefix repeats the end of its symbol, so conj(x(n)) x(n + lag) has a direction there, that of the
/// carrier offset, and none elsewhere. All half subframes have the same prefixes, so their products add up.
///
/// in.tasks      [task]
/// in.samples    [port][sample]  cf32
/// in.lag        samples of the useful part of a symbol
/// out.products  [sample of the period]  sum over tasks and ports of weight conj(x(n)) x(n + lag)
///
/// \spec    TS 38.211, 5.3.1
/// \errors  none: limits come from the plan and are asserted
template <backend B>
class prefix_fold {
public:
  struct input {
    view<const prefix_fold_task, 1, memory_of<B>> tasks;
    view<const cf32, 2, memory_of<B>> samples;
    std::int32_t lag = 0;
  };
  struct output {
    view<cf32, 1, memory_of<B>> products;
  };

  explicit prefix_fold(const prefix_fold_plan& plan) : plan_(plan) {}

  /// No allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  prefix_fold_plan plan_;
};
template <>
void prefix_fold<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void prefix_fold<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
