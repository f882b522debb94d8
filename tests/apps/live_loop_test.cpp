// SPDX-License-Identifier: Apache-2.0
// ctest: property
// links: pado_apps
#include "apps/cell_receiver.h"
#include "tests/apps/live_world.h"
#include "tests/support/allocation_count.h"

using namespace pado;
using pipeline::live_report;

namespace {

const std::string small = PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml";

/// UE 0x4601 alone, at an SNR that the first MCS of an outer loop does not always survive.
apps::scenario_config one_ue(double snr_db)
{
  auto scenario = test::scenario_of(small);
  scenario.ues.resize(1);
  scenario.ues[0].snr_db = snr_db;
  return scenario;
}

std::unique_ptr<pipeline::decision_loop> scheduler_of(const test::live_world& world)
{
  apps::grant_style style;
  style.like = world.planned().front().schedule.plan.pusch.front();
  style.loop = mac::control_loop::closed;
  auto made = apps::make_decision_loop(world.plan.scenario.cell, "", style, world.time);
  REQUIRE_MESSAGE(made, (made ? "" : made.failure().text()));
  REQUIRE(made.value()->add_ue(0x4601));
  return std::move(made).value();
}

/// The UE of a closed loop: sends what it is granted, new data or the same again.
class obedient_ue {
public:
  explicit obedient_ue(test::live_world& world) : world_(world) {}

  void obey(const live_report& granted)
  {
    apps::planned_slot slot;
    slot.slot = granted.slot - world_.first_slot;
    slot.schedule.plan.slot = granted.grants.slot;
    slot.schedule.plan.pusch = granted.grants.pusch;
    for (const pusch_pdu& pdu : granted.grants.pusch) {
      std::vector<std::uint8_t>& block = blocks_[pdu.harq_process_id];
      if (pdu.new_data) {
        block.assign(pdu.tb_size_bytes, static_cast<std::uint8_t>(++nof_blocks));
      } else {
        ++nof_retransmissions;
      }
      apps::pdu_expectation expected;
      expected.transmitted = !is_silent(granted.slot);
      expected.payload = block;
      slot.schedule.expected.push_back(expected);
      slot.ue.push_back(0);
      sent[granted.slot] = block;
    }
    world_.send(slot);
  }

  std::map<std::int64_t, std::vector<std::uint8_t>> sent; ///< [slot] the block
  bool is_silent(std::int64_t slot) const { return silent_every > 0 && slot / 5 % silent_every == 0; }

  int silent_every = 0; ///< so many uplink slots; 0: never
  int nof_blocks = 0;
  int nof_retransmissions = 0;

private:
  test::live_world& world_;
  std::map<int, std::vector<std::uint8_t>> blocks_;
};

} // namespace

TEST_CASE(
    "live loop: grants come k2 slots ahead, are obeyed, and failed blocks are combined until they decode")
{
  test::live_world world(one_ue(4.0));
  world.slots.source = pipeline::grant_source::scheduler;
  world.decisions = scheduler_of(world);
  const std::int32_t k2 = world.plan.scenario.cell.mac.k2;
  world.open();
  obedient_ue ue(world);
  int nof_decoded = 0;
  int nof_combined = 0;
  world.run_until(world.air_ns(400), [&](const live_report& report) {
    if (report.what == live_report::kind::granted) {
      // Whole slots that are left for the way to the UE.
      CHECK(report.slot - world.slots.time.slot_at(world.time.now_ns()) == k2);
      ue.obey(report);
      return;
    }
    REQUIRE(report.what == live_report::kind::decoded);
    CHECK(report.report.nof_missing_prb == 0);
    for (const pusch_report& pusch : report.report.pusch) {
      nof_decoded += pusch.tb_crc_ok ? 1 : 0;
      nof_combined += pusch.tb_crc_ok && pusch.combined ? 1 : 0;
      if (pusch.tb_crc_ok) {
        CHECK(pusch.payload == ue.sent[report.slot]);
      }
    }
  });
  // Every fifth slot is uplink: 80 of 400, less the first ones that were too near.
  CHECK(ue.sent.size() >= 77);
  CHECK(nof_decoded >= 50);
  CHECK(ue.nof_retransmissions > 0);
  CHECK(nof_combined > 0);
  CHECK(world.live->poller().counters(0).plans_late.value() == 0);
  CHECK(world.live->poller().cplane(0).late.value() == 0);
  CHECK(world.live->counters(0).not_received.value() == 0);
  // The C-plane asked for what was granted: two ports each.
  CHECK(world.live->poller().cplane(0).sent.value() == 2 * world.live->poller().counters(0).plans.value());
}

