// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/ue/pusch_modulate_body.h"

namespace pado::phy {

template <>
void pusch_modulate<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  assert(in.tasks.extent(0) <= plan_.config.max_tasks);
  const host_block block;
  for (int t = 0; t < in.tasks.extent(0); ++t) {
    for (int layer = 0; layer < in.tasks(t).nof_layers; ++layer) {
      body::pusch_modulate(block, in.tasks(t), layer, in, out.grid);
    }
  }
}

} // namespace pado::phy
