// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include <array>
#include <cstdint>

namespace pado::phy {

inline constexpr std::int32_t pss_samples = 256; ///< of a useful symbol, at 256 times the subcarrier spacing
inline constexpr std::int32_t pss_prefix_samples = 18; ///< of its cyclic prefix

using pss_waveform = std::array<cf32, pss_samples>;

/// Useful part of the PSS symbol at 256 samples a symbol, the block's centre on frequency 0, unit energy.
pss_waveform make_pss_waveform(std::int32_t nid2);

} // namespace pado::phy
