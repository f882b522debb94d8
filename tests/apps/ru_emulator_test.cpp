// SPDX-License-Identifier: Apache-2.0
// ctest: property net
// links: pado_apps
#include "io/oran/cplane_builder.h"
#include "tests/apps/ru_bench.h"
#include "tests/support/allocation_count.h"

using namespace pado;
using test::ru_bench;

namespace {

apps::scenario_config small_scenario()
{
  auto scenario = apps::read_scenario_file(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml");
  REQUIRE_MESSAGE(scenario, scenario.failure().text());
  return scenario.value();
}

/// Times of frames agree to the ns by which two ways of rounding differ.
void check_same(const std::vector<test::recording_port::sent_frame>& sent,
                const std::vector<ru_bench::input>& wanted)
{
  REQUIRE(sent.size() == wanted.size());
  int nof_different = 0;
  std::int64_t worst_ns = 0;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    nof_different += sent[i].bytes == wanted[i].bytes ? 0 : 1;
    worst_ns = std::max(worst_ns, std::abs(sent[i].time_ns - wanted[i].time_ns));
  }
  CHECK(nof_different == 0);
  CHECK(worst_ns <= 1);
}

/// A C-plane message of one section for slot `slot`.
struct asked {
  std::int64_t slot = 0;
  std::uint16_t eaxc = 0;
  io::c_type type = io::c_type::regular;
  std::uint8_t filter_index = 0;
  std::int32_t symbol = 0;
  io::c_section section;
};
std::vector<std::byte> cplane_of(const apps::ru_unit_config& unit, const ru_bench& bench, const asked& what)
{
  const auto& link = unit.cell->plan.scenario.link;
  const apps::ru_timing& timing = bench.emulator->unit(0).timing();
  io::link_settings to_ru;
  to_ru.destination = link.ru_mac;
  to_ru.source = link.du_mac;
  to_ru.vlan = 5;
  io::c_header header;
  header.app = io::app_header_of(timing.id_of(what.slot), timing.scs(), what.symbol, io::direction::uplink);
  header.app.filter_index = what.filter_index;
  header.type = what.type;
  header.frame_structure = *io::frame_structure_of(1024, 30000);
  header.time_offset = 484;
  std::vector<std::byte> frame(128);
  frame.resize(io::write_c_frame(to_ru, {.eaxc = what.eaxc}, header, {&what.section, 1}, frame));
  return frame;
}

} // namespace

TEST_CASE("ru: C-plane is answered with the frames that generate writes, each at its time, over the SFN wrap")
{
  for (const bool is_granted_only : {false, true}) {
    apps::scenario_config scenario = small_scenario();
    scenario.link.jitter_us = 50;
    scenario.link.is_granted_only = is_granted_only;
    const auto unit = test::unit_of(scenario);
    CHECK(unit.cell->period_frames == 1);
    ru_bench bench({unit}, 1022);
    const auto wanted = test::generated(unit, bench, 1, 60);
    CHECK(wanted.uplane.size() >= 12U * 14 * 2);
    bench.run_until(bench.begin_ns + 40000000, wanted.cplane);
    check_same(bench.link.sent, wanted.uplane);
    bench.check_laws();
    CHECK(bench.emulator->counters().messages_answered.value() == wanted.cplane.size());
    CHECK(bench.emulator->counters().send_lag.max_ns() == 0);
  }
}

TEST_CASE("ru: without C-plane the same frames are sent by the clock, in granted slots only the granted part")
{
  for (const bool is_granted_only : {false, true}) {
    apps::scenario_config scenario = small_scenario();
    scenario.link.has_cplane = false;
    scenario.link.is_granted_only = is_granted_only;
    scenario.link.loss_percent = 5.0;
    const auto unit = test::unit_of(scenario);
    ru_bench bench({unit}, 1023);
    const auto wanted = test::generated(unit, bench, 1, 41);
    bench.run_until(bench.begin_ns + 20400000);
    check_same(bench.link.sent, wanted.uplane);
    bench.check_laws();
    CHECK(bench.emulator->counters().link_lost.value() > 0);
  }
}

