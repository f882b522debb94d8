// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/equalise/equalise_body.h"

namespace pado::phy {

namespace {
__global__ void equalise_kernel(equalise<backend::cuda>::input in, equalise<backend::cuda>::output out)
{
  const int t = static_cast<int>(blockIdx.x);
  body::equalise<device_block, memory::device>(
      device_block(), in.tiles(t), in, out.llr.data(), out.quality[t]);
}
} // namespace

template <>
void equalise<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  if (in.tiles.extent(0) == 0) {
    return;
  }
  equalise_kernel<<<static_cast<unsigned>(in.tiles.extent(0)), block_threads, 0, q.stream>>>(in, out);
}

} // namespace pado::phy
