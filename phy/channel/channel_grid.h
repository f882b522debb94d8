// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/backend.h"
#include "core/complex.h"
#include "core/slot.h"
#include "core/view.h"
#include "phy/channel/random.h"
#include <cstdint>

namespace pado::phy {

/// One UE of a slot.
struct channel_grid_task {
  std::int32_t subcarrier_begin; ///< where the UE's signal lies
  std::int32_t nof_subcarriers;
  std::int32_t tx_port; ///< its first row of in.tx
  std::int32_t nof_tx_ports;
  std::int32_t nof_taps;
  std::int32_t gains_begin;    ///< gains [symbol][rx_port][tx_port][tap]
  std::int32_t steering_begin; ///< exp(-j 2 pi f tau) [subcarrier of the task][tap]
};

/// Propagation in the frequency domain: every RE of every UE times the channel of its symbol, summed, plus
/// noise.
///
/// The channel stands still during a symbol and every path ends within the prefix: no interference between
/// symbols or subcarriers, neither by Doppler and CFO nor by delay beyond the prefix.
/// phy/channel/channel_time.h has all of that. CFO appears as the turn of whole symbols, delay as a phase
/// over subcarriers; the caller puts both into gains and steering.
///
/// in.tasks     [task]
/// in.tx        [tx_port of all UEs][symbol][subcarrier]  cf32
/// in.gains     [value]                                   cf32
/// in.steering  [value]                                   cf32
/// in.noise     seed and slot; the item is the rx port and symbol
/// in.noise_amplitude   sqrt of the mean noise power per RE; 0: none
/// out.rx       [rx_port][symbol][subcarrier]             cf32, overwritten
template <backend B>
class channel_grid {
public:
  struct input {
    view<const channel_grid_task, 1, memory_of<B>> tasks;
    view<const cf32, 3, memory_of<B>> tx;
    view<const cf32, 1, memory_of<B>> gains;
    view<const cf32, 1, memory_of<B>> steering;
    random_stream noise;
    float noise_amplitude = 0.0F;
  };
  struct output {
    view<cf32, 3, memory_of<B>> rx;
  };
  void run(const input& in, const output& out, queue<B> q) noexcept;
};
template <>
void channel_grid<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void channel_grid<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
