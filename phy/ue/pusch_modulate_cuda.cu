// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/ue/pusch_modulate_body.h"

namespace pado::phy {

namespace {
__global__ void pusch_modulate_kernel(pusch_modulate<backend::cuda>::input in,
                                      pusch_modulate<backend::cuda>::output out)
{
  const pusch_modulate_task& task = in.tasks(blockIdx.x);
  const int layer = static_cast<int>(blockIdx.y);
  if (layer < task.nof_layers) {
    body::pusch_modulate(device_block(), task, layer, in, out.grid);
  }
}
} // namespace

template <>
void pusch_modulate<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  if (in.tasks.extent(0) == 0) {
    return;
  }
  const dim3 grid(static_cast<unsigned>(in.tasks.extent(0)), max_nof_layers);
  pusch_modulate_kernel<<<grid, block_threads, 0, q.stream>>>(in, out);
}

} // namespace pado::phy
