// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstdint>
#include <string>

namespace pado::apps {

/// The downlink of a cell that only sends its SS/PBCH block: something for `pado inspect` to hear.
struct cell_signal_config {
  std::int32_t pci = 0; ///< 0..1007
  std::uint64_t seed = 1;
  float snr_db = 10.0F;   ///< of the block's resource elements
  double cfo_hz = 240.0;  ///< oscillator offset
  std::int32_t sfn = 610; ///< 0..1023
};

/// Writes 20 ms at 7.68 MS/s, 30 kHz, two blocks 10 ms apart, in noise, as a SigMF pair.
/// \errors pci or sfn out of range, the file cannot be written
result<nothing> generate_cell_signal(const cell_signal_config& config, const std::string& path);

} // namespace pado::apps
