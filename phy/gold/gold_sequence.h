// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace pado::phy {

/// Bits first_bit, first_bit + 1, ... of c(n) for one c_init, 32 bits a word, first bit in the least
/// significant place. Allocates nothing. For whoever needs a sequence on the host: transmitters, SSB search,
/// and the CPU side of the stage.
///
/// \spec TS 38.211, 5.2.1
void gold_bits(std::uint32_t c_init, std::uint32_t first_bit, std::span<std::uint32_t> words) noexcept;

} // namespace pado::phy
