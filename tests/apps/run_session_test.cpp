// SPDX-License-Identifier: Apache-2.0
// ctest: property
// links: pado_apps
#include "apps/run_print.h"
#include "apps/run_session.h"
#include "tests/apps/live_world.h"
#include "tests/support/temporary_folder.h"
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace pado;
using pipeline::live_report;

namespace {

const std::string small = PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml";

/// `pado run` as its control thread sees it, with the radio unit of a scenario at the other end, in virtual
/// time.
struct running {
  explicit running(const apps::scenario_config& scenario) : world(scenario)
  {
    cell = world.plan.scenario.cell;
    cell.fronthaul->window = apps::ta4_window{0, 400};
    cell.link = apps::radio_link_config(); // T1a of a radio unit, not the wide one of an emulated one
    options.cells = {write_cell()};
    std::string lines;
    for (const apps::planned_slot& slot : world.planned()) {
      lines += apps::write_schedule_line(slot.schedule, cell.carrier.scs);
    }
    options.schedules = {folder.write("slots.jsonl", lines)};
  }

  std::string write_cell() const { return folder.write("cell.yaml", apps::write_cell_file(cell)); }

  void open()
  {
    auto opened = apps::run_session::open(
        options, world.port, world.time, [this](const live_report& report) { reports.push_back(report); });
    REQUIRE_MESSAGE(opened, (opened ? "" : opened.failure().text()));
    session = std::move(opened).value();
  }

  void run_until(std::int64_t until_ns)
  {
    while (world.time.now_ns() < until_ns) {
      session->step();
      session->tick();
      const std::int64_t now_ns = world.time.now_ns();
      const std::int64_t next =
          std::min(session->receiver().poller().next_event_ns(now_ns), world.port.next_arrival_ns());
      world.time.set_ns(std::clamp(next, now_ns + 1, until_ns));
    }
  }

  test::temporary_folder folder;
  test::live_world world;
  apps::cell_config cell;
  apps::run_options options;
  std::vector<live_report> reports;
  std::unique_ptr<apps::run_session> session;
};

} // namespace

TEST_CASE("run: the state of a session is that of its reports and packets, and so is what it prints")
{
  running run(test::scenario_of(small));
  run.open();
  for (const std::int64_t period : {0, 1}) {
    for (const apps::planned_slot& slot : run.world.planned(period)) {
      run.world.send(slot);
    }
  }
  run.run_until(run.world.air_ns(42));
  REQUIRE(run.reports.size() == 8);
  const apps::live_status now = run.session->status();
  REQUIRE(now.cells.size() == 1);
  CHECK(now.cells[0].name == "small");
  CHECK(now.cells[0].slots_decoded == 8);
  CHECK(now.cells[0].slots_complete == 8);
  CHECK(now.cells[0].nof_tb == 24);
  CHECK(now.cells[0].nof_tb_failed == 0);
  CHECK(now.cells[0].cplane_sent == 2 * 8);
  CHECK(now.cells[0].now == run.world.slots.time.id_of(run.world.first_slot + 42));
  for (const apps::law_status& law : now.laws) {
    std::uint64_t dropped = 0;
    for (const auto& [reason, count] : law.dropped) {
      dropped += count;
    }
    CHECK(law.received == law.accepted + dropped);
    CHECK(law.received > 0);
  }
  REQUIRE(now.flows.size() == 2);
  for (const apps::flow_status& flow : now.flows) {
    CHECK(flow.on_time == flow.messages);
    CHECK(std::accumulate(flow.arrivals.begin(), flow.arrivals.end(), std::uint64_t{0}) == flow.on_time);
    CHECK(flow.window_end_us == 400);
    CHECK(flow.bin_us == 25);
    CHECK(flow.arrivals.size() == 8 + 16 + 8);
  }
  REQUIRE(now.ues.size() == 3);
  CHECK(now.ues[0].rnti == 0x4601);
  CHECK(now.ues[0].nof_tb == 8);
  CHECK(now.ues[0].throughput_mbps > 0.0F);
  CHECK(now.grants.size() == 24);
  CHECK(now.grants[0].state == apps::grant_status::outcome::decoded);
  CHECK(now.latencies.at(0).name == "air_to_report");
  CHECK(now.latencies.at(0).count == 8);

  const auto line = nlohmann::json::parse(apps::report_json(run.reports[0], run.cell.carrier.scs));
  CHECK(line["outcome"] == "decoded");
  CHECK(line["pdus"].size() == 3);
  CHECK(line["air_to_report_us"].get<double>() > 0.0);
  const auto summary = nlohmann::json::parse(apps::run_summary_json(now));
  CHECK(summary["cells"][0]["tb"] == 24);
  CHECK(summary["packets"]["frames"]["received"] == now.laws[0].received);
  CHECK(summary["ues"].size() == 3);
  const std::string text = apps::run_summary_text(now);
  CHECK(text.find("0x4601") != std::string::npos);
  CHECK(text.find("air_to_report") != std::string::npos);
  CHECK(apps::status_line(now).find("8 decoded") != std::string::npos);
}

