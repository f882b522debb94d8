// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot.h"
#include "io/ecpri/drop_reason.h"
#include "io/ecpri/wire.h"

namespace pado::io {

inline constexpr std::size_t app_header_bytes = 4;

enum class direction : std::uint8_t { uplink = 0, downlink = 1 };

/// Begin of every C-plane and U-plane message, after the eCPRI ids.
struct app_header {
  direction dir = direction::uplink;
  std::uint8_t payload_version = 1;
  std::uint8_t filter_index = 0; ///< 0 standard, 1..7 PRACH and NPRACH, 8..15 reserved
  std::uint8_t frame = 0;        ///< SFN modulo 256
  std::uint8_t subframe = 0;     ///< 0..9
  std::uint8_t slot = 0;         ///< in the subframe, 0..2^mu - 1
  std::uint8_t symbol = 0;       ///< symbolId (U-plane) or startSymbolId (C-plane), 0..13

  friend bool operator==(const app_header&, const app_header&) = default;
};

/// Reads the header. Ranges that depend on the cell (slot) are left to the caller.
/// \errors short_message; payload_version; bad_time for a subframe above 9 or a symbol above 13
drop parse_app_header(packet message, app_header& out) noexcept;

/// Writes app_header_bytes.
void write_app_header(const app_header& header, std::span<std::byte> out) noexcept;

/// The header of one symbol of a slot. The frame loses the upper two bits of the SFN.
app_header app_header_of(slot_id slot, numerology n, std::int32_t symbol, direction dir) noexcept;

/// The SFN nearest to `near_sfn` whose low 8 bits are `frame`; of two equally near ones the earlier.
constexpr std::int32_t nearest_sfn(std::uint8_t frame, std::int32_t near_sfn) noexcept
{
  const std::int32_t ahead = (frame - near_sfn) & 0xFF; // 0..255 frames after near_sfn
  const std::int32_t step = ahead < 128 ? ahead : ahead - 256;
  return (near_sfn + step) & (nof_sfn - 1);
}

} // namespace pado::io
