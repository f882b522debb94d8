// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/segmentation/segmentation.h"
#include <cstdint>
#include <span>

namespace pado::phy {

/// Bit selection and bit interleaving of one code block (transmit side).
///
/// code      from segment_ulsch
/// qam_mod_order
/// coded     [bit]  0 or 1 each, as ldpc_encode writes them: the first 2 z included, at least up to the last
/// bit sent out       [bit]  0 or 1 each; its size is E_r
///
/// \spec    TS 38.212, 5.4.2.1 and 5.4.2.2
void rate_match(const segmentation& code,
                std::int32_t qam_mod_order,
                std::span<const std::uint8_t> coded,
                std::span<std::uint8_t> out);

} // namespace pado::phy
