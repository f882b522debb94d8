// SPDX-License-Identifier: Apache-2.0
// ctest: golden long
// links: pado_apps
#include "tests/apps/blind_truth.h"
#include "tests/support/shared.h"

using namespace pado;

TEST_CASE("blind: the whole recording of the real UE, nothing but its samples")
{
  const auto folder = test::shared_path("captures/ue_n3_10mhz");
  if (!folder) {
    MESSAGE("skipped: no ../shared/captures/ue_n3_10mhz beside the project");
    return;
  }
  const auto truth = apps::read_schedule(*folder + "/schedule.jsonl");
  REQUIRE(truth);
  const steady_clock time;
  const std::string path = *folder + "/ul.sigmf-meta";
  const auto found = apps::discover(path, test::heard_cell(path), {2, {}}, time);
  REQUIRE(found);
  test::compare_with_truth(found.value(), truth.value(), 10);
}
