// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include <cstdint>

namespace pado::phy {

/// The half of a symbol on neighbouring bins: what body::ofdm_map does with each half, in vectors.
/// bins, factor and out have n values.
void ofdm_map_run(
    cf32 symbol_factor, const cf32* bins, const cf32* factor, std::int32_t n, ch16* out) noexcept;

} // namespace pado::phy
