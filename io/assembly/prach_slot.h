// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot.h"
#include "core/uplink_slot.h"
#include "core/view.h"

namespace pado::io {

/// One section of PRACH samples: one repetition (symbol) of one port.
struct prach_section {
  std::uint32_t bytes_begin = 0; ///< offset of the first PRB
  std::uint16_t prb_begin = 0;   ///< in the occasion, not in the carrier grid
  std::uint16_t nof_prb = 0;
  std::uint16_t section_id = 0;
  std::uint8_t port = 0;
  std::uint8_t symbol = 0; ///< symbolId: startSymbolId and the repetition
  std::uint8_t filter_index = 0;
  compression method = compression::bfp;
  std::uint8_t width = 9;
};

/// The PRACH sections of one slot. Borrows its arrays.
struct prach_slot {
  std::int32_t cell = 0;
  slot_id slot;
  view<const std::byte, 1> bytes;
  view<const prach_section, 1> sections;
  std::int64_t air_ns = 0; ///< begin of the slot on air; 0 when unknown
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
};

} // namespace pado::io
