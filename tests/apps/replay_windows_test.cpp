// SPDX-License-Identifier: Apache-2.0
// ctest: golden
// links: pado_apps
#include "apps/flow_status.h"
#include "apps/generate.h"
#include "apps/replay_print.h"
#include "io/pcap/pcap_reader.h"
#include "io/pcap/pcap_writer.h"
#include "tests/support/temporary_folder.h"
#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace pado;

namespace {

constexpr std::int64_t us = 1000;
constexpr std::int64_t messages_of_port =
    4 * 14 * 2; // uplink slots, symbols, messages of a symbol at this MTU

/// 20 MHz with two ports: 4 uplink slots of 20.
std::string scenario_text(const std::string& fronthaul, const std::string& link)
{
  return "carrier: {name: small, scs_khz: 30, nof_prb: 51, nof_rx_ports: 2, phys_cell_id: 1}\n"
         "tdd: {pattern: DDDSU}\n"
         "fronthaul: {eaxc_pusch: [7, 9], vlan: 5, " +
         fronthaul +
         "}\n"
         "simulation: {slots: 20, seed: 3, first_sfn: 700}\n"
         "link: {mtu_bytes: 1000, " +
         link +
         "}\n"
         "ues:\n  - {rnti: 0x4601, snr_db: 20, nof_prb: 51, mcs: 4}\n";
}

/// One frame of a capture with what its header says, found out without pado's parsers.
struct seen_frame {
  std::vector<std::byte> bytes;
  std::int64_t time_ns = 0;
  bool is_uplane = false;
  std::uint16_t eaxc = 0;
  std::int64_t slot = 0; ///< of the frame
  /// Arrival after the begin of the symbol in UTC, to +-1.28 s.
  std::int64_t offset_ns = 0;
};

seen_frame look_at(const io::capture_frame& frame)
{
  constexpr std::int64_t ms = 1'000'000;
  seen_frame seen;
  seen.bytes.assign(frame.bytes.begin(), frame.bytes.end());
  seen.time_ns = frame.time_ns;
  const auto byte = [&](std::size_t i) { return std::to_integer<std::int64_t>(seen.bytes.at(i)); };
  seen.is_uplane = byte(18 + 1) == 0; // behind two addresses, the VLAN tag and the ethertype
  seen.eaxc = static_cast<std::uint16_t>(byte(22) << 8 | byte(23));
  const std::int64_t slot_of_ms = (byte(28) & 15) << 2 | byte(29) >> 6;
  seen.slot = 2 * (byte(28) >> 4) + slot_of_ms;
  const std::int64_t symbol_ns = byte(27) * 10 * ms + seen.slot * ms / 2 + (byte(29) & 63) * ms / 28;
  constexpr std::int64_t cycle_ns = 2560 * ms; // frameId has 8 bits
  const std::int64_t gps_ns = frame.time_ns - 315964800LL * 1000 * ms + 18LL * 1000 * ms;
  seen.offset_ns = (gps_ns - symbol_ns + cycle_ns / 2) % cycle_ns - cycle_ns / 2;
  return seen;
}

/// Generated files in a folder that goes away.
struct made_capture {
  test::temporary_folder folder;
  apps::scenario_config scenario;
  apps::schedule plan;
  std::vector<seen_frame> frames;

  made_capture(const std::string& fronthaul, const std::string& link)
  {
    auto read = apps::parse_scenario_file(scenario_text(fronthaul, link), "scenario.yaml");
    REQUIRE_MESSAGE(read, read.failure().text());
    scenario = read.value();
    apps::generate_options options;
    options.output = path();
    const auto made = apps::generate(scenario, options);
    REQUIRE_MESSAGE(made, made.failure().text());
    plan = apps::read_schedule(folder.file("slots.jsonl")).value();
    auto reader = io::pcap_reader::open(path());
    REQUIRE(reader);
    for (io::capture_frame frame; reader.value().next(frame);) {
      frames.push_back(look_at(frame));
    }
  }

