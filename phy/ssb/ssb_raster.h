// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace pado::phy {

/// Frequencies of the synchronisation raster in [low_hz, high_hz], ascending.
/// Up to 3 GHz: N * 1.2 MHz + M * 50 kHz, M = 1, 3, 5; above: 3 GHz + N * 1.44 MHz.
/// \spec TS 38.104, 5.4.3.1
std::vector<std::int64_t> sync_raster(std::int64_t low_hz, std::int64_t high_hz);

/// Multiples of 15 kHz in [low_hz, high_hz], ascending.
std::vector<std::int64_t> every_15_khz(std::int64_t low_hz, std::int64_t high_hz);

} // namespace pado::phy
