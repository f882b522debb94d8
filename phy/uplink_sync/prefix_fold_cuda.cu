// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/uplink_sync/prefix_fold_body.h"

namespace pado::phy {

namespace {
constexpr int samples_per_block = 1024;

__global__ void prefix_fold_kernel(prefix_fold<backend::cuda>::input in,
                                   prefix_fold<backend::cuda>::output out)
{
  const int begin = static_cast<int>(blockIdx.x) * samples_per_block;
  const int left = out.products.extent(0) - begin;
  const int count = left < samples_per_block ? left : samples_per_block;
  body::prefix_fold(device_block(), begin, count, in.tasks, in.samples, in.lag, out.products);
}
} // namespace

template <>
void prefix_fold<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  if (out.products.extent(0) == 0) {
    return;
  }
  const int blocks = (out.products.extent(0) + samples_per_block - 1) / samples_per_block;
  prefix_fold_kernel<<<dim3(static_cast<unsigned>(blocks)), block_threads, 0, q.stream>>>(in, out);
}

} // namespace pado::phy
