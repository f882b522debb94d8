// SPDX-License-Identifier: Apache-2.0
#include "phy/ofdm/ofdm_modulate.h"
#include <algorithm>
#include <cmath>

namespace pado::phy {

ofdm_modulator::ofdm_modulator(const ofdm_plan& plan)
    : plan_(plan), transform_(plan_fft({plan.config.fft_size, 1, fft_direction::inverse}).value()),
      bins_(plan.config.fft_size), useful_(plan.config.fft_size)
{
}

void ofdm_modulator::modulate(view<const cf32, 2> grid, std::int32_t slot_in_subframe, view<cf32, 1> samples)
{
  const int size = plan_.config.fft_size;
  const int half = plan_.nof_subcarriers() / 2;
  assert(grid.extent(0) == nof_symbols_per_slot && grid.extent(1) == 2 * half);
  assert(slot_in_subframe < plan_.config.scs.slots_per_subframe());
  assert(samples.extent(0) == slot_samples(plan_, slot_in_subframe));
  const float scale = 1.0F / (plan_.config.gain * std::sqrt(static_cast<float>(size)));
  std::int32_t prefix_begin = 0;
  for (int symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    // The receiver's factor turns the carrier phase back, so its conjugate is the transmitter's.
    const cf32 factor = scale * conj(plan_.symbol_factor[nof_symbols_per_slot * slot_in_subframe + symbol]);
    std::fill(bins_.begin(), bins_.end(), cf32{});
    for (int k = 0; k < half; ++k) {
      bins_[size - half + k] = grid(symbol, k) * factor;
      bins_[k] = grid(symbol, half + k) * factor;
    }
    transform_.run({bins_.as(1, size)}, {useful_.as(1, size)}, {});
    const std::int32_t useful_begin = plan_.useful_begin(slot_in_subframe, symbol);
    const std::int32_t cp_samples = useful_begin - prefix_begin;
    std::copy(useful_.end() - cp_samples, useful_.end(), samples.data() + prefix_begin);
    std::copy(useful_.begin(), useful_.end(), samples.data() + useful_begin);
    prefix_begin = useful_begin + size;
  }
}

} // namespace pado::phy
