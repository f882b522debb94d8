// SPDX-License-Identifier: Apache-2.0
// ctest: golden
// links: pado_apps
#include "tests/apps/blind_truth.h"

using namespace pado;

TEST_CASE("blind: the uplink of a real UE is found and decoded without its schedule")
{
  const std::string folder = PADO_SOURCE_DIR "/testvectors/ue_n3_10mhz/";
  const auto truth = apps::read_schedule(folder + "schedule.jsonl");
  REQUIRE(truth);
  const steady_clock time;
  const auto found =
      apps::discover(folder + "ul.sigmf-meta", test::heard_cell(folder + "ul.sigmf-meta"), {1, {}}, time);
  REQUIRE(found);
  test::compare_with_truth(found.value(), truth.value(), 8);
}
