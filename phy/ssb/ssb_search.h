// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/result.h"
#include "core/view.h"
#include "phy/pbch/mib.h"
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace pado::phy {

/// Frequencies at which an SS/PBCH block may be centred.
enum class ssb_raster {
  automatic, ///< the synchronisation raster when centre_hz is known; if nothing is heard there, every 15 kHz
  sync,      ///< the synchronisation raster of TS 38.104, 5.4.3.1; needs centre_hz
  every_15_khz, ///< every multiple of 15 kHz away from the samples' centre
};

/// What to look for in a recording.
struct ssb_search_config {
  std::int64_t sample_rate_hz = 0;                ///< a multiple of 15 kHz, up to 122.88 MHz
  std::int64_t centre_hz = 0;                     ///< frequency of the samples' centre; 0: not known
  std::vector<std::int32_t> scs_hz{15000, 30000}; ///< subcarrier spacings of the block
  ssb_raster raster = ssb_raster::automatic;
  std::int32_t max_cfo_hz = 7500;        ///< oscillator error to allow for on the synchronisation raster
  std::function<void(float)> progress{}; ///< called with 0..1 from time to time, when there is one
};

/// One SS/PBCH block that was heard.
struct heard_cell {
  std::int32_t pci = 0;
  std::int32_t scs_hz = 0;
  std::int64_t ssb_centre_hz = 0;  ///< nominal; relative to the samples' centre when that is not known
  std::int64_t start_sample = 0;   ///< first sample of the PSS's cyclic prefix
  double cfo_hz = 0.0;             ///< received minus nominal
  float snr_db = 0.0F;             ///< per resource element, on the SSS
  float pss_metric = 0.0F;         ///< correlation 0..1; noise alone: about 0.08
  float sss_metric = 0.0F;         ///< the same, after the channel that the PSS showed is removed
  std::int32_t nof_candidates = 0; ///< L_max that the PBCH fits, 4 or 8; 0 without a MIB
  std::optional<mib> content;      ///< without one the PBCH was not decoded: too weak, or cut
};

/// Looks for SS/PBCH blocks of both spacings anywhere in the band of a recording, and decodes their PBCH.
///
/// Correlates with the three PSS at every frequency of the raster, normalised by the power inside the PSS's
/// own band, so that strong neighbours and power steps do not matter. What passes is aligned, checked with
/// the 336 SSS of its group, and read. For files, not for the slot path: it allocates and takes its time.
///
/// samples  [sample]  cf32, any scale
///
/// Returns the blocks in order of their start; several blocks of one cell are several entries.
///
/// \spec    TS 38.211, 7.4.2, 7.4.3; TS 38.213, 4.1
/// \errors  a sample rate that is too low or not a multiple of 15 kHz, a spacing other than 15 or 30 kHz, the
/// sync raster
///          without centre_hz
result<std::vector<heard_cell>> search_cells(view<const cf32, 1> samples, const ssb_search_config& config);

} // namespace pado::phy
