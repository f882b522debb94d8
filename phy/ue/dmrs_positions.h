// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstdint>

namespace pado::phy {

/// PUSCH mapping type: A counts DM-RS symbols from the slot's first symbol, B from the allocation's.
enum class mapping_type : std::uint8_t { a, b };

/// What the DM-RS symbols of a PUSCH allocation follow from. Single-symbol DM-RS, no hopping.
struct dmrs_layout {
  mapping_type mapping = mapping_type::a;
  std::int32_t type_a_position = 2;      ///< dmrs-TypeA-Position, 2 or 3; not read with mapping type B
  std::int32_t start_symbol = 0;         ///< 0 with mapping type A
  std::int32_t nof_symbols = 14;         ///< 4..14 (A) or 1..14 (B), start_symbol + nof_symbols <= 14
  std::int32_t additional_positions = 0; ///< 0..3
};

/// DM-RS symbols of the allocation as pusch_pdu.dmrs_symbol_mask: bit l is symbol l of the slot.
///
/// \spec    TS 38.211, 6.4.1.1.3, Table 6.4.1.1.3-3
/// \errors  a value out of range, or a combination that the table does not allow
result<std::uint16_t> dmrs_symbol_mask(const dmrs_layout& layout);

} // namespace pado::phy
