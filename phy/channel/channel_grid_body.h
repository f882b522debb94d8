// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel/channel_grid.h"

namespace pado::phy::body {

/// White noise of unit mean power times amplitude on a row, draws counted in pairs of elements.
template <class Block, memory M>
PADO_HD void
channel_noise(const Block& block, const random_stream& stream, float amplitude, view<cf32, 1, M> row)
{
  const int n = row.extent(0);
  block.for_each((n + 1) / 2, [=](int pair) {
    const normal_pair draw = draw_normal_pair(stream, static_cast<std::uint32_t>(pair));
    row(2 * pair) += amplitude * draw.value[0];
    if (2 * pair + 1 < n) {
      row(2 * pair + 1) += amplitude * draw.value[1];
    }
  });
}

/// One symbol of one receive port.
template <class Block, memory M>
PADO_HD void
channel_grid(const Block& block,
             int rx_port,
             int symbol,
             const typename phy::channel_grid<M == memory::host ? backend::cpu : backend::cuda>::input& in,
             view<cf32, 3, M> rx)
{
  const view<cf32, 1, M> row = rx[rx_port][symbol];
  block.for_each(row.extent(0), [=](int k) { row(k) = {0.0F, 0.0F}; });
  for (int t = 0; t < in.tasks.extent(0); ++t) {
    const channel_grid_task task = in.tasks(t);
    const int nof_rx = rx.extent(0);
    const int gains_begin =
        task.gains_begin + (symbol * nof_rx + rx_port) * task.nof_tx_ports * task.nof_taps;
    const auto gains = in.gains;
    const auto steering = in.steering;
    const auto tx = in.tx;
    block.for_each(task.nof_subcarriers, [=](int i) {
      const int k = task.subcarrier_begin + i;
      const cf32* turn = &steering(task.steering_begin + i * task.nof_taps);
      cf32 sum = row(k);
      for (int port = 0; port < task.nof_tx_ports; ++port) {
        const cf32* gain = &gains(gains_begin + port * task.nof_taps);
        cf32 h = {0.0F, 0.0F};
        for (int tap = 0; tap < task.nof_taps; ++tap) {
          h += gain[tap] * turn[tap];
        }
        sum += h * tx(task.tx_port + port, symbol, k);
      }
      row(k) = sum;
    });
  }
  if (in.noise_amplitude > 0.0F) {
    random_stream stream = in.noise;
    stream.item = random_item(rx_port, symbol);
    channel_noise(block, stream, in.noise_amplitude, row);
  }
}

} // namespace pado::phy::body
