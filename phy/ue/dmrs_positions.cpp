// SPDX-License-Identifier: Apache-2.0
#include "phy/ue/dmrs_positions.h"
#include "core/limits.h"
#include "core/slot.h"
#include "phy/ue/dmrs_positions_data.h"

namespace pado::phy {

result<std::uint16_t> dmrs_symbol_mask(const dmrs_layout& layout)
{
  const bool is_a = layout.mapping == mapping_type::a;
  if (auto bad = check_range("dmrs.type_a_position", is_a ? layout.type_a_position : 2, 2, 3)) {
    return *bad;
  }
  if (auto bad = check_range("start_symbol", layout.start_symbol, 0, is_a ? 0 : nof_symbols_per_slot - 1)) {
    return *bad;
  }
  const int max_symbols = nof_symbols_per_slot - layout.start_symbol;
  if (auto bad = check_range("nof_symbols", layout.nof_symbols, is_a ? 4 : 1, max_symbols)) {
    return *bad;
  }
  if (auto bad = check_range("dmrs.additional_positions", layout.additional_positions, 0, 3)) {
    return *bad;
  }
  const int row = is_a ? layout.type_a_position - 2 : 2;
  const std::uint16_t mask = table_data::dmrs_positions[row][layout.nof_symbols][layout.additional_positions];
  if (mask == 0) {
    return error{"dmrs.additional_positions",
                 "is 3, which mapping type A allows only with dmrs.type_a_position 2"};
  }
  return static_cast<std::uint16_t>(mask << layout.start_symbol);
}

} // namespace pado::phy
