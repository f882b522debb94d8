// SPDX-License-Identifier: Apache-2.0
#include "phy/ue/dmrs_positions.h"
#include "tests/support/shared.h"
#include <doctest/doctest.h>

using namespace pado;

TEST_CASE("dmrs_positions: every row of the specification's table is given back")
{
  const auto path = test::shared_path("spec/signals/pusch_dmrs_pos_single.csv");
  if (!path) {
    MESSAGE("skipped: no spec/signals/pusch_dmrs_pos_single.csv");
    return;
  }
  int nof_rows = 0;
  for (const auto& row : test::read_csv(*path)) {
    CAPTURE(nof_rows);
    phy::dmrs_layout layout;
    layout.mapping = row[0] == "A" ? phy::mapping_type::a : phy::mapping_type::b;
    layout.type_a_position = std::stoi(row[1]);
    layout.nof_symbols = std::stoi(row[2]);
    layout.additional_positions = std::stoi(row[3]);
    int mask = 0;
    for (std::size_t i = 5; i < 9; ++i) {
      mask |= row[i].empty() ? 0 : 1 << std::stoi(row[i]);
    }
    const auto got = phy::dmrs_symbol_mask(layout);
    const bool is_allowed = row.size() < 10 || row[9].empty();
    CHECK(bool(got) == is_allowed);
    CHECK((!got || got.value() == mask));
    ++nof_rows;
  }
  CHECK(nof_rows == 144);
}

TEST_CASE("dmrs_positions: mapping type B counts from the allocation's first symbol")
{
  const auto mask = phy::dmrs_symbol_mask({phy::mapping_type::b, 2, 4, 9, 1});
  REQUIRE(mask);
  CHECK(mask.value() == ((1 << 4) | (1 << 10)));
}

TEST_CASE("dmrs_positions: what the table does not hold is refused by name")
{
  CHECK(phy::dmrs_symbol_mask({phy::mapping_type::a, 4, 0, 14, 0}).failure().field == "dmrs.type_a_position");
  CHECK(phy::dmrs_symbol_mask({phy::mapping_type::a, 2, 1, 13, 0}).failure().field == "start_symbol");
  CHECK(phy::dmrs_symbol_mask({phy::mapping_type::a, 2, 0, 3, 0}).failure().field == "nof_symbols");
  CHECK(phy::dmrs_symbol_mask({phy::mapping_type::b, 2, 10, 5, 0}).failure().field == "nof_symbols");
  CHECK(phy::dmrs_symbol_mask({phy::mapping_type::b, 2, 0, 14, 4}).failure().field ==
        "dmrs.additional_positions");
  CHECK(phy::dmrs_symbol_mask({phy::mapping_type::a, 3, 0, 14, 3}).failure().field ==
        "dmrs.additional_positions");
}