TEST_CASE("ru: a period of several frames repeats, the schedule's slot is the SFN modulo the period")
{
  apps::scenario_config scenario = small_scenario();
  scenario.simulation.nof_slots = 70;
  scenario.link.has_cplane = false;
  const auto unit = test::unit_of(scenario);
  CHECK(unit.cell->period_frames == 4);
  CHECK(unit.cell->slots.front().schedule.plan.slot == slot_id{0, 4});
  CHECK(unit.cell->slots.back().schedule.plan.slot == slot_id{3, 19});
  ru_bench bench({unit}, 1021);
  const auto wanted = test::generated(unit, bench, 1, 160);
  bench.run_until(bench.begin_ns + 80200000);
  check_same(bench.link.sent, wanted.uplane);
}

TEST_CASE("ru: samples of the time domain are those of generate as well")
{
  apps::scenario_config scenario = small_scenario();
  scenario.simulation.propagation = apps::propagation_domain::samples;
  const auto samples = test::unit_of(scenario);
  scenario.simulation.propagation = apps::propagation_domain::grid;
  const auto grid = test::unit_of(scenario);
  // Not the same bytes, but the same signal: BFP exponents of the strong UE's PRBs agree but for noise.
  int nof_near = 0;
  for (int prb = 20; prb < 51; ++prb) {
    const auto exponent = [&](const apps::ru_unit_config& unit) {
      return std::to_integer<int>(unit.waveform->at(4).row(0, 5)[28 * prb]);
    };
    nof_near += std::abs(exponent(samples) - exponent(grid)) <= 1 ? 1 : 0;
  }
  CHECK(nof_near == 31);
}

TEST_CASE("ru: only what is asked for is sent")
{
  const auto unit = test::unit_of(small_scenario());
  ru_bench bench({unit}, 7);
  const std::int64_t slot = bench.emulator->unit(0).timing().slot_at(bench.begin_ns) + 4;
  asked what{slot, 1, io::c_type::regular, 0, 0, {}};
  what.symbol = 3;
  what.section.id = 77;
  what.section.prb_begin = 10;
  what.section.nof_prb = 5;
  what.section.nof_symbols = 2;
  bench.run_until(bench.begin_ns + 20000000, {{bench.begin_ns, cplane_of(unit, bench, what)}});
  REQUIRE(bench.link.sent.size() == 2);
  for (int i = 0; i < 2; ++i) {
    const auto& sent = bench.link.sent[static_cast<std::size_t>(i)];
    io::link_frame link;
    REQUIRE(!io::parse_link(sent.bytes, io::no_udp_port, link));
    io::ecpri_reader messages(link.pdu);
    io::ecpri_message message;
    REQUIRE(messages.next(message));
    io::stream_ids ids;
    io::packet rest;
    REQUIRE(!io::parse_stream_ids(message.payload, ids, rest));
    CHECK(ids.eaxc == 1);
    CHECK(ids.sequence == i);
    io::app_header header;
    REQUIRE(!io::parse_app_header(rest, header));
    CHECK(header.symbol == 3 + i);
    io::u_layout layout;
    layout.fixed = io::iq_format{};
    io::u_section_reader sections(rest.subspan(io::app_header_bytes), layout);
    io::u_section section;
    REQUIRE(sections.next(section));
    CHECK(section.id == 77);
    CHECK(section.prb_begin == 10);
    CHECK(section.nof_prb == 5);
    CHECK(std::equal(section.iq.begin(), section.iq.end(), unit.waveform->at(slot).row(1, 3 + i) + 280));
    const auto& timing = bench.emulator->unit(0).timing();
    CHECK(sent.time_ns == timing.symbol_end_ns(slot, 3 + i) + 60000);
  }
}

