// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/decompress/decompress.h"
#include "phy/decompress/decompress_body.h"

namespace pado::phy {

namespace {
__global__ void decompress_kernel(decompress<backend::cuda>::input in,
                                  view<std::uint8_t, 3, memory::device> covered,
                                  view<ch16, 3, memory::device> grid)
{
  body::decompress(device_block(), in.sections(blockIdx.x), in.bytes, covered, grid);
}

__global__ void clear_uncovered_kernel(view<std::uint8_t, 3, memory::device> covered,
                                       view<ch16, 3, memory::device> grid)
{
  const int symbol = static_cast<int>(blockIdx.x);
  const int port = static_cast<int>(blockIdx.y);
  body::clear_uncovered(device_block(), covered[port][symbol], grid[port][symbol]);
}
} // namespace

template <>
void decompress<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  if (in.sections.extent(0) > 0) {
    decompress_kernel<<<static_cast<unsigned>(in.sections.extent(0)), block_threads, 0, q.stream>>>(
        in, covered(), out.grid);
  }
  const dim3 rows(nof_symbols_per_slot, static_cast<unsigned>(plan_.config.nof_rx_ports));
  clear_uncovered_kernel<<<rows, block_threads, 0, q.stream>>>(covered(), out.grid);
}

} // namespace pado::phy
