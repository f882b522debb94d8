// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel/channel_time.h"

namespace pado::phy::body {

/// The signal of one tx port, delayed by one tap: tile samples [first, first + n) into delayed.
template <class Block, memory M>
PADO_HD void delay_tile(const Block& block,
                        view<const cf32, 1, M> x,
                        const channel_time_tap& tap,
                        int first,
                        int n,
                        cf32* delayed)
{
  const int nof_samples = x.extent(0);
  const cf32* samples = x.data();
  const channel_time_tap* filter = &tap;
  block.for_each(n, [=](int i) {
    const int at = first + i - filter->shift;
    cf32 sum = {0.0F, 0.0F};
    if (at >= delay_filter_length - 1 && at < nof_samples) {
      for (int c = 0; c < delay_filter_length; ++c) {
        sum += filter->coefficient[c] * samples[at - c];
      }
    } else {
      for (int c = 0; c < delay_filter_length; ++c) {
        const bool is_inside = at - c >= 0 && at - c < nof_samples;
        sum += is_inside ? filter->coefficient[c] * samples[at - c] : cf32{0.0F, 0.0F};
      }
    }
    delayed[i] = sum;
  });
}

/// Noise of the slot's nof_samples own samples.
struct scaled_noise {
  random_stream stream;
  float amplitude;
  int nof_samples;
};

/// Noise on those of tile samples [begin, begin + n) that are the slot's own.
template <class Block, memory M>
PADO_HD void time_noise(const Block& block, int begin, int n, const scaled_noise& noise, view<cf32, 2, M> rx)
{
  const int nof_rx = rx.extent(0);
  // begin and the lead are even, so a pair of draws never straddles two tiles.
  block.for_each((n + 1) / 2, [=](int pair) {
    const int at = begin + 2 * pair - channel_lead_samples;
    for (int r = 0; r < nof_rx && at >= 0; ++r) {
      random_stream stream = noise.stream;
      stream.item = random_item(r, 0, 1);
      const normal_pair draw = draw_normal_pair(stream, static_cast<std::uint32_t>(at / 2));
      for (int i = 0; i < 2 && at + i < noise.nof_samples && 2 * pair + i < n; ++i) {
        rx(r, begin + 2 * pair + i) += noise.amplitude * draw.value[i];
      }
    }
  });
}

/// One tile of all receive ports.
template <class Block, memory M>
PADO_HD void
channel_time(const Block& block,
             int tile,
             const typename phy::channel_time<M == memory::host ? backend::cpu : backend::cuda>::input& in,
             view<cf32, 2, M> rx)
{
  const int begin = tile * channel_tile_samples;
  const int left = rx.extent(1) - begin;
  const int n = left < channel_tile_samples ? left : channel_tile_samples;
  const int nof_rx = rx.extent(0);
  cf32* delayed = block.template array<cf32>(0, channel_tile_samples);
  cf32* sum = block.template array<cf32>(sizeof(cf32) * channel_tile_samples,
                                         channel_tile_samples * max_channel_rx_ports);
  block.for_each(n, [=](int i) {
    for (int port = 0; port < nof_rx; ++port) {
      rx(port, begin + i) = {0.0F, 0.0F};
    }
  });
  for (int t = 0; t < in.tasks.extent(0); ++t) {
    const channel_time_task task = in.tasks(t);
    const int knot_stride = nof_rx * task.nof_tx_ports * task.nof_taps;
    block.for_each(n * nof_rx, [=](int i) { sum[i] = {0.0F, 0.0F}; });
    for (int path = 0; path < task.nof_tx_ports * task.nof_taps; ++path) {
      const int tap = path % task.nof_taps;
      const int port = path / task.nof_taps;
      delay_tile<Block, M>(block,
                           in.tx[task.tx_port + port],
                           in.taps(task.taps_begin + tap),
                           begin - channel_lead_samples,
                           n,
                           delayed);
      const cf32* gains = &in.gains(task.gains_begin + path);
      block.for_each(n, [=](int i) {
        const int knot = (begin + i) / task.knot_samples;
        const float weight =
            static_cast<float>(begin + i - knot * task.knot_samples) / static_cast<float>(task.knot_samples);
        const cf32* before = gains + static_cast<std::ptrdiff_t>(knot) * knot_stride;
        for (int r = 0; r < nof_rx; ++r) {
          const cf32 a = before[r * task.nof_tx_ports * task.nof_taps];
          const cf32 b = before[knot_stride + r * task.nof_tx_ports * task.nof_taps];
          sum[r * n + i] += (a + weight * (b - a)) * delayed[i];
        }
      });
    }
    block.for_each(n, [=](int i) {
      const double turns = task.cfo_turns + task.cfo_turns_per_sample * (begin + i);
      const cf32 turn = polar(static_cast<float>(6.283185307179586 * (turns - floor(turns))));
      for (int r = 0; r < nof_rx; ++r) {
        rx(r, begin + i) += turn * sum[r * n + i];
      }
    });
  }
  if (in.noise_amplitude > 0.0F) {
    time_noise(block, begin, n, {in.noise, in.noise_amplitude, in.tx.extent(1)}, rx);
  }
}

} // namespace pado::phy::body
