// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/backend.h"
#include "core/complex.h"
#include "core/view.h"
#include "phy/channel/fading.h"
#include "phy/channel/random.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pado::phy {

/// Coefficients of the filter that delays by a fraction of a sample: a Kaiser-windowed sinc whose error is
/// below -70 dB up to 0.4 of the sample rate (a carrier fills 0.4, half of 12 nof_prb / fft_size, or less).
inline constexpr int delay_filter_length = 24;

/// Samples of the output before the slot's first sample (early paths, the filter's front) and the longest
/// tail behind it.
inline constexpr int channel_lead_samples = 2048;

/// One tap of one UE: a delay of `shift` samples and the rest by a filter. Sample n of the delayed signal is
/// the sum of coefficient[c] * x[n - shift - c].
struct channel_time_tap {
  std::int32_t shift;
  std::array<float, delay_filter_length> coefficient;
};

/// \errors none: any delay within +-1 s makes sense
channel_time_tap delay_filter(double delay_samples);

/// One UE of a slot.
struct channel_time_task {
  std::int32_t tx_port; ///< its first row of in.tx
  std::int32_t nof_tx_ports;
  std::int32_t nof_taps;
  std::int32_t taps_begin;   ///< in in.taps
  std::int32_t gains_begin;  ///< gains [knot][rx_port][tx_port][tap]
  std::int32_t knot_samples; ///< distance of two knots; gains in between are interpolated linearly
  double cfo_turns;          ///< phase of the carrier offset at output sample 0, in turns
  double cfo_turns_per_sample;
};

/// Propagation in the time domain, exact: sample-wise fading, fractional delays, CFO, overlap into the
/// neighbouring slots.
///
/// Output sample 0 is channel_lead_samples before the slot's first sample: what lies before or behind the
/// slot is added to its neighbours by the caller. Noise falls on the slot's own samples only.
///
/// in.tasks    [task]
/// in.tx       [tx_port of all UEs][sample]  cf32, one slot
/// in.taps     [tap]
/// in.gains    [value]                       cf32
/// in.noise    seed and slot; the item is the rx port
/// in.noise_amplitude   sqrt of the mean noise power per sample; 0: none. A unitary DFT keeps it: also per RE
/// out.rx      [rx_port][sample]             cf32, overwritten; lead + slot + tail samples
template <backend B>
class channel_time {
public:
  struct input {
    view<const channel_time_task, 1, memory_of<B>> tasks;
    view<const cf32, 2, memory_of<B>> tx;
    view<const channel_time_tap, 1, memory_of<B>> taps;
    view<const cf32, 1, memory_of<B>> gains;
    random_stream noise;
    float noise_amplitude = 0.0F;
  };
  struct output {
    view<cf32, 2, memory_of<B>> rx;
  };
  void run(const input& in, const output& out, queue<B> q) noexcept;
};
template <>
void channel_time<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void channel_time<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

/// Samples that one block works on, and the scratch it takes for them.
inline constexpr int channel_tile_samples = 256;
inline constexpr std::size_t channel_time_scratch_bytes =
    sizeof(cf32) * channel_tile_samples * (2 + max_channel_rx_ports);

} // namespace pado::phy
