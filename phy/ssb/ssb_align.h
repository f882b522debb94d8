// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/complex.h"
#include "core/view.h"
#include "phy/fft/fft.h"
#include "phy/ssb/pss_bank.h"
#include "phy/ssb/pss_waveform.h"
#include "phy/ssb/ssb_identify.h"
#include <array>
#include <cstdint>
#include <optional>

namespace pado::phy {

/// A block found, aligned in time and frequency, and whose it is.
struct ssb_aligned {
  ssb_identity identity;
  double start_sample = 0.0; ///< of the PSS's prefix
  double frequency_hz =
      0.0; ///< of the block's centre as received, from the samples' centre, seen inside the symbols
  double turn_hz =
      0.0; ///< frequency that the phase from PSS to SSS shows; only known up to multiples of turn_cycle_hz
  double turn_cycle_hz = 0.0;
  float pss_metric = 0.0F; ///< correlation, 0..1
  float sss_metric = 0.0F;
  float snr_db = 0.0F;
  std::array<cf32, 960> grid{}; ///< [4][240], timing and frequency removed
};

/// Takes a PSS peak to a block: resamples the band around it to 256 samples a symbol, finds fractional
/// frequency and timing, demodulates the four symbols and chooses among the 336 SSS.
class ssb_aligner {
public:
  ssb_aligner(std::int64_t sample_rate_hz, std::int32_t scs_hz);

  /// Nothing when the block is cut by the recording's end.
  std::optional<ssb_aligned> align(view<const cf32, 1> samples, const pss_peak& peak);

private:
  void extract(view<const cf32, 1> samples, std::int64_t first, double offset_hz);
  void find_pss(std::int32_t nid2, int expected);
  void demodulate(double frequency_hz, int lag, double delay, view<cf32, 2> grid);

  std::int64_t sample_rate_hz_;
  std::int32_t scs_hz_;
  std::int32_t size_in_;
  std::int32_t size_out_;
  fft<backend::cpu> forward_;
  fft<backend::cpu> inverse_;
  fft<backend::cpu> symbol_;
  buffer<cf32> segment_;
  buffer<cf32> spectrum_;
  buffer<cf32> band_;
  buffer<cf32> baseband_; ///< at 256 samples a symbol
  buffer<cf32> symbol_in_;
  buffer<cf32> symbol_out_;
  std::array<pss_waveform, 3> waveforms_;
  int lag_ = 0;            ///< where the PSS's useful part begins in baseband_
  double coarse_hz_ = 0.0; ///< frequency inside the PSS
};

} // namespace pado::phy
