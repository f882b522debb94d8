// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/result.h"
#include "phy/fft/fft.h"
#include "phy/ofdm/ofdm.h"
#include "phy/uplink_sync/frame_search.h"

namespace pado::phy {

/// How far windows begin before the useful part.
constexpr std::int32_t half_prefix(std::int32_t fft_size)
{
  return prefix_samples(fft_size) / 2;
}

/// What the transform of a half subframe needs to know.
struct half_subframe_config {
  numerology scs;
  std::int64_t sample_rate_hz = 0;
  std::int32_t nof_subcarriers = 0; ///< around the carrier's middle, even, at most the size of the FFT
  float cfo_hz = 0.0F;              ///< is removed
};

/// Turns half subframes of samples into symbols, windows beginning half a prefix early, so that a begin that
/// is off by less than that costs nothing but a delay.
class half_subframe {
public:
  /// \errors the sample rate, the number of subcarriers
  static result<half_subframe> plan(const half_subframe_config& config);

  /// Appends the 7 * 2^mu symbols of one half subframe.
  ///
  /// samples  [port][sample]  a half subframe from the begin of its first prefix
  void run(view<const cf32, 2> samples, std::int32_t first_position, std::vector<frame_symbol>& to);

  std::int32_t nof_samples() const { return static_cast<std::int32_t>(config_.sample_rate_hz / 2000); }
  std::int32_t fft_size() const { return fft_size_; }
  std::int32_t window_advance() const { return half_prefix(fft_size_); }

private:
  half_subframe(const half_subframe_config& config, const fft_plan& plan);

  half_subframe_config config_;
  std::int32_t fft_size_;
  std::unique_ptr<fft<backend::cpu>> transform_;
  buffer<cf32> window_;
  buffer<cf32> bins_;
};

} // namespace pado::phy
