// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot.h"
#include <cstdint>

namespace pado::phy {

/// c_init of the DM-RS of a CP-OFDM PUSCH on one symbol.
///
/// slot            number of the slot in the frame
/// symbol          in the slot, also for mapping type B
/// scrambling_id   N_ID^nSCID, 0..65535
///
/// \spec TS 38.211, 6.4.1.1.1.1
inline std::uint32_t
pusch_dmrs_c_init(std::int32_t slot, std::int32_t symbol, std::int32_t scrambling_id, std::int32_t scid)
{
  const auto place =
      static_cast<std::uint64_t>(slot) * nof_symbols_per_slot + static_cast<std::uint64_t>(symbol) + 1;
  const auto id = static_cast<std::uint64_t>(scrambling_id);
  const std::uint64_t sum = (place * (2 * id + 1) << 17U) + 2 * id + static_cast<std::uint64_t>(scid);
  return static_cast<std::uint32_t>(sum & 0x7fffffffU);
}

/// c_init of the scrambling of a PUSCH code word.
/// \spec TS 38.211, 6.3.1.1
inline std::uint32_t pusch_data_c_init(std::uint16_t rnti, std::uint16_t scrambling_id)
{
  return (std::uint32_t{rnti} << 15U) + scrambling_id;
}

} // namespace pado::phy
