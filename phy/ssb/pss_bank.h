// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/backend.h"
#include "core/buffer.h"
#include "core/complex.h"
#include "core/view.h"
#include "phy/fft/fft.h"
#include <cstdint>
#include <vector>

namespace pado::phy {

/// A place where a PSS correlates.
struct pss_peak {
  double sample = 0.0;    ///< where its useful part begins, to about a quarter of 1 / (256 scs)
  double offset_hz = 0.0; ///< frequency hypothesis, from the samples' centre
  std::int32_t nid2 = 0;
  float power = 0.0F; ///< squared correlation, 0..1: the PSS's share of the power in its band
};

/// Correlator for the three PSS at any frequency of a recording, block by block.
///
/// The block is transformed once. For each frequency the band of the PSS is cut out of the spectrum and
/// transformed back at 256 samples a symbol: once as it is, for the power, and once for each PSS, multiplied
/// with its spectrum. So the cost of a frequency does not depend on the sample rate.
class pss_bank {
public:
  /// The rate is a multiple of 15 kHz up to 122.88 MHz, the spacing 15 or 30 kHz.
  pss_bank(std::int64_t sample_rate_hz, std::int32_t scs_hz);

  /// Samples from one block's begin to the next.
  std::int64_t hop() const { return hop_in_; }

  /// Takes the samples from begin on; zeros past their end.
  void load(view<const cf32, 1> samples, std::int64_t begin);

  /// Appends the peaks of the loaded block at one frequency that reach the threshold.
  void search(double offset_hz, float least_power, std::vector<pss_peak>& peaks);

private:
  void make_templates();
  void cut(double offset_hz);
  void collect(pss_peak peak, float least_power, std::vector<pss_peak>& peaks) const;

  std::int64_t sample_rate_hz_;
  std::int32_t scs_hz_;
  std::int32_t size_in_;  ///< samples of a block
  std::int32_t size_out_; ///< at 256 samples a symbol
  std::int32_t hop_in_;
  std::int32_t hop_out_;
  std::int32_t half_band_; ///< bins from the middle of the PSS to its edge
  std::int64_t begin_ = 0;
  fft<backend::cpu> forward_;
  fft<backend::cpu> inverse_;
  buffer<cf32> samples_;
  buffer<cf32> spectrum_;
  buffer<cf32> templates_; ///< [nid2][bin], conjugate, unit energy
  buffer<cf32> bands_;     ///< [row][bin]: three products and the band itself
  buffer<cf32> rows_;      ///< [row][sample]
  buffer<float> energy_;   ///< [sample] of the symbol that begins there
};

} // namespace pado::phy
