// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/uplink_sync/prefix_fold_body.h"

namespace pado::phy {

template <>
void prefix_fold<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  assert(in.tasks.extent(0) <= plan_.config.max_tasks && in.samples.extent(0) <= plan_.config.nof_rx_ports &&
         out.products.extent(0) <= plan_.config.period);
  body::prefix_fold(host_block(), 0, out.products.extent(0), in.tasks, in.samples, in.lag, out.products);
}

} // namespace pado::phy
