// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/channel/channel_grid_body.h"

namespace pado::phy {

namespace {
__global__ void channel_grid_kernel(channel_grid<backend::cuda>::input in,
                                    channel_grid<backend::cuda>::output out)
{
  body::channel_grid(device_block(), static_cast<int>(blockIdx.y), static_cast<int>(blockIdx.x), in, out.rx);
}
} // namespace

template <>
void channel_grid<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  const dim3 grid(static_cast<unsigned>(out.rx.extent(1)), static_cast<unsigned>(out.rx.extent(0)));
  channel_grid_kernel<<<grid, block_threads, 0, q.stream>>>(in, out);
}

} // namespace pado::phy
