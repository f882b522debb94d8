// SPDX-License-Identifier: Apache-2.0
#include "phy/ssb/pss_bank.h"
#include "phy/ssb/pss_waveform.h"
#include "phy/ssb/ssb_sequence.h"
#include <algorithm>
#include <cmath>
#include <numbers>

namespace pado::phy {
namespace {

constexpr int nof_rows = 4;
constexpr int power_row = 3;

/// Blocks are this many useful symbols of 15 kHz long, so that every multiple of 15 kHz has a whole number of
/// samples.
std::int32_t block_units(std::int64_t rate)
{
  return rate / 15000 <= 4096 ? 16 : 8;
}

fft_plan plan_of(std::int32_t size, std::int32_t batch, fft_direction direction)
{
  return plan_fft({size, batch, direction, fft_effort::estimate}).value();
}

} // namespace

pss_bank::pss_bank(std::int64_t sample_rate_hz, std::int32_t scs_hz)
    : sample_rate_hz_(sample_rate_hz), scs_hz_(scs_hz),
      size_in_(static_cast<std::int32_t>(block_units(sample_rate_hz) * (sample_rate_hz / 15000))),
      size_out_(block_units(sample_rate_hz) * pss_samples * (scs_hz / 15000)),
      hop_in_(size_in_ - static_cast<std::int32_t>(sample_rate_hz / 15000)),
      hop_out_(size_out_ - pss_samples * (scs_hz / 15000)), half_band_(size_out_ / 4),
      forward_(plan_of(size_in_, 1, fft_direction::forward)),
      inverse_(plan_of(size_out_, nof_rows, fft_direction::inverse)), samples_(size_in_), spectrum_(size_in_),
      templates_(static_cast<std::size_t>(3) * size_out_),
      bands_(static_cast<std::size_t>(nof_rows) * size_out_),
      rows_(static_cast<std::size_t>(nof_rows) * size_out_), energy_(size_out_)
{
  make_templates();
}

void pss_bank::make_templates()
{
  fft<backend::cpu> transform(plan_of(size_out_, 1, fft_direction::forward));
  const buffer<cf32> waveform(size_out_);
  for (int nid2 = 0; nid2 < 3; ++nid2) {
    const pss_waveform pss = make_pss_waveform(nid2);
    std::copy(pss.begin(), pss.end(), waveform.begin());
    const view<cf32, 2> spectrum(
        templates_.data() + static_cast<std::ptrdiff_t>(nid2) * size_out_, 1, size_out_);
    transform.run({waveform.as(1, size_out_)}, {spectrum}, {});
    for (int bin = 0; bin < size_out_; ++bin) {
      spectrum(0, bin) = conj(spectrum(0, bin));
    }
  }
}

void pss_bank::load(view<const cf32, 1> samples, std::int64_t begin)
{
  begin_ = begin;
  const std::int64_t left = std::clamp<std::int64_t>(samples.extent(0) - begin, 0, size_in_);
  std::copy_n(samples.data() + begin, left, samples_.begin());
  std::fill(samples_.begin() + left, samples_.end(), cf32{});
  forward_.run({samples_.as(1, size_in_)}, {spectrum_.as(1, size_in_)}, {});
}

/// Fills the rows of bands_ with the spectrum around a frequency. Bins outside the band stay 0.
void pss_bank::cut(double offset_hz)
{
  const double bin_hz = static_cast<double>(sample_rate_hz_) / size_in_;
  const auto middle = static_cast<std::int32_t>(std::lround(offset_hz / bin_hz));
  const cf32* p = templates_.data();
  cf32* out = bands_.data();
  for (int j = -half_band_; j < half_band_; ++j) {
    const std::int32_t from = (middle + j + 2 * size_in_) % size_in_;
    const std::int32_t bin = j < 0 ? j + size_out_ : j;
    const cf32 x = spectrum_.data()[from];
    out[bin] = x * p[bin];
    out[bin + size_out_] = x * p[bin + size_out_];
    out[bin + 2 * size_out_] = x * p[bin + 2 * size_out_];
    out[bin + power_row * size_out_] = x;
  }
}

void pss_bank::search(double offset_hz, float least_power, std::vector<pss_peak>& peaks)
{
  cut(offset_hz);
  inverse_.run({bands_.as(nof_rows, size_out_)}, {rows_.as(nof_rows, size_out_)}, {});
  const cf32* band = rows_.data() + static_cast<std::ptrdiff_t>(power_row) * size_out_;
  double total = 0.0;
  double window = 0.0;
  for (int i = 0; i < hop_out_ + pss_samples; ++i) {
    const double power = static_cast<double>(norm(band[i]));
    total += power;
    window += power;
    if (i >= pss_samples) {
      window -= static_cast<double>(norm(band[i - pss_samples]));
    }
    if (i + 1 >= pss_samples && i + 1 - pss_samples < hop_out_) {
      energy_.data()[i + 1 - pss_samples] = static_cast<float>(window);
    }
  }
  // Where the recording is silent only rounding noise is left, and any shape may be found in that.
  const auto floor = static_cast<float>(1e-9 * total * pss_samples / size_out_);
  for (int i = 0; i < hop_out_; ++i) {
    energy_.data()[i] = std::max(energy_.data()[i], floor);
  }
  if (floor > 0.0F) {
    for (int nid2 = 0; nid2 < 3; ++nid2) {
      collect({0.0, offset_hz, nid2, 0.0F}, least_power, peaks);
    }
  }
}

/// Peaks of one row, at least a quarter of a symbol apart.
void pss_bank::collect(pss_peak peak, float least_power, std::vector<pss_peak>& peaks) const
{
  const cf32* row = rows_.data() + static_cast<std::ptrdiff_t>(peak.nid2) * size_out_;
  const float* energy = energy_.data();
  const double step = static_cast<double>(sample_rate_hz_) / (pss_samples * static_cast<double>(scs_hz_));
  int last = -pss_samples;
  for (int i = 0; i < hop_out_; ++i) {
    const float power = norm(row[i]);
    if (power < least_power * energy[i]) {
      continue;
    }
    peak.power = power / energy[i];
    peak.sample = static_cast<double>(begin_) + i * step;
    const bool is_near = i - last < pss_samples / 4;
    if (!is_near) {
      peaks.push_back(peak);
      last = i;
    } else if (peak.power > peaks.back().power) {
      peaks.back() = peak;
      last = i;
    }
  }
}

} // namespace pado::phy
