// SPDX-License-Identifier: Apache-2.0
// ctest: net
// links: pado_apps
#include "apps/ru_session.h"
#include "apps/run_session.h"
#include "io/port/ring_port.h"
#include "tests/support/temporary_folder.h"
#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <fstream>
#include <sstream>
#include <thread>

using namespace pado;
using pipeline::live_report;

// The real clock and real threads: how much is decoded depends on the machine, what is counted does not.
TEST_CASE("run: with threads of its own and a radio unit in another, everything is accounted for")
{
  const test::temporary_folder folder;
  std::ifstream in(PADO_SOURCE_DIR "/testvectors/scenarios/live_20mhz.yaml");
  std::ostringstream text;
  text << in.rdbuf();
  std::string scenario = text.str();
  const std::string window = "window_us: [0, 4000]";
  scenario.replace(scenario.find(window), window.size(), "window_us: [0, 20000]"); // a loaded machine
  const std::string length = "slots: 160";
  scenario.replace(scenario.find(length), length.size(), "slots: 20");
  const std::string path = folder.write("live.yaml", scenario);

  const system_clock time;
  io::ring_exchange rings;
  io::port_config port;
  port.time = &time;
  port.rings = &rings;
  port.nof_rx_frames = 1024;
  apps::ru_options unit;
  unit.scenarios = {path};
  auto made = apps::prepare_ru(unit, time);
  REQUIRE_MESSAGE(made, (made ? "" : made.failure().text()));
  apps::schedule lines;
  for (const apps::planned_slot& slot : made.value().units.front().cell->slots) {
    lines.slots.push_back(slot.schedule);
  }
  apps::ru_session radio(made.value(), io::open_port("ring:a", port).value(), time);
  const auto link = io::open_port("ring:a", port).value();
  apps::run_options options;
  options.scenario = path;
  options.cells = {path};
  options.scenario_lines = &lines;
  std::uint64_t nof_reports = 0;
  std::uint64_t nof_wrong = 0;
  auto opened = apps::run_session::open(options, *link, time, [&](const live_report& report) {
    ++nof_reports;
    const slot_plan* sent = nullptr;
    std::size_t at = 0;
    for (; at < lines.slots.size() && sent == nullptr; ++at) {
      const slot_id slot = lines.slots[at].plan.slot;
      sent = slot.slot == report.report.slot.slot ? &lines.slots[at].plan : nullptr; // one frame
    }
    for (std::size_t i = 0; sent != nullptr && i < report.report.pusch.size(); ++i) {
      const pusch_report& pusch = report.report.pusch[i];
      nof_wrong += pusch.tb_crc_ok && pusch.payload != *lines.slots[at - 1].expected[i].payload ? 1 : 0;
    }
  });
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.failure().text()));
  apps::run_session& session = *opened.value();
  radio.start();
  session.start();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (session.receiver().counters(0).decoded.value() < 20 && std::chrono::steady_clock::now() < end) {
    session.tick();
    CHECK(session.status().state == "running");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  CHECK_FALSE(session.reload()); // the same file again, while it runs
  radio.stop();
  session.stop();
  const apps::live_status last = session.status();
  CHECK(last.cells[0].slots_decoded >= 20);
  CHECK(nof_wrong == 0);
  CHECK(session.receiver().assembler().counters().is_balanced());
  CHECK(last.laws[0].received == link->counters().received.value());
  const pipeline::live_cell_counters& slots = session.receiver().counters(0);
  CHECK(nof_reports + session.receiver().nof_reports_lost(0) ==
        slots.decoded.value() + slots.shed.value() + slots.not_received.value());
  CHECK(last.cells[0].cplane_sent + last.cells[0].cplane_late ==
        2 * session.receiver().poller().counters(0).plans.value());
}