TEST_CASE(
    "live loop: a UE that misses every third slot keeps its MCS, and what it missed is sent again with rv 0")
{
  double mean_mcs[2] = {};
  for (const int silent_every : {0, 3}) {
    test::live_world world(one_ue(18.0));
    world.slots.source = pipeline::grant_source::scheduler;
    world.decisions = scheduler_of(world);
    world.open();
    obedient_ue ue(world);
    ue.silent_every = silent_every;
    int nof_silent = 0;
    int nof_late = 0;
    int nof_false_alarms = 0;
    std::uint64_t nof_new = 0;
    world.run_until(world.air_ns(300), [&](const live_report& report) {
      if (report.what == live_report::kind::granted) {
        ue.obey(report);
        return;
      }
      for (const pusch_report& pusch : report.report.pusch) {
        const bool is_silent = ue.is_silent(report.slot);
        nof_silent += is_silent ? 1 : 0;
        nof_false_alarms += is_silent && !pusch.dtx ? 1 : 0;
        CHECK((!pusch.dtx || is_silent));
        CHECK((pusch.pdu.new_data || pusch.pdu.rv_index == 0 || pusch.combined));
        if (report.slot > world.first_slot + 150 && pusch.pdu.new_data) {
          mean_mcs[silent_every / 3] += pusch.pdu.mcs_index;
          ++nof_new;
        }
        nof_late += pusch.tb_crc_ok && !pusch.pdu.new_data ? 1 : 0;
      }
    });
    mean_mcs[silent_every / 3] /= static_cast<double>(std::max<std::uint64_t>(nof_new, 1));
    CHECK(nof_false_alarms <= 1); // of 20, one in a hundred
    CHECK(world.live->counters(0).dtx.value() == static_cast<std::uint64_t>(nof_silent - nof_false_alarms));
    CHECK(world.live->counters(0).tb_failed.value() * 5 <= world.live->counters(0).tb.value());
    if (silent_every > 0) {
      CHECK(nof_silent > 10);
      CHECK(nof_late > 10); // the same blocks, once they were sent
    }
  }
  CHECK(mean_mcs[0] > 12.0);
  CHECK(mean_mcs[1] > mean_mcs[0] - 1.5);
}

TEST_CASE("live loop: plans of an external MAC are taken until their window ends, later ones are counted")
{
  test::live_world world(test::scenario_of(small));
  world.open();
  const auto slots = world.planned();
  const auto submit = [&](const apps::planned_slot& slot) {
    pipeline::numbered_plan* plan = world.live->begin_plan(0);
    REQUIRE(plan != nullptr);
    plan->slot = world.first_slot + slot.slot;
    plan->plan.pusch = slot.schedule.plan.pusch;
    world.live->submit(0, plan);
    world.send(slot);
  };
  submit(slots[0]);
  submit(slots[0]); // the same slot again
  world.run_until(world.air_ns(slots[1].slot) - world.cplane.t1a_min_ns - 1000);
  submit(slots[1]); // in the middle of its window
  world.run_until(world.air_ns(slots[2].slot) - world.cplane.t1a_min_ns + 1000);
  submit(slots[2]); // after it
  apps::planned_slot far = slots[3];
  far.slot += 1000;
  submit(far);
  const auto reports = world.run_until(world.air_ns(slots[3].slot + 3));
  CHECK(reports.empty()); // all were taken above
  const pipeline::poller_counters& counters = world.live->poller().counters(0);
  CHECK(counters.plans.value() == 2);
  CHECK(counters.plans_twice.value() == 1);
  CHECK(counters.plans_late.value() == 1);
  CHECK(counters.plans_early.value() == 1);
  CHECK(world.live->poller().cplane(0).sent.value() == 4);
  CHECK(world.live->counters(0).decoded.value() == 2);
  CHECK(world.live->counters(0).tb_failed.value() == 0);
  CHECK(world.live->counters(0).unplanned.value() == 1); // slots[2] came although nobody asked
}

