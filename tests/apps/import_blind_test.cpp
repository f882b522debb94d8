// SPDX-License-Identifier: Apache-2.0
// ctest: golden long
// links: pado_apps
#include "apps/blind_session.h"
#include "apps/import_session.h"
#include "tests/support/temporary_folder.h"
#include <doctest/doctest.h>

using namespace pado;

TEST_CASE("blind: in the grids of a gNB the same UE is found as in the samples, without the log")
{
  const test::temporary_folder folder;
  const std::string dump = PADO_SOURCE_DIR "/testvectors/ocudu_gnb_dump/";
  apps::import_options options;
  options.inputs = {dump + "gnb.log", dump + "rx_symbols.cf32"};
  options.output = folder.file("lab");
  const auto imported = apps::import_files(options);
  REQUIRE_MESSAGE(imported, imported.failure().text());
  const auto cell = apps::cell_of_capture(imported.value().capture_path, "");
  REQUIRE(cell);
  const steady_clock time;
  const auto found = apps::discover(imported.value().capture_path, cell.value(), {2, {}}, time);
  REQUIRE_MESSAGE(found, found.failure().text());
  REQUIRE(found.value().ues.size() == 1);
  CHECK(found.value().ues.begin()->first == 0x4601);
  const auto truth = apps::read_schedule(imported.value().schedule_path);
  REQUIRE(truth);
  std::size_t nof_proven = 0;
  for (const apps::found_pusch& one : found.value().pusch) {
    for (const apps::scheduled_slot& line : truth.value().slots) {
      if (one.finding.is_proven && line.plan.slot == one.slot) {
        REQUIRE(line.plan.pusch.size() == 1);
        CHECK(one.report.payload == line.expected[0].payload);
        ++nof_proven;
      }
    }
  }
  CHECK(nof_proven == 5); // every PUSCH, two of them with HARQ-ACK
}
