// SPDX-License-Identifier: Apache-2.0
// links: pado_apps
#include "apps/generate.h"
#include "apps/scenario_file.h"
#include "apps/slot_timing.h"
#include "tests/support/temporary_folder.h"
#include <cstdlib>
#include <doctest/doctest.h>

using namespace pado;

namespace {

/// Four uplink slots of two ports, made with C-plane 300 us before the slot and U-plane 60 us after a symbol.
struct generated {
  generated()
  {
    auto read = apps::read_scenario_file(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml");
    REQUIRE(read);
    cell = read.value().cell;
    cell.fronthaul->window = apps::ta4_window{0, 400};
    apps::generate_options options;
    options.output = file;
    REQUIRE(apps::generate(read.value(), options));
  }

  test::temporary_folder folder;
  std::string file = folder.file("a.pcap");
  apps::cell_config cell;
};

std::size_t count_of(const std::string& text, const std::string& what)
{
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

} // namespace

TEST_CASE("slot_timing: messages of both planes stand where the generator put them")
{
  const generated made;
  const auto timing = apps::read_slot_timing(made.file, made.cell, std::nullopt);
  REQUIRE_MESSAGE(timing, timing.failure().text());
  CHECK(timing.value().nof_slots == 4);
  CHECK_FALSE(timing.value().damage);
  REQUIRE(timing.value().control.size() == 2);
  for (const auto& [key, range] : timing.value().control) {
    CHECK(key.second == 0);
    CHECK(range.nof_messages == 4);
    CHECK(range.shown_ns.size() == 1);
    CHECK(std::abs(range.low_ns + 300000) < 2000);
    CHECK(std::abs(range.high_ns + 300000) < 2000);
  }
  REQUIRE(timing.value().user.size() == 28);
  for (const auto& [key, range] : timing.value().user) {
    const std::int64_t due_ns = 500000 * (key.second + 1) / 14 + 60000;
    CHECK(std::abs(range.low_ns - due_ns) < 3000);
    CHECK(std::abs(range.high_ns - due_ns) < 3000);
    CHECK(range.shown_ns.size() == static_cast<std::size_t>(range.nof_messages) / 4);
  }
}

TEST_CASE("slot_timing: the picture holds every window and every message")
{
  const generated made;
  const auto timing = apps::read_slot_timing(made.file, made.cell, slot_id{1023, 14});
  REQUIRE_MESSAGE(timing, timing.failure().text());
  std::size_t nof_user = 0;
  for (const auto& [key, range] : timing.value().user) {
    nof_user += range.shown_ns.size();
  }
  const std::string svg = apps::slot_timing_svg(timing.value(), made.cell);
  CHECK(svg.find("Uplink slot 1023.14, and the range of 4 slots") != std::string::npos);
  CHECK(count_of(svg, "<circle class=\"control\"") == 2);
  CHECK(count_of(svg, "<circle class=\"user\"") == nof_user);
  CHECK(count_of(svg, "class=\"window\"") == 2 + 28);
  CHECK(count_of(svg, "class=\"air\"") == 14 + 28);
}

TEST_CASE("slot_timing: a slot that is not there, a foreign cell and another clock are named")
{
  const generated made;
  const auto absent = apps::read_slot_timing(made.file, made.cell, slot_id{5, 4});
  REQUIRE_FALSE(absent);
  CHECK(absent.failure().text().find("has no message of slot 5.4") != std::string::npos);
  apps::cell_config other = made.cell;
  other.fronthaul->eaxc_pusch = {77, 78};
  const auto foreign = apps::read_slot_timing(made.file, other, std::nullopt);
  REQUIRE_FALSE(foreign);
  CHECK(foreign.failure().text().find("eAxC") != std::string::npos);
  other = made.cell;
  other.fronthaul->gps_beta = 30;
  const auto shifted = apps::read_slot_timing(made.file, other, std::nullopt);
  REQUIRE_FALSE(shifted);
  CHECK(shifted.failure().text().find("gps_beta") != std::string::npos);
  other.fronthaul->clock = apps::packet_clock::fitted;
  const auto fitted = apps::read_slot_timing(made.file, other, std::nullopt);
  REQUIRE_FALSE(fitted);
  CHECK(fitted.failure().text().find("fronthaul.clock") != std::string::npos);
}