TEST_CASE("run: a cell.yaml read again changes what may change, without losing a slot, or nothing at all")
{
  running run(test::scenario_of(small));
  run.open();
  for (const std::int64_t period : {0, 1, 2}) {
    for (const apps::planned_slot& slot : run.world.planned(period)) {
      run.world.send(slot);
    }
  }
  run.run_until(run.world.air_ns(12));
  const std::size_t nof_before = run.reports.size();
  CHECK(nof_before == 2);
  run.cell.receiver.ldpc_iterations = 1;
  run.cell.fronthaul->window = apps::ta4_window{0, 300};
  run.cell.mac.k2 = 5;
  run.write_cell();
  const auto taken = run.session->reload();
  CHECK_MESSAGE(!taken, (taken ? taken->text() : ""));
  CHECK(run.session->nof_reloads() == 1);
  run.run_until(run.world.air_ns(42));
  CHECK(run.session->status().flows[0].window_end_us == 300);
  REQUIRE(run.reports.size() == 8);
  for (std::size_t i = nof_before; i < run.reports.size(); ++i) {
    CHECK(run.reports[i].what == live_report::kind::decoded);
    for (const pusch_report& pusch : run.reports[i].report.pusch) {
      CHECK(pusch.ldpc_iterations_max == 1);
    }
  }
  // The carrier cannot change.
  run.cell.carrier.phys_cell_id = 9;
  run.cell.receiver.ldpc_iterations = 6;
  run.write_cell();
  const auto refused = run.session->reload();
  REQUIRE(refused);
  CHECK(refused->text().find("carrier.phys_cell_id") != std::string::npos);
  CHECK(refused->text().find("restart") != std::string::npos);
  // Nor a file that is wrong.
  run.folder.write("cell.yaml", "carrier: {scs_khz: 31}\n");
  const auto wrong = run.session->reload();
  REQUIRE(wrong);
  CHECK(wrong->text().find("scs_khz") != std::string::npos);
  CHECK(run.session->nof_reloads() == 1);
  run.run_until(run.world.air_ns(62));
  REQUIRE(run.reports.size() == 12);
  CHECK(run.reports.back().report.pusch[0].ldpc_iterations_max == 1); // as before the refusals
}

TEST_CASE("run: a MAC outside is told at once when its line is late, and its other slots are decoded")
{
  running run(test::scenario_of(small));
  run.options.schedules.clear();
  run.options.l2 = "-";
  run.open();
  const auto slots = run.world.planned();
  for (const apps::planned_slot& slot : slots) {
    run.world.send(slot);
  }
  CHECK_FALSE(run.session->submit(0, slots[0].schedule.plan));
  run.run_until(run.world.air_ns(slots[1].slot) - 285000 + 1000);
  const auto late = run.session->submit(0, slots[1].schedule.plan);
  REQUIRE(late);
  CHECK(late->text().find("is late") != std::string::npos);
  CHECK(run.session->nof_submitted_late() == 1);
  CHECK_FALSE(run.session->submit(0, slots[2].schedule.plan));
  slot_plan many = slots[3].schedule.plan;
  many.pusch.resize(65, many.pusch[0]);
  const auto refused = run.session->submit(0, many);
  REQUIRE(refused);
  CHECK(refused->text().find("has 65 PUSCH") != std::string::npos);
  run.run_until(run.world.air_ns(22));
  REQUIRE(run.reports.size() == 2);
  CHECK(run.reports[0].report.slot == slots[0].schedule.plan.slot);
  CHECK(run.reports[1].report.slot == slots[2].schedule.plan.slot);
  CHECK(run.reports[1].report.pusch[1].tb_crc_ok);
}

