// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/rate_dematch/rate_dematch.h"
#include <cassert>

namespace pado::phy::body {

PADO_HD constexpr std::int32_t saturated_int8(std::int32_t x)
{
  return x < -128 ? -128 : x > 127 ? 127 : x;
}

/// The part of the NULL bits that lies inside the circular buffer.
struct dematch_fillers {
  std::int32_t begin;
  std::int32_t end;

  PADO_HD explicit dematch_fillers(const rate_dematch_task& t)
      : begin(t.filler_begin < t.nof_circular ? t.filler_begin : t.nof_circular),
        end(t.filler_end < t.nof_circular ? t.filler_end : t.nof_circular)
  {
  }
  PADO_HD std::int32_t size() const { return end - begin; }
  /// How many positions before d can be sent.
  PADO_HD std::int32_t sendable_before(std::int32_t d) const
  {
    return d <= begin ? d : d < end ? begin : d - size();
  }
};

/// One position of the soft buffer gathers its soft bits: first its turn in the walk from k0, then every lap
/// after it.
///
/// llr points to the first soft bit of the block, old is what the buffer holds.
PADO_HD inline std::int8_t
rate_dematch_one(const rate_dematch_task& t, const std::int8_t* llr, std::int32_t d, std::int8_t old)
{
  if (d >= t.filler_begin && d < t.filler_end) {
    return 127;
  }
  std::int32_t sum = t.is_combined != 0 ? old : 0;
  if (d < 0 || d >= t.nof_circular) {
    return static_cast<std::int8_t>(d < 0 ? 0 : sum);
  }
  const dematch_fillers fillers(t);
  const std::int32_t lap = t.nof_circular - fillers.size();
  std::int32_t turn = fillers.sendable_before(d) - fillers.sendable_before(t.k0);
  turn += turn < 0 ? lap : 0;
  const std::int32_t nof_symbols = t.nof_llr / t.qam_mod_order;
  for (std::int32_t n = turn; n < t.nof_llr; n += lap) {
    const std::int32_t i = n / nof_symbols;
    sum = saturated_int8(sum + llr[(n - i * nof_symbols) * t.qam_mod_order + i]);
  }
  return static_cast<std::int8_t>(sum);
}

template <class Block, memory M>
PADO_HD void rate_dematch(const Block& block,
                          const rate_dematch_task& task,
                          view<const std::int8_t, 1, M> llr,
                          view<std::int8_t, 1, M> soft)
{
  assert(task.nof_llr % task.qam_mod_order == 0);
  assert(task.llr_begin + task.nof_llr <= llr.extent(0));
  assert(task.soft_begin + 2 * task.z + task.nof_coded <= soft.extent(0));
  const std::int8_t* in = llr.data() + task.llr_begin;
  std::int8_t* out = soft.data() + task.soft_begin;
  const std::int32_t nof_unsent = 2 * task.z;
  const rate_dematch_task t = task;
  block.for_each(nof_unsent + task.nof_coded,
                 [=](int i) { out[i] = rate_dematch_one(t, in, i - nof_unsent, out[i]); });
}

} // namespace pado::phy::body
