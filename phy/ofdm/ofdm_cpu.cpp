// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "core/buffer.h"
#include "phy/fft/fft.h"
#include "phy/ofdm/ofdm_body.h"
#include "phy/ofdm/ofdm_map.h"

namespace pado::phy {

namespace {

void map_symbol(cf32 symbol_factor, view<const cf32, 1> factor, view<const cf32, 1> bins, view<ch16, 1> row)
{
#if defined(__x86_64__)
  const int half = row.extent(0) / 2;
  ofdm_map_run(symbol_factor, bins.data() + bins.extent(0) - half, factor.data(), half, row.data());
  ofdm_map_run(symbol_factor, bins.data(), factor.data() + half, half, row.data() + half);
#else
  body::ofdm_map(host_block(), symbol_factor, factor, bins, row);
#endif
}

} // namespace

template <>
struct ofdm<backend::cpu>::state {
  ofdm_plan plan;
  fft<backend::cpu> transform;
  buffer<cf32> window; // one symbol: stays in the first-level cache from the samples to the grid
  buffer<cf32> bins;

  explicit state(const ofdm_plan& with)
      : plan(with), transform(plan_fft({with.config.fft_size, 1, fft_direction::forward}).value()),
        window(with.config.fft_size), bins(with.config.fft_size)
  {
  }
};

template <>
ofdm<backend::cpu>::ofdm(const ofdm_plan& plan) : state_(std::make_unique<state>(plan))
{
}

template <>
ofdm<backend::cpu>::~ofdm() = default;

template <>
void ofdm<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept
{
  state& s = *state_;
  const int size = s.plan.config.fft_size;
  const host_block block;
  const body::ofdm_windows windows = body::windows_of(s.plan, in.slot_in_subframe);
  const view<const cf32, 1> factor(s.plan.subcarrier_factor.data(), s.plan.nof_subcarriers());
  const cf32* symbol_factor = s.plan.symbol_factor.data() + nof_symbols_per_slot * in.slot_in_subframe;
  for (int port = 0; port < s.plan.config.nof_rx_ports; ++port) {
    for (int symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      body::ofdm_strip(block, windows.begin[symbol], in.samples[port], s.window.as(size));
      s.transform.run({s.window.as(1, size)}, {s.bins.as(1, size)}, q);
      map_symbol(symbol_factor[symbol], factor, view<const cf32, 1>(s.bins.as(size)), out.grid[port][symbol]);
    }
  }
}

} // namespace pado::phy