TEST_CASE(
    "run: nothing to decode, a schedule for another number of cells and unknown UEs are refused by name")
{
  running run(test::scenario_of(small));
  const auto failure_of = [&](const apps::run_options& options) {
    const auto opened = apps::run_session::open(options, run.world.port, run.world.time, [](const auto&) {});
    REQUIRE_FALSE(opened);
    return opened.failure().text();
  };
  apps::run_options options = run.options;
  options.schedules.clear();
  CHECK(failure_of(options).find("--schedule") != std::string::npos);
  options = run.options;
  options.schedules.push_back(options.schedules[0]);
  CHECK(failure_of(options).find("2 times") != std::string::npos);
  options = run.options;
  options.schedules.clear();
  options.ues = {0x4601, 0x4601};
  CHECK(failure_of(options).find("0x4601") != std::string::npos);
  options = run.options;
  options.period_frames = 3;
  CHECK(failure_of(options).find("must divide the 1024 frames") != std::string::npos);
  run.cell.fronthaul->clock = apps::packet_clock::fitted;
  run.write_cell();
  CHECK(failure_of(run.options).find("cell.yaml: fronthaul.clock is fitted, must be utc or tai") !=
        std::string::npos);
}

TEST_CASE("run: the clock of the cell and its offsets of SFN 0 are those of the radio unit")
{
  apps::scenario_config scenario = test::scenario_of(small);
  scenario.cell.fronthaul->clock = apps::packet_clock::tai;
  scenario.cell.fronthaul->gps_alpha = 122880; // 0.1 ms
  scenario.cell.fronthaul->gps_beta = -3;
  running run(scenario);
  const std::int64_t utc_ns = io::sfn0_of_utc_ns();
  CHECK(run.world.slots.time.sfn0_ns - utc_ns == 37000000000 + 100000 - 30000000);
  run.open();
  for (const apps::planned_slot& slot : run.world.planned()) {
    run.world.send(slot);
  }
  run.run_until(run.world.air_ns(22));
  REQUIRE(run.reports.size() == 4);
  CHECK(run.reports[0].report.pusch[0].tb_crc_ok);
  const apps::flow_status flow = run.session->status().flows[0];
  CHECK(flow.on_time == flow.messages);
}

TEST_CASE("run: the window counts from the end of the symbol, and what is outside is dropped, where "
          "cell.yaml says so")
{
  std::array<apps::flow_status, 3> flows;
  std::array<std::size_t, 3> nof_decoded{};
  for (std::size_t i = 0; i < 3; ++i) {
    running run(test::scenario_of(small));
    run.cell.fronthaul->window =
        apps::ta4_window{i == 2 ? 300 : 0,
                         400,
                         i == 1 ? apps::window_from::symbol_end : apps::window_from::symbol_begin,
                         i == 2 ? apps::outside_window::drop : apps::outside_window::count};
    run.write_cell();
    run.open();
    for (const apps::planned_slot& slot : run.world.planned()) {
      run.world.send(slot);
    }
    run.run_until(run.world.air_ns(30));
    flows[i] = run.session->status().flows[0];
    nof_decoded[i] = run.session->status().cells[0].slots_decoded;
  }
  // A symbol of 500 us / 14 lies between.
  CHECK(flows[0].arrival_least_ns - flows[1].arrival_least_ns ==
        doctest::Approx(500000.0 / 14).epsilon(1e-4));
  CHECK(nof_decoded[0] == 4);
  CHECK(nof_decoded[1] == 4);
  CHECK(flows[2].early == flows[2].messages);
  CHECK(flows[2].messages > 0);
  CHECK(nof_decoded[2] == 0);
}
