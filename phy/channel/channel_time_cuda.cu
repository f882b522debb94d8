// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/channel/channel_time_body.h"

namespace pado::phy {

namespace {
__global__ void channel_time_kernel(channel_time<backend::cuda>::input in,
                                    channel_time<backend::cuda>::output out)
{
  body::channel_time(device_block(), static_cast<int>(blockIdx.x), in, out.rx);
}
} // namespace

template <>
void channel_time<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  const int nof_tiles = (out.rx.extent(1) + channel_tile_samples - 1) / channel_tile_samples;
  channel_time_kernel<<<static_cast<unsigned>(nof_tiles),
                        block_threads,
                        channel_time_scratch_bytes,
                        q.stream>>>(in, out);
}

} // namespace pado::phy