TEST_CASE("live loop: a receiver that is too slow sheds whole slots, oldest first, and decodes the newest")
{
  test::live_world world(test::scenario_of(small));
  world.slots.deadline_ns = 500000;
  world.open();
  world.use_table(
      pipeline::plan_table::make(test::plans_of(world.planned()), world.slots.time.scs, 0).value());
  for (const apps::planned_slot& slot : world.planned()) {
    world.send(slot);
  }
  world.run_until(world.air_ns(4));
  // The slot thread is away for the whole frame; the poller is not.
  std::vector<live_report> reports;
  const auto poll_until = [&](std::int64_t until_ns) {
    for (; world.time.now_ns() < until_ns; world.time.advance_ns(50000)) {
      world.live->poll_only();
    }
  };
  poll_until(world.air_ns(20) + 600000);
  reports = world.run_until(world.air_ns(22));
  REQUIRE(reports.size() == 4);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(reports[i].what == live_report::kind::shed);
    CHECK(reports[i].report.pusch.size() == 3);
  }
  CHECK(reports[3].what == live_report::kind::decoded);
  CHECK(reports[3].is_late);
  CHECK(world.live->counters(0).shed.value() == 3);
  CHECK(world.live->counters(0).deadline_misses.value() == 1);
  CHECK(world.live->assembler().counters().is_balanced());
}

TEST_CASE("live loop: another receiver and another table are taken between two slots, and none is lost")
{
  test::live_world world(test::scenario_of(small));
  world.open();
  world.use_table(
      pipeline::plan_table::make(test::plans_of(world.planned()), world.slots.time.scs, 0).value());
  for (const std::int64_t period : {0, 1}) {
    for (const apps::planned_slot& slot : world.planned(period)) {
      world.send(slot);
    }
  }
  auto reports = world.run_until(world.air_ns(17));
  CHECK(reports.size() == 3);
  auto setup = std::make_unique<pipeline::cell_setup<backend::cpu>>();
  setup->plan = world.receiver_plan(1); // one LDPC iteration
  setup->pipeline =
      std::make_unique<pipeline::slot_pipeline<backend::cpu>>(setup->plan, world.live->soft(0), world.time);
  setup->window_ns = world.window.latest_ns;
  REQUIRE(world.live->put(0, setup));
  CHECK(setup == nullptr);
  // The table without its second PDU.
  std::vector<slot_plan> plans = test::plans_of(world.planned());
  for (slot_plan& plan : plans) {
    plan.pusch.resize(1);
  }
  world.use_table(pipeline::plan_table::make(plans, world.slots.time.scs, 0).value());
  const auto after = world.run_until(world.air_ns(42));
  REQUIRE(after.size() == 5);
  for (const live_report& report : after) {
    CHECK(report.what == live_report::kind::decoded);
    CHECK(report.report.pusch.size() == 1);
    CHECK(report.report.pusch[0].ldpc_iterations_max == 1);
  }
}

TEST_CASE("live loop: a steady state allocates nothing")
{
  test::live_world world(test::scenario_of(small));
  world.port.is_kept = false;
  world.open();
  world.use_table(
      pipeline::plan_table::make(test::plans_of(world.planned()), world.slots.time.scs, 0).value());
  for (std::int64_t period = 0; period < 24; ++period) {
    for (const apps::planned_slot& slot : world.planned(period)) {
      world.send(slot);
    }
  }
  std::int64_t nof_reports = 0;
  std::int64_t allocated = 0;
  while (world.time.now_ns() < world.air_ns(24 * 20)) {
    const std::int64_t before = test::allocation_count();
    world.live->step();
    // Every report object has been used once after 64 slots.
    allocated += nof_reports > 64 ? test::allocation_count() - before : 0;
    while (live_report* report = world.live->pop(0)) {
      ++nof_reports;
      world.live->release(0, report);
    }
    world.time.set_ns(std::max(
        world.time.now_ns() + 1,
        std::min(world.live->poller().next_event_ns(world.time.now_ns()), world.port.next_arrival_ns())));
  }
  CHECK(nof_reports > 90);
  CHECK(allocated == 0);
}