  std::string path() const { return folder.file("capture.pcap"); }

  /// Writes the frames with other time stamps, in their order.
  template <class Stamp>
  void restamp(Stamp stamp)
  {
    for (seen_frame& frame : frames) {
      const std::int64_t now_ns = stamp(frame);
      frame.offset_ns += now_ns - frame.time_ns;
      frame.time_ns = now_ns;
    }
    std::stable_sort(
        frames.begin(), frames.end(), [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
    auto writer = io::pcap_writer::create(path());
    REQUIRE(writer);
    for (const seen_frame& frame : frames) {
      REQUIRE(writer.value().write(frame.bytes, frame.time_ns));
    }
    REQUIRE(writer.value().finish());
  }
};

/// The capture read to its end against a cell.yaml: what is said of each eAxC, and how many slots came.
struct read_capture {
  apps::fronthaul_status status;
  std::int64_t nof_slots = 0;
  std::int64_t nof_complete = 0;
  std::map<std::string, std::uint64_t> counts;
};

read_capture read_with(const made_capture& from, const apps::cell_config& cell)
{
  auto source = apps::open_fronthaul_source(from.path(), cell, from.plan);
  REQUIRE_MESSAGE(source, source.failure().text());
  read_capture out;
  apps::sourced_slot slot;
  while (source.value()->next(slot).value()) {
    ++out.nof_slots;
    out.nof_complete += slot.slot.nof_missing_prb == 0 ? 1 : 0;
  }
  out.status = source.value()->fronthaul().value();
  REQUIRE(out.status.flows.size() == 2);
  for (const auto& [name, count] : source.value()->counts()) {
    out.counts[name] = count;
  }
  return out;
}

/// early, on time, late
using verdicts = std::array<std::uint64_t, 3>;

verdicts verdicts_of(const apps::flow_status& flow)
{
  return {flow.early, flow.on_time, flow.late};
}

/// The same from the frames' headers and stamps alone.
verdicts expected_of(const made_capture& from, std::uint16_t eaxc, std::int64_t begin_ns, std::int64_t end_ns)
{
  verdicts out{};
  for (const seen_frame& frame : from.frames) {
    if (frame.is_uplane && frame.eaxc == eaxc) {
      ++out[frame.offset_ns < begin_ns ? 0 : frame.offset_ns > end_ns ? 2 : 1];
    }
  }
  return out;
}

std::uint64_t sum_of(const std::vector<std::uint64_t>& bins, std::size_t begin, std::size_t end)
{
  std::uint64_t sum = 0;
  for (std::size_t i = begin; i < end; ++i) {
    sum += bins[i];
  }
  return sum;
}

} // namespace

TEST_CASE("windows: without jitter every message comes after the delay of the scenario, on time")
{
  const made_capture made("window_us: [50, 331]", "delay_us: 60");
  const read_capture read = read_with(made, made.scenario.cell);
  CHECK(read.nof_complete == 4);
  for (const apps::flow_status& flow : read.status.flows) {
    CHECK(verdicts_of(flow) == verdicts{0, messages_of_port, 0});
    // A symbol of 30 kHz lasts 500 us / 14; its exact length differs by up to half a microsecond.
    CHECK(flow.arrival_least_ns >= 60 * us + 35 * us);
    CHECK(flow.arrival_greatest_ns <= 60 * us + 37 * us);
    CHECK(flow.window_begin_us == 50);
    CHECK(flow.bin_us == 18);
  }
}

TEST_CASE("windows: counted from the end of the symbol the same messages come a symbol sooner")
{
  const made_capture made("window_us: [58, 62], window_from: symbol_end", "delay_us: 60");
  for (const apps::flow_status& flow : read_with(made, made.scenario.cell).status.flows) {
    CHECK(verdicts_of(flow) == verdicts{0, messages_of_port, 0});
  }
  apps::cell_config from_begin = made.scenario.cell;
  from_begin.fronthaul->window->from = apps::window_from::symbol_begin;
  for (const apps::flow_status& flow : read_with(made, from_begin).status.flows) {
    CHECK(verdicts_of(flow) == verdicts{0, 0, messages_of_port});
  }
}

TEST_CASE("windows: of delayed and jittered messages each is counted where its stamp lies")
{
  const made_capture made("window_us: [120, 250]", "delay_us: 60, jitter_us: 300");
  const read_capture read = read_with(made, made.scenario.cell);
  CHECK(read.nof_complete == 4); // counted, not dropped
  for (const apps::flow_status& flow : read.status.flows) {
    const verdicts expected = expected_of(made, flow.eaxc, 120 * us, 250 * us);
    CHECK(verdicts_of(flow) == expected);
    CHECK(expected[0] > 0);
    CHECK(expected[1] > 0);
    CHECK(expected[2] > 0);
    REQUIRE(flow.arrivals.size() == 8 + 15 + 8); // 130 us in bins of 9 us
    CHECK(sum_of(flow.arrivals, 0, 8) == flow.early);
    CHECK(sum_of(flow.arrivals, 8, 23) == flow.on_time);
    CHECK(sum_of(flow.arrivals, 23, 31) == flow.late);
    CHECK(apps::arrival_line(flow).size() == flow.arrivals.size() + 2);
  }
}

TEST_CASE("windows: a slot that is known to be late counts late, and is dropped when the cell says so")
{
  made_capture made("window_us: [50, 331]", "delay_us: 60");
  made.restamp([](const seen_frame& frame) {
    return frame.time_ns + (frame.is_uplane && frame.slot == 9 ? 300 * us : 0);
  });
  const read_capture counted = read_with(made, made.scenario.cell);
  CHECK(counted.nof_complete == 4);
  apps::cell_config strict = made.scenario.cell;
  strict.fronthaul->window->outside = apps::outside_window::drop;
  const read_capture dropped = read_with(made, strict);
  CHECK(dropped.nof_slots == 3);
  CHECK(dropped.nof_complete == 3);
  CHECK(dropped.counts.at("frames dropped: late") == messages_of_port / 4 * 2);
  for (const read_capture* read : {&counted, &dropped}) {
    for (const apps::flow_status& flow : read->status.flows) {
      CHECK(verdicts_of(flow) == verdicts{0, messages_of_port * 3 / 4, messages_of_port / 4});
    }
    CHECK(read->counts.at("messages late") == messages_of_port / 4 * 2);
  }
}

TEST_CASE("windows: stamps in TAI, alpha and beta are followed, and missed when the cell does not name them")
{
  const made_capture made("window_us: [50, 331], clock: tai, gps_alpha: 122880, gps_beta: -7",
                          "delay_us: 60");
  // 19 s ahead of GPS where UTC is 18 s behind; 122880 / 1.2288 ns = 0.1 ms; beta counts frames.
  const std::int64_t shift_ns = 37'000'000 * us + 100 * us - 70'000 * us;
  const std::int64_t cycle_ns = 2'560'000 * us;
  CHECK((made.frames.back().offset_ns - shift_ns + 99 * cycle_ns) % cycle_ns / us ==
        doctest::Approx(95).epsilon(0.02));
  for (const apps::flow_status& flow : read_with(made, made.scenario.cell).status.flows) {
    CHECK(verdicts_of(flow) == verdicts{0, messages_of_port, 0});
  }
  for (const int change : {0, 1, 2}) {
    CAPTURE(change);
    apps::cell_config wrong = made.scenario.cell;
    auto& fronthaul = *wrong.fronthaul;
    fronthaul.clock = change == 0 ? apps::packet_clock::utc : apps::packet_clock::tai;
    fronthaul.gps_alpha = change == 1 ? 12'287'999 : 122880;
    fronthaul.gps_beta = change == 2 ? 0 : -7;
    for (const apps::flow_status& flow : read_with(made, wrong).status.flows) {
      CHECK(flow.on_time == 0);
      CHECK(flow.early + flow.late == messages_of_port);
    }
  }
}

TEST_CASE("windows: with any other clock the soonest message is put at the window's begin")
{
  made_capture made("window_us: [50, 250], clock: fitted", "delay_us: 60, jitter_us: 300");
  std::int64_t soonest_ns = INT64_MAX;
  for (const seen_frame& frame : made.frames) {
    soonest_ns = frame.is_uplane ? std::min(soonest_ns, frame.offset_ns) : soonest_ns;
  }
  for (const std::int64_t shift_ns : {std::int64_t{0}, 123'456'789 * us, -1'300'000'000'000 * us}) {
    CAPTURE(shift_ns);
    made.restamp([&](const seen_frame& frame) { return frame.time_ns + shift_ns; });
    const read_capture read = read_with(made, made.scenario.cell);
    CHECK(read.status.clock == apps::packet_clock::fitted);
    CHECK(read.nof_complete == 4);
    std::int64_t least_ns = INT64_MAX;
    for (const apps::flow_status& flow : read.status.flows) {
      // `restamp` moved offset_ns along, so the soonest one moved too.
      const std::int64_t begin_ns = soonest_ns + shift_ns;
      CHECK(verdicts_of(flow) == expected_of(made, flow.eaxc, begin_ns, begin_ns + 200 * us));
      CHECK(flow.late > 0);
      least_ns = std::min(least_ns, flow.arrival_least_ns);
    }
    CHECK(least_ns == 50 * us);
    made.restamp([&](const seen_frame& frame) { return frame.time_ns - shift_ns; });
  }
  CHECK_FALSE(apps::open_fronthaul_source("-", made.scenario.cell, made.plan)); // is read twice
}

TEST_CASE("windows: the summary, its JSON and every slot's line say what was counted")
{
  const made_capture made("window_us: [50, 331]", "delay_us: 60");
  apps::replay_options options;
  options.input = made.path();
  options.cell = made.folder.file("cell.yaml");
  options.schedule = made.folder.file("slots.jsonl");
  options.nof_workers = 1;
  const steady_clock time;
  auto opened = apps::replay_session::open(options, time);
  REQUIRE_MESSAGE(opened, opened.failure().text());
  apps::replay_session& session = *opened.value();
  std::vector<nlohmann::json> lines;
  const auto failure = session.run(
      [&](const slot_report& report, const pipeline::decision_loop::decision& decided) {
        lines.push_back(nlohmann::json::parse(
            apps::slot_json(report, decided, session.cell().carrier.scs, session.arrival())));
      },
      [] { return false; });
  CHECK_FALSE(failure);
  REQUIRE(lines.size() == 4);
  for (const nlohmann::json& line : lines) {
    CHECK(line["arrival_us"]["first"].get<double>() == doctest::Approx(95.7).epsilon(0.01));
    CHECK(line["arrival_us"]["last"].get<double>() == doctest::Approx(560.0).epsilon(0.01));
  }
  const auto summary = nlohmann::json::parse(apps::summary_json(session));
  const nlohmann::json& fronthaul = summary["fronthaul"];
  CHECK(fronthaul["clock"] == "utc");
  CHECK(fronthaul["window_us"] == nlohmann::json({50, 331}));
  REQUIRE(fronthaul["flows"].size() == 2);
  CHECK(fronthaul["flows"][1]["eaxc"] == 9);
  CHECK(fronthaul["flows"][1]["on_time"] == messages_of_port);
  CHECK(fronthaul["flows"][1]["late"] == 0);
  CHECK(fronthaul["flows"][1]["arrival_us"]["p50"].get<double>() > 95.0);
  const std::string text = apps::summary_text(session);
  CHECK(text.find("Ta4 50..331 us from the begin of the symbol") != std::string::npos);
  CHECK(text.find("0x0009") != std::string::npos);
}
