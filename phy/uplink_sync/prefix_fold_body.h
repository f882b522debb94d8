// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/uplink_sync/prefix_fold.h"

namespace pado::phy::body {

/// Samples [begin, begin + count) of the period: one index is one sample, all tasks and ports one after the
/// other.
template <class Block, memory M>
PADO_HD void prefix_fold(const Block& block,
                         int begin,
                         int count,
                         view<const prefix_fold_task, 1, M> tasks,
                         view<const cf32, 2, M> samples,
                         int lag,
                         view<cf32, 1, M> products)
{
  block.for_each(count, [=](int i) {
    cf32 sum;
    for (int t = 0; t < tasks.extent(0); ++t) {
      const prefix_fold_task& task = tasks(t);
      const int n = task.sample_begin + begin + i;
      for (int port = 0; port < samples.extent(0); ++port) {
        sum += task.weight * (conj(samples(port, n)) * samples(port, n + lag));
      }
    }
    products(begin + i) = sum;
  });
}

} // namespace pado::phy::body
