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

/// Sum over the 127 subcarriers of a symbol, each times its sequence, turned back by a delay.
cf32 correlate(view<const cf32, 1> symbol, const sync_sequence& d, double delay)
{
  cf32 sum;
  for (int n = 0; n < nof_sync_subcarriers; ++n) {
    const int k = first_sync_subcarrier + n;
    sum += d[n] * (symbol(k) * turn(two_pi * (k - ssb_centre_subcarrier) * delay / pss_samples));
  }
  return sum;
}

using sync_channel = std::array<cf32, nof_sync_subcarriers>;

sync_channel least_squares(view<const cf32, 1> symbol, const sync_sequence& d)
{
  sync_channel h{};
  for (int n = 0; n < nof_sync_subcarriers; ++n) {
    h[n] = d[n] * symbol(first_sync_subcarrier + n);
  }
  return h;
}

/// Mean over seven neighbours, fewer at the edges.
sync_channel smooth(const sync_channel& h)
{
  sync_channel out{};
  for (int n = 0; n < nof_sync_subcarriers; ++n) {
    const int first = std::max(0, n - 3);
    const int last = std::min(nof_sync_subcarriers - 1, n + 3);
    for (int i = first; i <= last; ++i) {
      out[n] += h[i];
    }
    out[n] = out[n] * (1.0F / static_cast<float>(last - first + 1));
  }
  return out;
}

float total_power(const sync_channel& h)
{
  float sum = 0.0F;
  for (const cf32 value : h) {
    sum += norm(value);
  }
  return sum;
}

/// Signal to noise ratio from how far each subcarrier lies from the mean of its neighbours: a channel is
/// smooth, noise is not. That difference holds 1 + 1/4 + 1/4 of the noise.
float snr_db_of(const sync_channel& h)
{
  float noise = 0.0F;
  for (int n = 1; n + 1 < nof_sync_subcarriers; ++n) {
    noise += norm(h[n] - 0.5F * (h[n - 1] + h[n + 1])) / 1.5F;
  }
  noise /= static_cast<float>(nof_sync_subcarriers - 2);
  const float all = total_power(h) / static_cast<float>(nof_sync_subcarriers);
  return 10.0F * std::log10(std::max(all - noise, 1e-6F * all) / std::max(noise, 1e-9F * all));
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

/// Delay of the PSS against the window, in baseband samples.
double ssb_aligner::find_delay(std::int32_t nid2, view<const cf32, 2> grid) const
{
  const sync_sequence d = pss_sequence(nid2);
  constexpr int steps = 32; // a sample
  double best = 0.0;
  float most = -1.0F;
  for (int i = -3 * steps / 2; i <= 3 * steps / 2; ++i) {
    const double delay = static_cast<double>(i) / steps;
    const float power = norm(correlate(grid[0], d, delay));
    if (power > most) {
      most = power;
      best = delay;
    }
  }
  return best;
}

/// PCI, metrics, SNR, and the turn from PSS to SSS.
void ssb_aligner::identify(std::int32_t nid2, view<const cf32, 2> grid, ssb_aligned& block) const
{
  const sync_channel pss = least_squares(grid[0], pss_sequence(nid2));
  cf32 coherent;
  for (const cf32 value : pss) {
    coherent += value;
  }
  block.pss_metric = std::sqrt(norm(coherent) / (nof_sync_subcarriers * std::max(total_power(pss), 1e-30F)));

  const sync_channel channel = smooth(pss);
  float best = -1.0F;
  for (int nid1 = 0; nid1 < nof_pci / 3; ++nid1) {
    const sync_channel sss = least_squares(grid[2], sss_sequence(3 * nid1 + nid2));
    cf32 sum;
    for (int n = 0; n < nof_sync_subcarriers; ++n) {
      sum += sss[n] * conj(channel[n]);
    }
    if (norm(sum) > best) {
      best = norm(sum);
      block.pci = 3 * nid1 + nid2;
      block.sss_metric = std::sqrt(best / std::max(total_power(channel) * total_power(sss), 1e-30F));
      block.snr_db = snr_db_of(sss);
      block.turn_hz = static_cast<double>(arg(sum)) / two_pi * block.turn_cycle_hz;
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
  const double delay = find_delay(peak.nid2, grid);
  demodulate(coarse_hz_, lag_, delay, grid);
  identify(peak.nid2, grid, block);
  block.frequency_hz = peak.offset_hz + coarse_hz_;
  // The grid was turned back by the coarse frequency, and mixed down from the peak's: what the two left is
  // the rest.
  block.turn_hz += coarse_hz_;
  block.start_sample = static_cast<double>(first) + (lag_ + delay - pss_prefix_samples) * per_sample;
  return block;
}

} // namespace pado::phy
