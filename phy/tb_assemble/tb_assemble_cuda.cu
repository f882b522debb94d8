// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/tb_assemble/tb_assemble_body.h"

namespace pado::phy {

namespace {
__global__ void tb_assemble_kernel(tb_assemble<backend::cuda>::input in,
                                   tb_assemble<backend::cuda>::output out)
{
  body::tb_assemble(
      device_block(), in.tasks(blockIdx.x), in.bytes, in.blocks, out.payload, &out.status(blockIdx.x));
}
constexpr unsigned assemble_threads = 1024; // 2500 runs of the largest transport block
} // namespace

template <>
void tb_assemble<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  if (in.tasks.extent(0) == 0) {
    return;
  }
  tb_assemble_kernel<<<static_cast<unsigned>(in.tasks.extent(0)), assemble_threads, 0, q.stream>>>(in, out);
}

} // namespace pado::phy
