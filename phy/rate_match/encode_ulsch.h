// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "phy/segmentation/segmentation.h"
#include <cstdint>
#include <span>
#include <vector>

namespace pado::phy {

/// UL-SCH from transport block to code word: CRC, segmentation, LDPC, rate matching, concatenation. Not
/// scrambled.
///
/// payload   [byte]  the transport block, config.tb_size_bits / 8 bytes, bit 7 of byte 0 first
///
/// returns   [bit]   0 or 1 each, config.nof_coded_bits of them
///
/// \spec    TS 38.212, 6.2
/// \errors  what segment_ulsch refuses; "encode_ulsch.payload": its length is not the transport block's
result<std::vector<std::uint8_t>> encode_ulsch(std::span<const std::uint8_t> payload,
                                               const ulsch_config& config);

} // namespace pado::phy
