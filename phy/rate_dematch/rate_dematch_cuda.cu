// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/rate_dematch/rate_dematch_body.h"

namespace pado::phy {

namespace {
__global__ void rate_dematch_kernel(rate_dematch<backend::cuda>::input in,
                                    rate_dematch<backend::cuda>::output out)
{
  body::rate_dematch(device_block(), in.tasks(blockIdx.x), in.llr, out.soft);
}
constexpr unsigned dematch_threads = 512; // up to 26112 positions a block, each alone
} // namespace

template <>
void rate_dematch<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  if (in.tasks.extent(0) == 0) {
    return;
  }
  rate_dematch_kernel<<<static_cast<unsigned>(in.tasks.extent(0)), dematch_threads, 0, q.stream>>>(in, out);
}

} // namespace pado::phy
