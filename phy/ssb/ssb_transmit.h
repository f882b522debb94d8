// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/result.h"
#include "core/view.h"
#include "phy/pbch/mib.h"
#include <cstdint>

namespace pado::phy {

/// One SS/PBCH block to send. The block's index and half frame are in the MIB.
struct ssb_transmit_config {
  std::int32_t pci = 0;
  mib content;
  std::int32_t nof_candidates = 8; ///< L_max: 4 up to 3 GHz, else 8
  float pss_gain_db = 0.0F;        ///< of the PSS over the rest: 0 or 3
};

/// Resource elements of the block, unit power on each used one.
///
/// grid  [4][240]  cf32
///
/// \spec    TS 38.211, 7.4.3.1
/// \errors  pci, index or nof_candidates out of range
result<nothing> map_ssb(const ssb_transmit_config& config, view<cf32, 2> grid);

/// Where the block lies in time and frequency.
struct ssb_placement {
  std::int64_t sample_rate_hz = 0;
  std::int32_t scs_hz = 30000;
  std::int64_t centre_hz =
      0; ///< what the samples were mixed down from; 0: no carrier, so no phase of 38.211, 5.4
  std::int64_t ssb_centre_hz = 0; ///< absolute, so relative to the samples' centre when that is 0
  double start_sample = 0.0;      ///< first sample of the PSS's prefix, may lie between two
  double cfo_hz = 0.0;            ///< added by the oscillators
  float amplitude = 1.0F;         ///< of a resource element
};

/// Adds the modulated block to the samples: prefix and useful part of the four symbols, computed from the
/// definition of OFDM at each sample, so any sample rate will do. Samples outside the view are left out.
///
/// grid     [4][240]  cf32
/// samples  [sample]  cf32, added to
///
/// \spec TS 38.211, 5.3.1, 5.4
void add_ssb(const ssb_placement& placement, view<const cf32, 2> grid, view<cf32, 1> samples);

} // namespace pado::phy
