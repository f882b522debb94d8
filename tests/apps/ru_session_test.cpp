// SPDX-License-Identifier: Apache-2.0
// ctest: property net
// links: pado_apps
#include "apps/cell_assembly.h"
#include "apps/ru_session.h"
#include "io/assembly/slot_assembler.h"
#include "io/port/ring_port.h"
#include "tests/support/temporary_folder.h"
#include <chrono>
#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <thread>

using namespace pado;

namespace {

apps::ru_options options_of(const std::string& scenario)
{
  apps::ru_options options;
  options.scenarios = {scenario};
  return options;
}

} // namespace

TEST_CASE("ru session: in real time over a ring every frame is accounted for, also with loss")
{
  const system_clock time;
  apps::ru_options options = options_of(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml");
  options.is_unsolicited = true;
  options.faults = {"loss=0.02", "duplicate=0.02"};
  const auto config = apps::prepare_ru(options, time);
  REQUIRE_MESSAGE(config, config.failure().text());
  io::ring_exchange rings;
  io::port_config ports;
  ports.time = &time;
  ports.rings = &rings;
  auto du = io::open_port("ring:session", ports);
  auto ru = io::open_port("ring:session", ports);
  REQUIRE_MESSAGE(du, du.failure().text());
  REQUIRE_MESSAGE(ru, ru.failure().text());
  auto assembly = apps::assembly_of({&config.value().units[0].cell->plan.scenario.cell, 1});
  REQUIRE(assembly);
  assembly.value().cells[0].sfn0_ns = config.value().sfn0_ns;
  io::slot_assembler assembler(io::plan_slot_assembler(assembly.value()).value());
  apps::ru_session session(config.value(), std::move(ru).value(), time);
  session.start();
  std::array<io::rx_frame, io::port::max_burst> frames;
  io::lent<uplink_slot> slot;
  const auto drain = [&] {
    while (const std::size_t n = du.value()->poll(frames)) {
      for (std::size_t i = 0; i < n; ++i) {
        assembler.push(frames[i].bytes, frames[i].arrival_ns);
        while (assembler.pop(slot)) {
          assembler.release(slot);
        }
      }
      du.value()->release(std::span(frames).first(n));
    }
  };
  const std::int64_t end_ns = time.now_ns() + 400000000;
  while (time.now_ns() < end_ns) {
    du.value()->wait(5000000);
    drain();
  }
  session.stop();
  drain();
  const auto& count = session.emulator().counters();
  const auto& seen = assembler.counters();
  CHECK(count.frames_sent.value() > 200); // 4480 on a machine that has time
  CHECK(seen.frames.received.value() == count.frames_sent.value());
  CHECK(seen.is_balanced());
  CHECK(count.frames_made.value() + session.emulator().injected(io::fault_kind::duplicate) ==
        count.frames_sent.value() + count.frames_unsent.value() +
            session.emulator().injected(io::fault_kind::loss) + session.emulator().nof_waiting());
  CHECK(session.emulator().injected(io::fault_kind::loss) > 0);
  MESSAGE("sent " << count.frames_sent.value() << " frames, lag p99 "
                  << count.send_lag.quantile_ns(0.99) / 1000 << " us, max " << count.send_lag.max_ns() / 1000
                  << " us, " << count.slots_skipped.value() << " slots skipped");
}

TEST_CASE(
    "ru session: schedule and cell of the period are written, from SFN 0, and are those of the scenario")
{
  const test::temporary_folder folder;
  const virtual_clock time;
  apps::ru_options options = options_of(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml");
  options.schedule_out = folder.file("slots.jsonl");
  options.cell_out = folder.file("cell.yaml");
  const auto config = apps::prepare_ru(options, time);
  REQUIRE_MESSAGE(config, config.failure().text());
  const auto lines = apps::read_schedule(options.schedule_out);
  REQUIRE_MESSAGE(lines, lines.failure().text());
  REQUIRE(lines.value().slots.size() == 4);
  const auto cell = apps::read_cell_file(options.cell_out);
  REQUIRE_MESSAGE(cell, cell.failure().text());
  CHECK(cell.value().carrier.nof_prb == 51);
  CHECK(lines.value().slots[0].plan.slot == slot_id{0, 4});
  CHECK(*lines.value().slots[3].expected[2].payload ==
        *config.value().units[0].cell->slots[3].schedule.expected[2].payload);
}

TEST_CASE("ru session: SFN 0 is where clock and offsets of the scenario put it, or those of the command line")
{
  const test::temporary_folder folder;
  const virtual_clock time;
  const auto write = [&](const std::string& name, const std::string& keys) {
    std::ifstream in(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml");
    std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::string block = "fronthaul:\n";
    text.insert(text.find(block) + block.size(), keys);
    return folder.write(name, text);
  };
  const auto sfn0_of = [&](const apps::ru_options& options) {
    const auto config = apps::prepare_ru(options, time);
    REQUIRE_MESSAGE(config, config.failure().text());
    return config.value().sfn0_ns - io::sfn0_of_utc_ns();
  };
  apps::ru_options options =
      options_of(write("own.yaml", "  clock: tai\n  gps_alpha: 12288\n  gps_beta: 2\n"));
  CHECK(sfn0_of(options) == 37000000000 + 10000 + 20000000);
  options.gps_beta = -1;
  CHECK(sfn0_of(options) == 37000000000 + 10000 - 10000000);
  options.scenarios.push_back(write("other.yaml", "  clock: utc\n"));
  const auto config = apps::prepare_ru(options, time);
  REQUIRE_FALSE(config);
  CHECK(config.failure().text().find("puts SFN 0 elsewhere than the first unit") != std::string::npos);
}

TEST_CASE("ru session: what cannot be emulated is refused in one line")
{
  const virtual_clock time;
  const auto refusal = [&](const apps::ru_options& options) {
    const auto config = apps::prepare_ru(options, time);
    REQUIRE(!config);
    return config.failure().text();
  };
  CHECK(refusal(options_of(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz_iq.yaml"))
            .find("fronthaul is missing") != std::string::npos);
  CHECK(refusal(options_of("nowhere.yaml")).find("nowhere.yaml") != std::string::npos);
  auto options = options_of(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml");
  options.faults = {"lost=0.1"};
  CHECK(refusal(options).find("must be one of loss") != std::string::npos);
}
