// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/dmrs_ls/dmrs_ls_body.h"

namespace pado::phy {

namespace {
__global__ void dmrs_ls_kernel(dmrs_ls<backend::cuda>::input in, dmrs_ls<backend::cuda>::output out)
{
  body::dmrs_ls(device_block(), in.tasks(blockIdx.x), static_cast<int>(blockIdx.y), in, out.h);
}
} // namespace

template <>
void dmrs_ls<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  if (in.tasks.extent(0) == 0) {
    return;
  }
  const dim3 grid(static_cast<unsigned>(in.tasks.extent(0)), static_cast<unsigned>(in.grid.extent(0)));
  dmrs_ls_kernel<<<grid, block_threads, 0, q.stream>>>(in, out);
}

} // namespace pado::phy
