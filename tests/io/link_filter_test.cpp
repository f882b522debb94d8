// SPDX-License-Identifier: Apache-2.0
// ctest: unit
#include "io/assembly/slot_assembler.h"
#include "tests/io/fronthaul_frames.h"
#include <doctest/doctest.h>

using namespace pado::io; // NOLINT: a test reads better with the short names

TEST_CASE(
    "slot_assembler: frames of another VLAN or address than the cell's are counted by what is wrong, and "
    "not used")
{
  cell_config cell;
  cell.scs = {1};
  cell.nof_prb = 20;
  cell.pusch = {{0, 1}, iq_format{pado::compression::bfp, 9}};
  cell.vlan = 3;
  cell.ru = mac_address{2, 0, 0, 0, 0, 2};
  slot_assembler_config config;
  config.cells.push_back(cell);
  slot_assembler assembler(plan_slot_assembler(config).value());
  const auto header = app_header_of({0, 0}, {1}, 7, direction::uplink);
  const auto push = [&](int vlan, std::uint8_t unit, std::uint16_t eaxc) {
    auto flow = pado::test::plain_flow(eaxc);
    flow.link.vlan = vlan;
    flow.link.source = {2, 0, 0, 0, 0, unit};
    std::uint8_t sequence = 0;
    assembler.push(pado::test::symbol_frames(flow, header, 0, {0, 3}, sequence).at(0), 0);
  };
  push(3, 2, 0); // the cell's own
  push(4, 2, 0);
  push(4, 9, 0); // both wrong: the VLAN is looked at first
  push(3, 9, 0);
  push(3, 2, 77);
  assembler.flush();
  lent<pado::uplink_slot> lent;
  REQUIRE(assembler.pop(lent));
  CHECK(lent.slot.sections.extent(0) == 1);
  assembler.release(lent);
  CHECK_FALSE(assembler.pop(lent));
  const rx_counters& frames = assembler.counters().frames;
  CHECK(frames.accepted.value() == 1);
  CHECK(frames.nof_dropped(drop_reason::wrong_vlan) == 2);
  CHECK(frames.nof_dropped(drop_reason::wrong_mac) == 1);
  CHECK(frames.nof_dropped(drop_reason::unknown_flow) == 1);
  CHECK(assembler.counters().is_balanced());
}
