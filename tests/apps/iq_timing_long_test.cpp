// SPDX-License-Identifier: Apache-2.0
// ctest: golden long
// links: pado_apps
#include "apps/blind_capture.h"
#include "apps/generate.h"
#include "tests/apps/untimed_recording.h"
#include "tests/support/shared.h"
#include "tests/support/temporary_folder.h"
#include <algorithm>

using namespace pado;

namespace {

const steady_clock real_time;

/// What a search proves, with the numbers of the slots and without: the same blocks in the same slots.
void check_same_blocks(const std::string& path,
                       const std::string& cell_path,
                       const test::untimed_change& change,
                       std::size_t least_blocks)
{
  const test::temporary_folder folder;
  const auto bare = test::take_timing_away(path, folder.file("bare"), change);
  const auto said = apps::open_blind_capture(path, cell_path, std::nullopt, real_time);
  const auto input = apps::open_blind_capture(bare.path, "", std::nullopt, real_time);
  REQUIRE(said);
  REQUIRE_MESSAGE(input, input.failure().text());
  const auto with = apps::discover(said.value(), {2, {}}, real_time);
  const auto without = apps::discover(input.value(), {2, {}}, real_time);
  REQUIRE(with);
  REQUIRE(without);
  std::size_t nof_proven = 0;
  for (const apps::found_pusch& one : with.value().pusch) {
    if (!one.finding.is_proven) {
      continue;
    }
    ++nof_proven;
    const std::int64_t place = bare.place_of(*one.sample);
    const auto is_same = [&](const apps::found_pusch& other) {
      return other.finding.is_proven && other.report.payload == one.report.payload &&
             other.slot.slot == one.slot.slot && std::abs(*other.sample - place) <= 32;
    };
    CAPTURE(one.slot.sfn);
    CAPTURE(one.slot.slot);
    CHECK(std::any_of(without.value().pusch.begin(), without.value().pusch.end(), is_same));
  }
  CHECK(nof_proven >= least_blocks);
  CHECK(without.value().ues.size() == with.value().ues.size());
}

} // namespace

TEST_CASE("iq_timing: the whole recording of the real UE, without the numbers of its slots")
{
  const auto folder = test::shared_path("captures/ue_n3_10mhz");
  if (!folder) {
    MESSAGE("skipped: no ../shared/captures/ue_n3_10mhz beside the project");
    return;
  }
  check_same_blocks(*folder + "/ul.sigmf-meta", "", {2000, -433.0, true, false}, 7);
}

TEST_CASE("iq_timing: a generated 30 kHz recording of two fading UEs, without the numbers of its slots")
{
  const test::temporary_folder folder;
  const auto scenario =
      apps::read_scenario_file(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz_iq.yaml");
  REQUIRE(scenario);
  apps::generate_options options;
  options.output = folder.file("ul.sigmf-meta");
  const auto made = apps::generate(scenario.value(), options);
  REQUIRE_MESSAGE(made, made.failure().text());
  check_same_blocks(made.value().capture_path, made.value().cell_path, {777, 2100.0, true, false}, 8);
}

TEST_CASE("iq_timing: downlink recordings of others have no uplink timing")
{
  for (const char* const name : {"n78_ssb_46M08", "n3_ssb_sib_15M36"}) {
    const auto path = test::shared_path(std::string("captures/") + name + ".sigmf-meta");
    if (!path) {
      MESSAGE("skipped: no ../shared/captures beside the project");
      return;
    }
    CAPTURE(name);
    const auto input = apps::open_blind_capture(*path, "", std::nullopt, real_time);
    REQUIRE_FALSE(input);
    CHECK(input.failure().text().find("no timing was found") != std::string::npos);
  }
}
