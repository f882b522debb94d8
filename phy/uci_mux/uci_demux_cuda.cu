// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/uci_mux/uci_demux_body.h"

namespace pado::phy {

namespace {
__global__ void uci_demux_kernel(uci_demux<backend::cuda>::input in, uci_demux<backend::cuda>::output out)
{
  body::uci_demux<device_block, memory::device>(
      device_block(), in.tasks(blockIdx.x), static_cast<std::int32_t>(blockIdx.y), in, out.llr);
}
} // namespace

template <>
void uci_demux<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  if (in.tasks.extent(0) == 0) {
    return;
  }
  const dim3 grid(static_cast<unsigned>(in.tasks.extent(0)), nof_symbols_per_slot);
  uci_demux_kernel<<<grid, block_threads, 0, q.stream>>>(in, out);
}

} // namespace pado::phy
