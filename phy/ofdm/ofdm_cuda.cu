// SPDX-License-Identifier: Apache-2.0
#include "core/buffer.h"
#include "core/cuda/device_block.h"
#include "phy/fft/fft.h"
#include "phy/ofdm/ofdm_body.h"
#include <stdexcept>

namespace pado::phy {

namespace {
__global__ void ofdm_strip_kernel(body::ofdm_windows windows,
                                  view<const cf32, 2, memory::device> samples,
                                  view<cf32, 3, memory::device> x)
{
  const int symbol = static_cast<int>(blockIdx.x);
  const int port = static_cast<int>(blockIdx.y);
  body::ofdm_strip(device_block(), windows.begin[symbol], samples[port], x[port][symbol]);
}

/// symbol_factor is that of the slot.
__global__ void ofdm_map_kernel(view<const cf32, 1, memory::device> symbol_factor,
                                view<const cf32, 1, memory::device> factor,
                                view<const cf32, 3, memory::device> bins,
                                view<ch16, 3, memory::device> grid)
{
  const int symbol = static_cast<int>(blockIdx.x);
  const int port = static_cast<int>(blockIdx.y);
  body::ofdm_map(device_block(), symbol_factor(symbol), factor, bins[port][symbol], grid[port][symbol]);
}

buffer<cf32, memory::device> to_device(const std::vector<cf32>& values)
{
  buffer<cf32, memory::device> copy(values.size());
  if (cudaMemcpy(copy.data(), values.data(), values.size() * sizeof(cf32), cudaMemcpyHostToDevice) !=
      cudaSuccess) {
    throw std::runtime_error("ofdm: the device takes no copy of the factors");
  }
  return copy;
}
} // namespace

template <>
struct ofdm<backend::cuda>::state {
  ofdm_plan plan;
  fft<backend::cuda> transform;
  buffer<cf32, memory::device> windows; // [port][symbol][sample]
  buffer<cf32, memory::device> bins;
  buffer<cf32, memory::device> subcarrier_factor;
  buffer<cf32, memory::device> symbol_factor;

  explicit state(const ofdm_plan& with)
      : plan(with), transform(plan_fft({with.config.fft_size, rows(with), fft_direction::forward}).value()),
        windows(static_cast<std::size_t>(rows(with)) * with.config.fft_size),
        bins(static_cast<std::size_t>(rows(with)) * with.config.fft_size),
        subcarrier_factor(to_device(with.subcarrier_factor)), symbol_factor(to_device(with.symbol_factor))
  {
  }
  static int rows(const ofdm_plan& plan) { return plan.config.nof_rx_ports * nof_symbols_per_slot; }
};

template <>
ofdm<backend::cuda>::ofdm(const ofdm_plan& plan) : state_(std::make_unique<state>(plan))
{
}

template <>
ofdm<backend::cuda>::~ofdm()
{
}

template <>
void ofdm<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  state& s = *state_;
  const int size = s.plan.config.fft_size;
  const int nof_ports = s.plan.config.nof_rx_ports;
  const int rows = state::rows(s.plan);
  const dim3 grid(nof_symbols_per_slot, static_cast<unsigned>(nof_ports));
  ofdm_strip_kernel<<<grid, block_threads, 0, q.stream>>>(
      body::windows_of(s.plan, in.slot_in_subframe),
      in.samples,
      s.windows.as(nof_ports, nof_symbols_per_slot, size));
  s.transform.run({s.windows.as(rows, size)}, {s.bins.as(rows, size)}, q);
  const view<const cf32, 1, memory::device> symbol_factor(
      s.symbol_factor.data() + nof_symbols_per_slot * in.slot_in_subframe, nof_symbols_per_slot);
  ofdm_map_kernel<<<grid, block_threads, 0, q.stream>>>(symbol_factor,
                                                        s.subcarrier_factor.as(s.plan.nof_subcarriers()),
                                                        s.bins.as(nof_ports, nof_symbols_per_slot, size),
                                                        out.grid);
}

} // namespace pado::phy
