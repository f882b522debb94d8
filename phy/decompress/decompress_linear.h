// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/decompress/decompress_body.h"
#include <span>

namespace pado::phy {

/// A run of PRBs of a linear method, which is any but mu-law: value = code * unit, one unit a PRB. For the
/// tuned kernels of the CPU, which give what the body gives to the bit.
struct linear_prbs {
  std::span<const std::byte> bytes; ///< from the first PRB to the end of readable memory
  std::int32_t nof_prb;
  body::prb_format format;
  std::int32_t parameter_mask; ///< bits of udCompParam that choose the unit
  const float* unit;           ///< [parameter & parameter_mask]
  std::int32_t largest_safe;   ///< masked parameter beyond which values may exceed the largest half
};

/// Writes 12 nof_prb values.
using linear_kernel = void (*)(const linear_prbs& in, ch16* out) noexcept;
void decompress_linear_avx2(const linear_prbs& in, ch16* out) noexcept;
void decompress_linear_avx512(const linear_prbs& in, ch16* out) noexcept;
/// Converts and scales in halves, which is exact only where every unit is a power of two: not for block
/// scaling.
void decompress_linear_avx512fp16(const linear_prbs& in, ch16* out) noexcept;

/// The fastest kernel of this processor for a method; none where there is only the body.
linear_kernel best_linear_kernel(compression method) noexcept;

/// A section as the kernels want it. The section's method is not mu-law.
linear_prbs linear_prbs_of(const iq_section& section, view<const std::byte, 1> bytes) noexcept;

} // namespace pado::phy
