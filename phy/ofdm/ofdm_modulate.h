// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "phy/fft/fft.h"
#include "phy/ofdm/ofdm.h"

namespace pado::phy {

/// OFDM transmitter, the inverse of the receiver front of the same plan: what it sends, ofdm::run() gives
/// back. A plain host class for the UE simulator and for tests; one object a thread.
///
/// \spec    TS 38.211, 5.3.1, 5.4
/// \errors  the constructor may throw std::bad_alloc or std::runtime_error
class ofdm_modulator {
public:
  explicit ofdm_modulator(const ofdm_plan& plan);

  /// One slot of one port, carrier phase pre-compensation and prefixes included.
  ///
  /// grid     [symbol][subcarrier]  cf32, 14 x 12 nof_prb
  /// samples  [sample]              cf32, the slot's slot_samples() values, all overwritten: unitary inverse
  /// DFT / gain
  void modulate(view<const cf32, 2> grid, std::int32_t slot_in_subframe, view<cf32, 1> samples);

private:
  ofdm_plan plan_;
  fft<backend::cpu> transform_;
  buffer<cf32> bins_;
  buffer<cf32> useful_;
};

} // namespace pado::phy
