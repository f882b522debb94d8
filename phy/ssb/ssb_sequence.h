// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace pado::phy {

inline constexpr std::int32_t nof_pci = 1008;
inline constexpr std::int32_t nof_sync_subcarriers = 127;
inline constexpr std::int32_t first_sync_subcarrier = 56; ///< of PSS and SSS in the block's 240
inline constexpr std::int32_t nof_ssb_subcarriers = 240;
inline constexpr std::int32_t nof_ssb_symbols = 4;
inline constexpr std::int32_t ssb_centre_subcarrier = 120; ///< the one on SS_REF, the block's frequency

using sync_sequence = std::array<float, nof_sync_subcarriers>; ///< +1 or -1

/// d_PSS(n) of N_ID_2 = 0..2. \spec TS 38.211, 7.4.2.2.1
sync_sequence pss_sequence(std::int32_t nid2);

/// d_SSS(n) of a cell. \spec TS 38.211, 7.4.2.3.1
sync_sequence sss_sequence(std::int32_t pci);

/// c_init of the PBCH DM-RS. The time hypothesis is the SSB index of 8 candidates, or index + 4 * half frame
/// of 4. \spec TS 38.211, 7.4.1.4.1
std::uint32_t pbch_dmrs_c_init(std::int32_t pci, std::int32_t time_hypothesis);

} // namespace pado::phy
