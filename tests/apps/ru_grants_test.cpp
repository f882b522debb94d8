// SPDX-License-Identifier: Apache-2.0
// ctest: property net
// links: pado_apps
#include "apps/ru_grant_socket.h"
#include "apps/ru_grants.h"
#include "mac/mcs/tbs.h"
#include "tests/apps/ru_bench.h"
#include "tests/support/temporary_folder.h"
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace pado;
using test::ru_bench;

namespace {

apps::scenario_config small_scenario()
{
  auto scenario = apps::read_scenario_file(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml");
  REQUIRE_MESSAGE(scenario, scenario.failure().text());
  return scenario.value();
}

/// A unit in a closed loop.
struct closed_loop {
  explicit closed_loop(const apps::scenario_config& scenario, const std::string& truth = "")
      : unit(test::unit_of(scenario))
  {
    unit.is_unsolicited = true;
    apps::ru_grant_desk::settings how;
    how.sfn0_ns = io::sfn0_of_utc_ns();
    how.truth_path = truth;
    virtual_clock start;
    bench = std::make_unique<ru_bench>(std::vector<apps::ru_unit_config>{}, 50);
    auto opened = apps::ru_grant_desk::open(unit.cell, how, bench->time);
    REQUIRE_MESSAGE(opened, opened.failure().text());
    desk = opened.value();
    unit.desk = desk;
    bench->emulator = std::make_unique<apps::ru_emulator>(
        apps::ru_emulator_config{{unit}, bench->sfn0_ns, bench->begin_ns}, bench->link);
    first = timing().slot_at(bench->begin_ns);
  }
  const apps::ru_timing& timing() const { return bench->emulator->unit(0).timing(); }

  /// A grant like that of the scenario's first UE, for slot `slot` from the begin.
  slot_plan grant(std::int64_t slot, std::int32_t process, bool new_data, std::int32_t rv) const
  {
    slot_plan plan;
    plan.slot = timing().id_of(first + slot);
    pusch_pdu pdu = unit.cell->slots[0].schedule.plan.pusch[0];
    pdu.mcs_index = 5;
    pdu.rb_start = 3;
    pdu.rb_size = 11;
    pdu.harq_process_id = static_cast<std::uint8_t>(process);
    pdu.new_data = new_data;
    pdu.rv_index = static_cast<std::uint8_t>(rv);
    mac::set_transport_block(pdu, 0);
    plan.pusch.push_back(pdu);
    return plan;
  }
  /// Whether PRB fields of a sent symbol are those of `samples`.
  bool is_sent(std::int64_t slot, const apps::packed_slot& samples) const
  {
    const std::int64_t due_ns = timing().symbol_end_ns(first + slot, 0) + 60000;
    for (const auto& frame : bench->link.sent) {
      if (frame.time_ns == due_ns && std::to_integer<int>(frame.bytes[18 + 5]) == 0) {
        return std::equal(frame.bytes.begin() + 34, frame.bytes.end(), samples.row(0, 0));
      }
    }
    return false;
  }
  void go_to(std::int64_t slot) const { bench->run_until(timing().slot_begin_ns(first + slot)); }

  apps::ru_unit_config unit;
  std::shared_ptr<apps::ru_grant_desk> desk;
  std::unique_ptr<ru_bench> bench;
  std::int64_t first = 0;
};

} // namespace

TEST_CASE("ru grants: UEs send what they are granted, retransmissions the same block, and noise else")
{
  const test::temporary_folder folder;
  const std::string truth = folder.file("truth.jsonl");
  {
    closed_loop loop(small_scenario(), truth);
    loop.go_to(1);
    loop.desk->submit(loop.grant(4, 0, true, 0));
    loop.desk->submit(loop.grant(9, 1, true, 0));
    loop.desk->submit(loop.grant(14, 0, false, 2));
    loop.desk->submit(loop.grant(19, 0, true, 0));
    loop.desk->finish();
    CHECK(loop.desk->counters().made.value() == 4);
    loop.go_to(26);
    CHECK(loop.bench->emulator->counters().grants_taken.value() == 4);
    CHECK(loop.bench->emulator->counters().grants_late.value() == 0);
    CHECK(loop.is_sent(24, loop.unit.waveform->noise(loop.first + 24)));
    CHECK(!loop.is_sent(9, loop.unit.waveform->noise(loop.first + 9)));
    loop.bench->check_laws();
  }
  const auto lines = apps::read_schedule(truth);
  REQUIRE_MESSAGE(lines, lines.failure().text());
  REQUIRE(lines.value().slots.size() == 4);
  const auto payload = [&](std::size_t i) { return *lines.value().slots[i].expected[0].payload; };
  for (const auto& slot : lines.value().slots) {
    CHECK(*slot.expected[0].transmitted);
  }
  CHECK(payload(0) == payload(2));
  CHECK(payload(0) != payload(1));
  CHECK(payload(0) != payload(3));
  CHECK(lines.value().slots[2].plan.pusch[0].rv_index == 2);
  CHECK(lines.value().slots[2].plan.slot == slot_id{50, 14});
}

TEST_CASE("ru grants: what is too late is not sent and counted, what no UE can send is refused")
{
  const test::temporary_folder folder;
  const std::string truth = folder.file("truth.jsonl");
  {
    closed_loop loop(small_scenario(), truth);
    loop.go_to(10);
    loop.desk->submit(loop.grant(4, 0, true, 0));
    slot_plan unknown = loop.grant(14, 0, true, 0);
    unknown.pusch[0].rnti = 99;
    loop.desk->submit(unknown);
    loop.desk->submit(loop.grant(14, 5, false, 2)); // never sent before
    slot_plan wide = loop.grant(14, 0, true, 0);
    wide.pusch[0].rb_start = 50;
    loop.desk->submit(wide);
    loop.desk->finish();
    CHECK(loop.desk->counters().unknown_ue.value() == 1);
    CHECK(loop.desk->counters().refused.value() == 2);
    CHECK(loop.desk->counters().slots.value() == 4);
    loop.go_to(16);
    CHECK(loop.bench->emulator->counters().grants_taken.value() == 0);
    CHECK(loop.bench->emulator->counters().grants_late.value() == 1);
    CHECK(loop.is_sent(14, loop.unit.waveform->noise(loop.first + 14)));
  }
  const auto lines = apps::read_schedule(truth);
  REQUIRE(lines);
  REQUIRE(lines.value().slots.size() == 1);
  CHECK(!*lines.value().slots[0].expected[0].transmitted);
}

TEST_CASE("ru grants: a granted slot holds what slot_maker makes of it")
{
  closed_loop loop(small_scenario());
  loop.go_to(1);
  loop.desk->submit(loop.grant(4, 0, true, 0));
  loop.desk->finish();
  counter late;
  auto* made = loop.desk->take(loop.first + 4, late);
  REQUIRE(made != nullptr);
  apps::slot_maker maker(loop.unit.cell->plan);
  const buffer<cf32> memory(2 * 14 * 612);
  const auto rx = memory.as(2, 14, 612);
  REQUIRE(maker.make_grid(made->grants, rx));
  apps::packed_slot wanted(*loop.unit.cell);
  wanted.pack(*loop.unit.cell, rx);
  for (int symbol = 0; symbol < 14; ++symbol) {
    CHECK(std::memcmp(wanted.row(1, symbol), made->samples.row(1, symbol), 51 * 28) == 0);
  }
  loop.desk->give_back(made);
}

TEST_CASE("ru grants: lines come over a socket, damaged ones are counted")
{
  const test::temporary_folder folder;
  closed_loop loop(small_scenario());
  CHECK(!apps::ru_grant_socket::listen("tcp:1", loop.desk));
  CHECK(!apps::ru_grant_socket::listen("unix:" + folder.write("file", "x"), loop.desk));
  const std::string path = folder.file("grants");
  auto listening = apps::ru_grant_socket::listen("unix:" + path, loop.desk);
  REQUIRE_MESSAGE(listening, listening.failure().text());
  apps::scheduled_slot line;
  line.plan = loop.grant(4, 0, true, 0);
  line.expected.resize(1);
  line.pdu_index = {0};
  const std::string good = apps::write_schedule_line(line, numerology{1});
  for (const std::string& text : {"{\"sfn\": 5000}\n" + good, good.substr(0, 40)}) {
    const int client = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str()); // NOLINT(clang-analyzer-security.insecureAPI.strcpy)
    REQUIRE(::connect(client,
                      static_cast<const sockaddr*>(static_cast<const void*>(&address)),
                      sizeof(address)) == 0);
    REQUIRE(::send(client, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    ::close(client);
  }
  for (int i = 0; i < 200 && loop.desk->counters().made.value() < 1; ++i) {
    ::usleep(20000);
  }
  loop.desk->finish();
  CHECK(loop.desk->counters().made.value() == 1);
  CHECK(listening.value()->nof_unreadable() == 1);
  CHECK(listening.value()->nof_lines() == 2);
}

TEST_CASE("ru grants: samples of the time domain are refused")
{
  apps::scenario_config scenario = small_scenario();
  scenario.simulation.propagation = apps::propagation_domain::samples;
  auto cell = std::make_shared<apps::ru_cell_plan>(apps::plan_ru_cell(scenario).value());
  const virtual_clock time;
  const auto opened = apps::ru_grant_desk::open(cell, {}, time);
  REQUIRE(!opened);
  CHECK(opened.failure().text().find("must be grid") != std::string::npos);
}
