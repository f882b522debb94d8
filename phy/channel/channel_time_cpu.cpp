// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/channel/channel_time_body.h"

namespace pado::phy {

template <>
void channel_time<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  alignas(64) std::byte scratch[channel_time_scratch_bytes];
  const host_block block(scratch, sizeof(scratch));
  const int nof_tiles = (out.rx.extent(1) + channel_tile_samples - 1) / channel_tile_samples;
  for (int tile = 0; tile < nof_tiles; ++tile) {
    body::channel_time(block, tile, in, out.rx);
  }
}

} // namespace pado::phy
