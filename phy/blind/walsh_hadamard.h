// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace pado::phy {

/// Walsh-Hadamard transform in place, not scaled: y(r) = sum over k of x(k) (-1)^(number of ones of r & k).
///
/// x  [value]  as many as a power of two, at least 8
void walsh_hadamard(std::span<float> x) noexcept;

} // namespace pado::phy
