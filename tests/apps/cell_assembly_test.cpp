// SPDX-License-Identifier: Apache-2.0
#include "apps/cell_assembly.h"
#include <array>
#include <doctest/doctest.h>

using namespace pado::apps; // NOLINT(google-build-using-namespace)

namespace {

cell_config tdd_cell()
{
  const auto cell =
      parse_cell_file("carrier: {scs_khz: 30, nof_prb: 51, nof_rx_ports: 2}\n"
                      "fronthaul: {eaxc_pusch: [3, 1], eaxc_prach: [4, 5], vlan: 5, comp_width: 12, "
                      "window_us: [50, 331]}\n"
                      "tdd: {pattern: DDDSU, special_uplink_symbols: 4}\n",
                      "cell.yaml");
  REQUIRE(cell);
  return cell.value();
}

} // namespace

TEST_CASE("cell_assembly: a cell becomes a configuration that the assembler accepts")
{
  const std::array cells = {tdd_cell()};
  const auto got = assembly_of(cells);
  REQUIRE(got);
  CHECK(got.value().udp_port == pado::io::no_udp_port);
  REQUIRE(got.value().cells.size() == 1);
  const pado::io::cell_config& cell = got.value().cells[0];
  CHECK(cell.nof_prb == 51);
  CHECK(cell.scs.mu == 1);
  CHECK(cell.pusch.eaxc == std::vector<std::uint16_t>{3, 1}); // in port order, not sorted
  CHECK(cell.prach.eaxc.size() == 2);
  CHECK(cell.pusch.fixed == pado::io::iq_format{pado::compression::bfp, 12});
  CHECK(cell.vlan == 5);
  CHECK(cell.uplink_symbols == std::vector<std::uint16_t>{0, 0, 0, 0x3c00, 0x3fff});
  REQUIRE(cell.window);
  CHECK(cell.window->earliest_ns == 50000);
  CHECK(cell.window->latest_ns == 331000);
  CHECK(cell.sfn0_ns); // a window needs to know when a slot is on air
  const auto plan = pado::io::plan_slot_assembler(got.value());
  CHECK_MESSAGE(plan, (plan ? "" : plan.failure().text()));
}

TEST_CASE("cell_assembly: a dynamic header fixes no format, FDD has no pattern")
{
  cell_config cell = tdd_cell();
  cell.fronthaul->header = comp_header::dynamic;
  cell.tdd.reset();
  cell.fronthaul->window.reset();
  const auto got = assembly_of(std::array{cell});
  REQUIRE(got);
  CHECK_FALSE(got.value().cells[0].pusch.fixed);
  CHECK(got.value().cells[0].uplink_symbols.empty());
  CHECK_FALSE(got.value().cells[0].window);
  CHECK_FALSE(got.value().cells[0].sfn0_ns);
  CHECK(pado::io::plan_slot_assembler(got.value()));
}

TEST_CASE("cell_assembly: window, clock and offsets of the cell become those of the assembler")
{
  cell_config cell = tdd_cell();
  fronthaul_config& fronthaul = *cell.fronthaul;
  fronthaul.window->from = window_from::symbol_end;
  fronthaul.window->outside = outside_window::drop;
  fronthaul.gps_alpha = 12288;
  fronthaul.gps_beta = 2;
  const auto assembled = [&] { return assembly_of(std::array{cell}).value().cells[0]; };
  CHECK(assembled().window->origin == pado::io::window_origin::symbol_end);
  CHECK(assembled().window->is_enforced);
  constexpr std::int64_t offset_ns = 10000 + 20000000;
  CHECK(assembled().sfn0_ns == 315964782LL * 1000000000 + offset_ns);
  fronthaul.clock = packet_clock::tai;
  CHECK(assembled().sfn0_ns == 315964819LL * 1000000000 + offset_ns);
  fronthaul.window.reset(); // a known clock tells the air time without a window, too
  CHECK(assembled().sfn0_ns);
  fronthaul.clock = packet_clock::fitted;
  CHECK_FALSE(assembled().sfn0_ns);
}

TEST_CASE("cell_assembly: cells that cannot share an assembler are refused")
{
  cell_config other = tdd_cell();
  other.fronthaul->udp_port = 5000;
  CHECK_FALSE(assembly_of(std::array{tdd_cell(), other}));
  other.fronthaul.reset();
  CHECK_FALSE(assembly_of(std::array{other}));
}
