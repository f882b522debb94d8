// SPDX-License-Identifier: Apache-2.0
// ctest: golden
// links: pado_apps
#include "apps/blind_session.h"
#include "apps/inspect_iq.h"
#include "tests/support/shared.h"
#include <doctest/doctest.h>

using namespace pado;

namespace {

/// The cell as the recording alone gives it.
apps::cell_config heard_cell(const std::string& path)
{
  const auto recording = io::read_sigmf(path);
  REQUIRE(recording);
  const auto findings = apps::survey_recording(recording.value(), {false, false, 0.0});
  REQUIRE(findings);
  const auto cell = apps::propose_iq_cell(findings.value());
  REQUIRE(cell);
  return cell.value().cell;
}

/// Compares what was found with the schedule, which the search has not seen.
void compare(const apps::blind_result& found, const apps::schedule& truth, std::size_t least_pusch)
{
  std::size_t nof_sent = 0;
  std::size_t nof_equal = 0;
  for (const apps::scheduled_slot& line : truth.slots) {
    for (std::size_t i = 0; i < line.plan.pusch.size(); ++i) {
      if (!line.expected[i].transmitted.value_or(false)) {
        continue;
      }
      ++nof_sent;
      bool is_found = false;
      for (const apps::found_pusch& one : found.pusch) {
        is_found = is_found || (one.slot == line.plan.slot && one.finding.is_proven &&
                                one.finding.pdu.rnti == line.plan.pusch[i].rnti &&
                                one.report.payload == *line.expected[i].payload);
      }
      nof_equal += is_found ? 1 : 0;
      CAPTURE(line.plan.slot.sfn);
      CAPTURE(line.plan.slot.slot);
      CHECK(is_found);
    }
  }
  CHECK(nof_equal == nof_sent);
  CHECK(nof_sent >= least_pusch);
  for (const apps::found_pusch& one : found.pusch) {
    CAPTURE(one.slot.sfn);
    CAPTURE(one.slot.slot);
    CHECK(one.finding.pdu.rnti == 0x4601);
    CHECK(one.finding.pdu.data_scrambling_id == 1);
  }
}

} // namespace

TEST_CASE("blind: the uplink of a real UE is found and decoded without its schedule")
{
  const std::string folder = PADO_SOURCE_DIR "/testvectors/ue_n3_10mhz/";
  const auto truth = apps::read_schedule(folder + "schedule.jsonl");
  REQUIRE(truth);
  const steady_clock time;
  const auto found =
      apps::discover(folder + "ul.sigmf-meta", heard_cell(folder + "ul.sigmf-meta"), {1, {}}, time);
  REQUIRE(found);
  compare(found.value(), truth.value(), 7);
}

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
  const auto found = apps::discover(path, heard_cell(path), {2, {}}, time);
  REQUIRE(found);
  compare(found.value(), truth.value(), 7);
}
