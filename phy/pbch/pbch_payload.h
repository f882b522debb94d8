// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/pbch/mib.h"
#include "phy/polar/polar_code.h"
#include <array>
#include <cstdint>
#include <optional>

namespace pado::phy {

inline constexpr std::int32_t pbch_payload_bits = 32;
inline constexpr std::int32_t pbch_coded_bits = 864;

using pbch_payload = std::array<std::uint8_t, pbch_payload_bits>; ///< 0 or 1 each
using pbch_coded = std::array<std::uint8_t, pbch_coded_bits>;

/// The polar code of PBCH: 56 bits with CRC, 864 coded.
polar_code_config pbch_code_config();

/// Payload bits as they enter the CRC: generated, interleaved and scrambled.
/// \spec TS 38.212, 7.1.1, 7.1.2 (4 or 8 candidate blocks in a half frame, that is FR1)
pbch_payload pack_pbch_payload(const mib& content, std::int32_t pci);

/// The inverse. ssb_index is not in the payload: it is what the DM-RS said.
/// Nothing when the payload contradicts itself: reserved bits set, or a choice that is not the MIB.
std::optional<mib> unpack_pbch_payload(const pbch_payload& payload, std::int32_t pci, std::int32_t ssb_index);

/// Everything from MIB to the 864 scrambled bits that QPSK carries.
/// \param nof_candidates  L_max, 4 or 8: it decides how many index bits the scrambling follows
/// \spec TS 38.212, 7.1; TS 38.211, 7.3.3.1
pbch_coded encode_pbch(const mib& content, std::int32_t pci, std::int32_t nof_candidates);

} // namespace pado::phy
