// SPDX-License-Identifier: Apache-2.0
// ctest: property
// links: pado_apps
#include "tests/apps/live_world.h"

using namespace pado;
using pipeline::live_report;

namespace {

const std::string small = PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml";

/// Whether a report has the payloads of the scenario.
bool is_right(const live_report& report, const apps::planned_slot& sent)
{
  bool all = report.what == live_report::kind::decoded;
  for (std::size_t i = 0; i < sent.schedule.plan.pusch.size(); ++i) {
    all = all && report.report.pusch[i].tb_crc_ok &&
          report.report.pusch[i].payload == *sent.schedule.expected[i].payload;
  }
  return all;
}

} // namespace

TEST_CASE("live: a looped schedule is decoded over the SFN wrap, and every packet is accounted for")
{
  test::live_world world(test::scenario_of(small)); // its frame is 1023: the next one is 0
  world.open();
  world.use_table(
      pipeline::plan_table::make(test::plans_of(world.planned()), world.slots.time.scs, 0).value());
  constexpr int nof_periods = 3;
  std::vector<apps::planned_slot> sent;
  for (int period = 0; period < nof_periods; ++period) {
    for (const apps::planned_slot& slot : world.planned(period)) {
      world.send(slot);
      sent.push_back(slot);
    }
  }
  const auto reports = world.run_until(world.air_ns(20 * nof_periods + 3));
  REQUIRE(reports.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    CAPTURE(i);
    CHECK(reports[i].report.slot == sent[i].schedule.plan.slot);
    CHECK(is_right(reports[i], sent[i]));
    CHECK_FALSE(reports[i].is_late);
  }
  CHECK(reports.front().report.slot.sfn == 1023);
  CHECK(reports.back().report.slot.sfn == 1);
  const io::assembler_counters& all = world.live->assembler().counters();
  CHECK(all.is_balanced());
  CHECK(all.frames.received.value() == all.frames.accepted.value());
  CHECK(all.slots_complete.value() == sent.size());
  CHECK(all.slots_incomplete.value() == 0);
  CHECK(world.live->counters(0).tb.value() == 3 * sent.size());
  CHECK(world.live->counters(0).tb_failed.value() == 0);
}

TEST_CASE("live: a slot with a lost message is closed at the end of its window, with its mask, and reported")
{
  test::live_world world(test::scenario_of(small));
  world.open();
  world.use_table(
      pipeline::plan_table::make(test::plans_of(world.planned()), world.slots.time.scs, 0).value());
  const auto sent = world.planned();
  const std::int64_t slot_end_ns = world.air_ns(sent[0].slot + 1);
  std::vector<apps::timed_frame> frames = world.uplane(sent[0]);
  // A symbol of one port, which carries data only.
  frames.erase(frames.begin() + 2 * 5);
  for (apps::timed_frame& frame : frames) {
    world.port.arrive(frame.time_ns, std::move(frame.bytes));
  }
  // The last symbol begins 1/14 slot before the end; its window ends 400 us later.
  const std::int64_t window_end_ns = slot_end_ns + world.window.latest_ns;
  CHECK(world.run_until(window_end_ns).empty());
  const auto reports = world.run_until(window_end_ns + 2);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].what == live_report::kind::decoded);
  CHECK(reports[0].report.nof_missing_prb > 0);
  CHECK(reports[0].report.nof_missing_prb <= 51);
  CHECK(reports[0].air_to_report_ns == world.window.latest_ns + 1);
  CHECK(world.live->assembler().counters().slots_incomplete.value() == 1);
  CHECK(world.live->assembler().counters().is_balanced());
}

TEST_CASE("live: what comes after its window is late, and a slot of which nothing comes is said so")
{
  test::live_world world(test::scenario_of(small));
  world.open();
  world.use_table(
      pipeline::plan_table::make(test::plans_of(world.planned()), world.slots.time.scs, 0).value());
  const auto sent = world.planned();
  for (apps::timed_frame& frame : world.uplane(sent[0])) {
    const bool is_last_symbol = frame.time_ns > world.air_ns(sent[0].slot + 1);
    const std::int64_t delay_ns = is_last_symbol ? 450000 : 0;
    world.port.arrive(frame.time_ns + delay_ns, std::move(frame.bytes));
  }
  // Nothing of sent[1]; sent[2] is whole again.
  world.send(sent[2]);
  const auto reports = world.run_until(world.air_ns(sent[2].slot + 2));
  REQUIRE(reports.size() == 3);
  CHECK(reports[0].what == live_report::kind::decoded);
  CHECK(reports[0].report.nof_missing_prb > 0);
  CHECK(reports[1].what == live_report::kind::not_received);
  CHECK(reports[1].report.slot == sent[1].schedule.plan.slot);
  REQUIRE(reports[1].report.pusch.size() == 3);
  CHECK(reports[1].report.pusch[2].pdu.rnti == 0x4603);
  CHECK(is_right(reports[2], sent[2]));
  const io::assembler_counters& all = world.live->assembler().counters();
  CHECK(all.is_balanced());
  const auto nof_late = all.frames.nof_dropped(io::drop_reason::closed_slot);
  CHECK(nof_late > 0);
  std::uint64_t late_of_flows = 0;
  for (const io::flow_counters& flow : world.live->assembler().flows()) {
    late_of_flows += flow.late.value();
  }
  CHECK(late_of_flows == nof_late);
  CHECK(world.live->counters(0).not_received.value() == 1);
}