TEST_CASE("ru: what cannot be answered is dropped with its reason")
{
  const auto unit = test::unit_of(small_scenario());
  ru_bench bench({unit}, 7);
  const std::int64_t now = bench.emulator->unit(0).timing().slot_at(bench.begin_ns);
  asked good{now + 4, 0, io::c_type::regular, 0, 0, {}};
  good.section.nof_prb = 51;
  good.section.nof_symbols = 14;
  std::vector<ru_bench::input> inputs;
  const auto ask = [&](const asked& what) {
    inputs.push_back({bench.begin_ns, cplane_of(unit, bench, what)});
  };
  asked wrong = good;
  wrong.slot = now - 1;
  ask(wrong);
  wrong.slot = now + 300;
  ask(wrong);
  wrong = good;
  wrong.eaxc = 9;
  ask(wrong);
  wrong = good;
  wrong.section.prb_begin = 1;
  ask(wrong);
  wrong = good;
  wrong.symbol = 1;
  ask(wrong);
  wrong = good;
  wrong.section.is_every_other = true;
  ask(wrong);
  wrong = good;
  wrong.type = io::c_type::idle;
  ask(wrong);
  inputs.push_back({bench.begin_ns, std::vector<std::byte>(60)});
  for (int i = 0; i < 514; ++i) {
    wrong = good;
    wrong.slot = now + 5;
    wrong.section.nof_prb = 1;
    wrong.section.nof_symbols = 1;
    ask(wrong);
  }
  bench.run_until(bench.begin_ns + 1000, inputs);
  using apps::cplane_drop;
  CHECK(bench.nof_dropped(cplane_drop::late) == 1);
  CHECK(bench.nof_dropped(cplane_drop::early) == 1);
  CHECK(bench.nof_dropped(cplane_drop::unknown_unit) == 1);
  CHECK(bench.nof_dropped(cplane_drop::range) == 2);
  CHECK(bench.nof_dropped(cplane_drop::unsupported) == 2);
  CHECK(bench.nof_dropped(cplane_drop::unreadable) == 1);
  CHECK(bench.nof_dropped(cplane_drop::no_room) == 2);
  CHECK(bench.emulator->counters().messages_answered.value() == 512);
  bench.run_until(bench.begin_ns + 10000000);
  CHECK(bench.link.sent.size() == 512);
  bench.check_laws();
}

TEST_CASE("ru: C-plane is late from the moment on at which its first symbol is sent")
{
  const auto unit = test::unit_of(small_scenario());
  for (const std::int64_t after_ns : {0, 1}) {
    ru_bench bench({unit}, 7);
    const auto& timing = bench.emulator->unit(0).timing();
    const std::int64_t slot = timing.slot_at(bench.begin_ns) + 2;
    asked what{slot, 0, io::c_type::regular, 0, 0, {}};
    what.symbol = 5;
    what.section.nof_prb = 51;
    what.section.nof_symbols = 9;
    const std::int64_t last_ns = timing.symbol_end_ns(slot, 5) + 60000;
    bench.run_until(last_ns + 5000000, {{last_ns + after_ns, cplane_of(unit, bench, what)}});
    CHECK(bench.link.sent.size() == (after_ns == 0 ? 9 : 0));
    CHECK(bench.nof_dropped(apps::cplane_drop::late) == (after_ns == 0 ? 0 : 1));
  }
}

TEST_CASE("ru: PRACH sections are answered with noise, one message a repetition, after each has ended")
{
  apps::scenario_config scenario = small_scenario();
  scenario.cell.fronthaul->eaxc_prach = {4, 5};
  const auto unit = test::unit_of(scenario);
  ru_bench bench({unit}, 7);
  const auto& timing = bench.emulator->unit(0).timing();
  const std::int64_t slot = timing.slot_at(bench.begin_ns) + 4;
  asked what{slot, 5, io::c_type::prach, 3, 0, {}};
  what.section.nof_prb = 12;
  what.section.nof_symbols = 12;
  bench.run_until(bench.begin_ns + 20000000, {{bench.begin_ns, cplane_of(unit, bench, what)}});
  REQUIRE(bench.link.sent.size() == 12);
  for (int i = 0; i < 12; ++i) {
    const auto& sent = bench.link.sent[static_cast<std::size_t>(i)];
    // 484 Ts, then i + 1 times 1 / 30 kHz, then the delay.
    CHECK(std::abs(sent.time_ns - timing.slot_begin_ns(slot) - 15755 - (i + 1) * 33333 - 60000) <= 1);
    CHECK(io::load_u8(sent.bytes, 18 + 8) == 0x13); // payload version 1, filter 3
    CHECK((io::load_u8(sent.bytes, 18 + 11) & 0x3F) == i);
    CHECK(std::equal(sent.bytes.begin() + 18 + 16,
                     sent.bytes.begin() + 18 + 16 + 12 * 28,
                     unit.waveform->noise(slot).row(1, i)));
  }
}

