// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/ofdm/ofdm.h"

namespace pado::phy::body {

/// Where the useful parts of one slot lie, for the device: the plan's own arithmetic needs no copy of the
/// plan.
struct ofdm_windows {
  std::int32_t begin[nof_symbols_per_slot]; ///< first sample of each FFT window
};

inline ofdm_windows windows_of(const ofdm_plan& plan, std::int32_t slot_in_subframe)
{
  ofdm_windows windows{};
  for (int symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    windows.begin[symbol] = plan.useful_begin(slot_in_subframe, symbol) - plan.config.window_advance;
  }
  return windows;
}

/// The samples of one window, where the FFT wants them.
template <class Block, memory M>
PADO_HD void
ofdm_strip(const Block& block, int window_begin, view<const cf32, 1, M> samples, view<cf32, 1, M> x)
{
  block.for_each(x.extent(0), [=](int n) { x(n) = samples(window_begin + n); });
}

/// One symbol's bins to its subcarriers: the carrier's middle lies on bin 0, the half below it on the last
/// bins.
template <class Block, memory M>
PADO_HD void ofdm_map(const Block& block,
                      cf32 symbol_factor,
                      view<const cf32, 1, M> factor,
                      view<const cf32, 1, M> bins,
                      view<ch16, 1, M> row)
{
  const int half = row.extent(0) / 2;
  const int lowest_bin = bins.extent(0) - half;
  block.for_each(half, [=](int k) {
    row(k) = to_ch16(bins(lowest_bin + k) * (factor(k) * symbol_factor));
    row(half + k) = to_ch16(bins(k) * (factor(half + k) * symbol_factor));
  });
}

} // namespace pado::phy::body
