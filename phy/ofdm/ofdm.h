// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/result.h"
#include "core/slot.h"
#include "core/view.h"
#include <cstdint>
#include <memory>
#include <vector>

namespace pado::phy {

/// Cyclic prefix of most symbols: 144 of 2048 samples of the useful part, which is a multiple of 128.
constexpr std::int32_t prefix_samples(std::int32_t fft_size)
{
  return fft_size / 128 * 9;
}

/// Time-domain input of one cell, fixed at configuration time.
struct ofdm_config {
  numerology scs;                ///< mu 0..3
  std::int32_t nof_rx_ports = 0; ///< 1..8
  std::int32_t nof_prb = 0;      ///< 1..275, width of the grid, centred in the FFT
  std::int32_t fft_size =
      0; ///< samples of the useful part, 12 nof_prb..16384: 128 times a product of 2, 3 and 5
  std::int64_t centre_hz = 0; ///< carrier frequency whose symbol phase is removed (38.211, 5.4); 0: none
  std::int32_t window_advance =
      0;             ///< samples that the FFT window begins before the end of the prefix, 0..prefix
  float gain = 1.0F; ///< grid = gain * unitary DFT
};

/// A checked configuration and everything derived from it. Plain data, host memory, immutable.
struct ofdm_plan {
  ofdm_config config;
  std::int32_t cp_samples = 0;         ///< prefix of most symbols
  std::int32_t extra_cp_samples = 0;   ///< how much longer it is twice a subframe
  std::vector<cf32> subcarrier_factor; ///< [subcarrier] of the receiver: gain, DFT scale and window shift
  std::vector<cf32> symbol_factor;     ///< [symbol of the subframe] of the receiver: carrier phase

  std::int32_t nof_subcarriers() const { return nof_subcarriers_per_prb * config.nof_prb; }
  /// Sample of the slot at which the useful part of a symbol begins, the slot's first prefix being at 0.
  std::int32_t useful_begin(std::int32_t slot_in_subframe, std::int32_t symbol) const;
};
result<ofdm_plan> plan_ofdm(const ofdm_config& config);

/// Samples of a slot with symbol 0's prefix at sample 0. Slots differ: the prefix is longer twice a subframe.
std::int32_t slot_samples(const ofdm_plan& plan, std::int32_t slot_in_subframe);

/// OFDM receiver front: prefix removal, FFT, window shift, phase pre-compensation, into the slot grid.
///
/// in.samples           [port][sample]               cf32, one slot
/// in.slot_in_subframe  0..2^mu - 1
/// out.grid             [port][symbol][subcarrier]   ch16, gain * unitary DFT
///
/// \spec    TS 38.211, 5.3.1, 5.4; 38.104, 5.3.2
/// \errors  none in run(); the constructor may throw std::bad_alloc, or std::runtime_error when the FFT
/// library refuses
template <backend B>
class ofdm {
public:
  struct input {
    view<const cf32, 2, memory_of<B>> samples;
    std::int32_t slot_in_subframe = 0;
  };
  struct output {
    view<ch16, 3, memory_of<B>> grid;
  };

  explicit ofdm(const ofdm_plan& plan);
  ~ofdm();
  ofdm(const ofdm&) = delete;
  ofdm& operator=(const ofdm&) = delete;

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  struct state; ///< FFT plan, factors, scratch
  std::unique_ptr<state> state_;
};
template <>
ofdm<backend::cpu>::ofdm(const ofdm_plan& plan);
template <>
ofdm<backend::cpu>::~ofdm();
template <>
void ofdm<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
ofdm<backend::cuda>::ofdm(const ofdm_plan& plan);
template <>
ofdm<backend::cuda>::~ofdm();
template <>
void ofdm<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