TEST_CASE("ru: several units on one port are told apart by address, VLAN and eAxC")
{
  apps::scenario_config scenario = small_scenario();
  std::vector<apps::ru_unit_config> units = {test::unit_of(scenario)};
  scenario.link.ru_mac = {2, 0, 0, 0, 0, 3};
  scenario.simulation.seed = 99;
  units.push_back(test::unit_of(scenario));
  scenario.cell.fronthaul->eaxc_pusch = {8, 9};
  units.push_back(test::unit_of(scenario));
  ru_bench bench(units, 7);
  const std::int64_t slot = bench.emulator->unit(0).timing().slot_at(bench.begin_ns) + 4;
  asked what{slot, 0, io::c_type::regular, 0, 0, {}};
  what.section.nof_prb = 51;
  what.section.nof_symbols = 1;
  std::vector<ru_bench::input> inputs = {{bench.begin_ns, cplane_of(units[0], bench, what)},
                                         {bench.begin_ns, cplane_of(units[1], bench, what)}};
  what.eaxc = 8;
  inputs.push_back({bench.begin_ns, cplane_of(units[2], bench, what)});
  what.eaxc = 0;
  auto stranger = units[0];
  auto strange_cell = *units[0].cell;
  strange_cell.plan.scenario.link.ru_mac = {2, 0, 0, 0, 0, 7};
  stranger.cell = std::make_shared<apps::ru_cell_plan>(strange_cell);
  inputs.push_back({bench.begin_ns, cplane_of(stranger, bench, what)});
  bench.run_until(bench.begin_ns + 5000000, inputs);
  REQUIRE(bench.link.sent.size() == 3);
  CHECK(bench.nof_dropped(apps::cplane_drop::unknown_unit) == 1);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& bytes = bench.link.sent[i].bytes;
    CHECK(std::to_integer<int>(bytes[11]) == (i == 0 ? 2 : 3)); // source address
    CHECK(
        std::equal(bytes.begin() + 34, bytes.begin() + 34 + 51 * 28, units[i].waveform->at(slot).row(0, 0)));
  }
}

TEST_CASE("ru: on a port without link headers the PDU alone is sent, and taken")
{
  const auto unit = test::unit_of(small_scenario());
  ru_bench bench({unit}, 3, io::framing::ecpri_pdu);
  auto wanted = test::generated(unit, bench, 1, 21);
  for (auto* all : {&wanted.cplane, &wanted.uplane}) {
    for (ru_bench::input& one : *all) {
      one.bytes.erase(one.bytes.begin(), one.bytes.begin() + 18);
      one.bytes.resize(std::min<std::size_t>(one.bytes.size(), 4U + io::load_be16(one.bytes, 2)));
    }
  }
  bench.run_until(bench.begin_ns + 12000000, wanted.cplane);
  check_same(bench.link.sent, wanted.uplane);
}

TEST_CASE("ru: what the link does not take is counted, and a stall of more than 20 ms skips slots")
{
  apps::scenario_config scenario = small_scenario();
  scenario.link.has_cplane = false;
  const auto unit = test::unit_of(scenario);
  ru_bench bench({unit}, 7);
  bench.link.room = 100;
  bench.run_until(bench.begin_ns + 12000000);
  CHECK(bench.emulator->counters().frames_unsent.value() ==
        bench.emulator->counters().frames_made.value() - 100);
  bench.check_laws();
  bench.link.room = ~std::size_t{0};
  bench.time.set_ns(bench.begin_ns + 500000000);
  bench.run_until(bench.begin_ns + 510000000);
  CHECK(bench.emulator->counters().slots_skipped.value() > 900);
  bench.check_laws();
}

TEST_CASE("ru: a step allocates nothing")
{
  apps::scenario_config scenario = small_scenario();
  const auto unit = test::unit_of(scenario);
  ru_bench bench({unit}, 7);
  const auto wanted = test::generated(unit, bench, 1, 60);
  bench.link.room = 0; // the port of the test allocates
  for (const auto& one : wanted.cplane) {
    bench.link.put(one.bytes);
  }
  const std::int64_t before = test::allocation_count();
  for (int i = 0; i < 320; ++i) {
    bench.emulator->step(bench.begin_ns + i * 100000);
  }
  CHECK(test::allocation_count() == before);
  CHECK(bench.emulator->counters().frames_unsent.value() == wanted.uplane.size());
}
