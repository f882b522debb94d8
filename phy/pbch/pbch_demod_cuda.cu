// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/pbch/pbch_demod_body.h"

namespace pado::phy {

namespace {
__global__ void pbch_demod_kernel(pbch_demod<backend::cuda>::input in, pbch_demod<backend::cuda>::output out)
{
  body::pbch_demod<backend::cuda>(device_block(), static_cast<int>(blockIdx.x), in, out);
}
} // namespace

template <>
pbch_demod<backend::cuda>::pbch_demod(const pbch_demod_plan& plan) : plan_(plan)
{
}

template <>
void pbch_demod<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  if (in.tasks.extent(0) == 0) {
    return;
  }
  const auto nof_blocks = static_cast<unsigned>(in.tasks.extent(0));
  pbch_demod_kernel<<<nof_blocks, block_threads, plan_.scratch_bytes, q.stream>>>(in, out);
}

} // namespace pado::phy
