// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pado::mac {

/// The largest number of PRBs <= nof_prb that an allocation may have.
///
/// Any number without transform precoding; with it 2^a 3^b 5^c, for the DFT. 0 only for nof_prb 0.
///
/// \spec    TS 38.211, 6.3.1.4
std::int32_t allowed_prb(std::int32_t nof_prb, bool transform_precoding) noexcept;

} // namespace pado::mac
