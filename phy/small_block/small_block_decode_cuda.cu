// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/small_block/small_block_decode_body.h"

namespace pado::phy {

namespace {
__global__ void small_block_decode_kernel(small_block_decode<backend::cuda>::input in,
                                          small_block_decode<backend::cuda>::output out)
{
  body::small_block_decode<device_block, memory::device>(
      device_block(), static_cast<std::int32_t>(blockIdx.x), in, out);
}
} // namespace

template <>
small_block_decode<backend::cuda>::small_block_decode(const small_block_decode_plan& plan) : plan_(plan)
{
}

template <>
void small_block_decode<backend::cuda>::run(const input& in,
                                            const output& out,
                                            queue<backend::cuda> q) noexcept
{
  if (in.tasks.extent(0) == 0) {
    return;
  }
  small_block_decode_kernel<<<static_cast<unsigned>(in.tasks.extent(0)),
                              block_threads,
                              body::small_block_scratch_bytes,
                              q.stream>>>(in, out);
}

} // namespace pado::phy
