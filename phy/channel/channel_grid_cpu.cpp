// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/channel/channel_grid_body.h"

namespace pado::phy {

template <>
void channel_grid<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  const host_block block;
  for (int rx_port = 0; rx_port < out.rx.extent(0); ++rx_port) {
    for (int symbol = 0; symbol < out.rx.extent(1); ++symbol) {
      body::channel_grid(block, rx_port, symbol, in, out.rx);
    }
  }
}

} // namespace pado::phy
