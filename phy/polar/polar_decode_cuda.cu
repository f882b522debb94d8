// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/polar/polar_decode_body.h"
#include <new>

namespace pado::phy {

namespace {
__global__ void polar_decode_kernel(polar_decode_plan plan,
                                    polar_decode<backend::cuda>::input in,
                                    polar_decode<backend::cuda>::output out)
{
  body::polar_decode<backend::cuda>(device_block(), plan, static_cast<int>(blockIdx.x), in, out);
}
} // namespace

template <>
polar_decode<backend::cuda>::polar_decode(const polar_decode_plan& plan) : plan_(plan)
{
  // More shared memory than the 48 kB that a kernel gets unasked; every architecture we build for has 99 kB.
  if (cudaFuncSetAttribute(polar_decode_kernel,
                           cudaFuncAttributeMaxDynamicSharedMemorySize,
                           static_cast<int>(plan.scratch_bytes)) != cudaSuccess) {
    throw std::bad_alloc();
  }
}

template <>
void polar_decode<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  if (in.tasks.extent(0) == 0) {
    return;
  }
  const auto nof_blocks = static_cast<unsigned>(in.tasks.extent(0));
  polar_decode_kernel<<<nof_blocks, block_threads, plan_.scratch_bytes, q.stream>>>(plan_, in, out);
}

} // namespace pado::phy
