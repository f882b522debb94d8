// SPDX-License-Identifier: Apache-2.0
#include "phy/ssb/ssb_align.h"
#include "phy/ssb/ssb_sequence.h"
#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace pado::phy {
namespace {

constexpr double two_pi = 2.0 * std::numbers::pi;
constexpr int segment_units =
    8; // useful symbols of 15 kHz: one before the block, at most 4.3 of it, and slack
constexpr int symbol_samples = pss_samples + pss_prefix_samples;
constexpr int window_advance = 4; // of 18: paths before the strongest stay inside the prefix

fft_plan plan_of(std::int32_t size, fft_direction direction)
{
  return plan_fft({size, 1, direction, fft_effort::estimate}).value();
}

cf32 turn(double radians)
{
  return {static_cast<float>(std::cos(radians)), static_cast<float>(std::sin(radians))};
}

} // namespace

ssb_aligner::ssb_aligner(std::int64_t sample_rate_hz, std::int32_t scs_hz)
    : sample_rate_hz_(sample_rate_hz), scs_hz_(scs_hz),
      size_in_(segment_units * static_cast<std::int32_t>(sample_rate_hz / 15000)),
      size_out_(segment_units * pss_samples * (scs_hz / 15000)),
      forward_(plan_of(size_in_, fft_direction::forward)),
      inverse_(plan_of(size_out_, fft_direction::inverse)),
      symbol_(plan_of(pss_samples, fft_direction::forward)), segment_(size_in_), spectrum_(size_in_),
      band_(size_out_), baseband_(size_out_), symbol_in_(pss_samples),
      symbol_out_(pss_samples), waveforms_{make_pss_waveform(0), make_pss_waveform(1), make_pss_waveform(2)}
{
}

/// The band of 256 subcarriers around a frequency, from sample `first` on, into baseband_. Zeros outside the
/// recording.
void ssb_aligner::extract(view<const cf32, 1> samples, std::int64_t first, double offset_hz)
{
  for (int i = 0; i < size_in_; ++i) {
    const std::int64_t at = first + i;
    const bool is_inside = at >= 0 && at < samples.extent(0);
    // The oscillator runs through from sample 0 of the recording, so that phases of different symbols
    // compare.
    const double cycles = offset_hz * static_cast<double>(at) / static_cast<double>(sample_rate_hz_);
    segment_.data()[i] =
        is_inside ? samples.data()[at] * turn(-two_pi * (cycles - std::floor(cycles))) : cf32{};
  }
  forward_.run({segment_.as(1, size_in_)}, {spectrum_.as(1, size_in_)}, {});
  std::fill(band_.begin(), band_.end(), cf32{});
  const int half = std::min(size_out_, size_in_) / 2;
  for (int j = -half; j < half; ++j) {
    band_[j < 0 ? j + size_out_ : j] = spectrum_[j < 0 ? j + size_in_ : j];
  }
  inverse_.run({band_.as(1, size_out_)}, {baseband_.as(1, size_out_)}, {});
}

/// Timing to a sample of the baseband, and the frequency from the two halves of the PSS, which is good for
/// one subcarrier spacing up and down.
void ssb_aligner::find_pss(std::int32_t nid2, int expected)
{
  const pss_waveform& pss = waveforms_[nid2];
  constexpr int reach = 12;
  float best = -1.0F;
  for (int lag = expected - reach; lag <= expected + reach; ++lag) {
    cf32 halves[2];
    for (int i = 0; i < pss_samples; ++i) {
      halves[i / (pss_samples / 2)] += baseband_[lag + i] * conj(pss[i]);
    }
    const float sum = std::sqrt(norm(halves[0])) + std::sqrt(norm(halves[1]));
    if (sum > best) {
      best = sum;
      lag_ = lag;
      coarse_hz_ = static_cast<double>(arg(halves[1] * conj(halves[0]))) * scs_hz_ / std::numbers::pi;
    }
  }
}

/// The four symbols, frequency and delay removed. The phase between them stays as received but for the
/// frequency.
void ssb_aligner::demodulate(double frequency_hz, int lag, double delay, view<cf32, 2> grid)
{
  const double rate = static_cast<double>(pss_samples) * scs_hz_;
  for (int symbol = 0; symbol < nof_ssb_symbols; ++symbol) {
    const int begin = lag + symbol * symbol_samples - window_advance;
    for (int i = 0; i < pss_samples; ++i) {
      symbol_in_[i] = baseband_[begin + i] * turn(-two_pi * frequency_hz * (begin + i) / rate);
    }
    symbol_.run({symbol_in_.as(1, pss_samples)}, {symbol_out_.as(1, pss_samples)}, {});
    for (int k = 0; k < nof_ssb_subcarriers; ++k) {
      const int bin = k - ssb_centre_subcarrier;
      grid(symbol, k) = symbol_out_[bin < 0 ? bin + pss_samples : bin] *
                        turn(two_pi * bin * (window_advance + delay) / pss_samples);
    }
  }
}

std::optional<ssb_aligned> ssb_aligner::align(view<const cf32, 1> samples, const pss_peak& peak)
{
  const std::int64_t first = std::llround(peak.sample) - sample_rate_hz_ / 15000;
  const double baseband_rate = static_cast<double>(pss_samples) * scs_hz_;
  const double per_sample = static_cast<double>(sample_rate_hz_) / baseband_rate;
  const double end = peak.sample + per_sample * (3 * symbol_samples + pss_samples);
  if (end > static_cast<double>(samples.extent(0))) {
    return std::nullopt;
  }
  extract(samples, first, peak.offset_hz);
  find_pss(peak.nid2, static_cast<int>(std::lround((peak.sample - static_cast<double>(first)) / per_sample)));

  ssb_aligned block;
  const view<cf32, 2> grid(block.grid.data(), nof_ssb_symbols, nof_ssb_subcarriers);
  block.turn_cycle_hz = scs_hz_ / (2.0 * symbol_samples / pss_samples);
  demodulate(coarse_hz_, lag_, 0.0, grid);
  const double delay = find_pss_delay(peak.nid2, grid);
  demodulate(coarse_hz_, lag_, delay, grid);
  block.identity = identify_cell(peak.nid2, grid);
  block.frequency_hz = peak.offset_hz + coarse_hz_;
  // The grid was turned back by the coarse frequency, and mixed down from the peak's: what the two left is
  // the rest.
  block.turn_hz = block.identity.turn_rad / two_pi * block.turn_cycle_hz + coarse_hz_;
  block.start_sample = static_cast<double>(first) + (lag_ + delay - pss_prefix_samples) * per_sample;
  return block;
}

} // namespace pado::phy
