// SPDX-License-Identifier: Apache-2.0
// ctest: property net
// links: pado_apps
#include "apps/generate.h"
#include "apps/generate_schedule.h"
#include "apps/generate_slot.h"
#include "apps/ordered_work.h"
#include "apps/schedule_file.h"
#include "io/ecpri/ecpri.h"
#include "io/ecpri/link.h"
#include "io/oran/app_header.h"
#include "io/oran/uplane.h"
#include "io/pcap/pcap_reader.h"
#include "io/sigmf/iq_recording.h"
#include "tests/support/shared.h"
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <unistd.h>

using namespace pado;
namespace fs = std::filesystem;

namespace {

/// A folder of its own that goes away with the test.
struct scratch {
  scratch() : path(fs::temp_directory_path() / ("pado_generate_" + std::to_string(::getpid())))
  {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~scratch() { fs::remove_all(path); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  std::string operator/(const std::string& name) const { return (path / name).string(); }
  fs::path path;
};

apps::scenario_config scenario_of(const std::string& name)
{
  auto scenario = apps::read_scenario_file(PADO_SOURCE_DIR "/testvectors/scenarios/" + name);
  REQUIRE_MESSAGE(scenario, scenario.failure().text());
  return scenario.value();
}

apps::generate_summary run(const apps::scenario_config& scenario, const std::string& output, int nof_workers)
{
  apps::generate_options options;
  options.output = output;
  options.nof_workers = nof_workers;
  auto summary = apps::generate(scenario, options);
  REQUIRE_MESSAGE(summary, summary.failure().text());
  return summary.value();
}

} // namespace

TEST_CASE("generate: packets are the same with one worker and with three")
{
  const scratch folder;
  apps::scenario_config scenario = scenario_of("small_20mhz.yaml");
  scenario.link.jitter_us = 300;
  scenario.link.loss_percent = 5.0;
  run(scenario, folder / "one/a.pcap", 1);
  run(scenario, folder / "three/a.pcap", 3);
  for (const char* file : {"a.pcap", "slots.jsonl", "cell.yaml"}) {
    const auto one = test::read_bytes(folder / ("one/" + std::string(file)));
    CHECK(one.size() > 100);
    CHECK(one == test::read_bytes(folder / ("three/" + std::string(file))));
  }
  scenario.simulation.seed += 1;
  run(scenario, folder / "other/a.pcap", 1);
  CHECK(test::read_bytes(folder / "one/a.pcap") != test::read_bytes(folder / "other/a.pcap"));
}

TEST_CASE("generate: a recording is the same with one worker and with three, slots in a row form one segment")
{
  const scratch folder;
  const apps::scenario_config scenario = scenario_of("small_20mhz_iq.yaml");
  const auto one = run(scenario, folder / "one/a.sigmf-meta", 1);
  run(scenario, folder / "three/a.sigmf-meta", 3);
  for (const char* file : {"a.sigmf-data", "a.sigmf-meta", "slots.jsonl"}) {
    CHECK(test::read_bytes(folder / ("one/" + std::string(file))) ==
          test::read_bytes(folder / ("three/" + std::string(file))));
  }
  // Pattern DDDSUDDSUU over 20 slots: 6 uplink slots of 15360 samples, those of 8 and 9 without a gap.
  CHECK(one.nof_slots == 6);
  CHECK(one.nof_samples == 6 * 15360);
  CHECK(one.nof_clipped == 0);
  const auto recording = io::read_sigmf(folder / "one/a.sigmf-meta");
  REQUIRE_MESSAGE(recording, recording.failure().text());
  CHECK(recording.value().nof_channels == 2);
  CHECK(recording.value().nof_samples == one.nof_samples);
  REQUIRE(recording.value().segments.size() == 4);
  CHECK(recording.value().segments[1].slot == slot_id{0, 8});
  CHECK(recording.value().segments[1].sample_end - recording.value().segments[1].sample_begin == 2 * 15360);
  const auto schedule = apps::read_schedule(folder / "one/slots.jsonl");
  REQUIRE_MESSAGE(schedule, schedule.failure().text());
  CHECK(schedule.value().slots[2].sample == 2 * 15360);
}

TEST_CASE("generate: the capture holds every symbol and PRB of every port once, in order of time, numbered "
          "without a gap")
{
  const scratch folder;
  apps::scenario_config scenario = scenario_of("small_20mhz.yaml");
  scenario.link.jitter_us = 400; // more than the C-plane's lead: slots overlap
  const auto summary = run(scenario, folder / "a.pcap", 2);
  CHECK(summary.nof_slots == 4);
  CHECK(summary.nof_pdus == 12);
  CHECK(summary.nof_cplane_frames == 8);
  CHECK(summary.nof_uplane_frames == 4 * 14 * 2); // 51 PRB of 28 bytes fit an MTU of 1500
  auto reader = io::pcap_reader::open(folder / "a.pcap");
  REQUIRE_MESSAGE(reader, reader.failure().text());
  std::int64_t before_ns = 0;
  std::set<std::tuple<int, int, int, int, int>> seen;
  std::set<std::tuple<int, int>> sequences;
  int nof_frames = 0;
  for (io::capture_frame frame; reader.value().next(frame);) {
    ++nof_frames;
    CHECK(frame.time_ns >= before_ns);
    before_ns = frame.time_ns;
    io::link_frame link;
    REQUIRE(!io::parse_link(frame.bytes, io::no_udp_port, link));
    CHECK(link.vlan == 5);
    io::ecpri_reader messages(link.pdu);
    io::ecpri_message message;
    REQUIRE(messages.next(message));
    io::stream_ids ids;
    io::packet rest;
    REQUIRE(!io::parse_stream_ids(message.payload, ids, rest));
    io::app_header header;
    REQUIRE(!io::parse_app_header(rest, header));
    if (message.type != io::ecpri_type::iq_data) {
      continue;
    }
    io::u_layout layout;
    layout.fixed = io::iq_format{};
    layout.carrier_prb = 51;
    io::u_section_reader sections(rest.subspan(io::app_header_bytes), layout);
    io::u_section section;
    REQUIRE(sections.next(section));
    CHECK(section.prb_begin == 0);
    CHECK(section.nof_prb == 51);
    CHECK(seen.insert({header.frame, header.subframe, header.slot, header.symbol, ids.eaxc}).second);
    CHECK(sequences.insert({ids.eaxc, ids.sequence}).second);
  }
  CHECK(nof_frames == summary.nof_uplane_frames + summary.nof_cplane_frames);
  CHECK(sequences.size() == 2 * 56);
  CHECK(sequences.count({1, 55}) == 1);
}

TEST_CASE("generate: lost messages are missing, and only they")
{
  const scratch folder;
  apps::scenario_config scenario = scenario_of("small_20mhz.yaml");
  scenario.link.loss_percent = 20.0;
  const auto summary = run(scenario, folder / "a.pcap", 2);
  CHECK(summary.nof_uplane_frames + summary.nof_lost_frames == 4 * 14 * 2);
  CHECK(summary.nof_lost_frames > 8); // 22 on average
  CHECK(summary.nof_lost_frames < 45);
}

TEST_CASE("generate: the schedule says what the UEs sent, retransmissions carry the same block")
{
  apps::scenario_config scenario = scenario_of("harq_20mhz.yaml");
  scenario.ues[0].silent_percent = 30.0;
  scenario.ues[0].is_random_allocation = true;
  scenario.ues[0].mcs_highest = 20;
  const auto slots = apps::plan_slots(scenario);
  REQUIRE(slots);
  REQUIRE(slots.value().size() == 32);
  int nof_silent = 0;
  std::set<std::vector<std::uint8_t>> blocks;
  for (std::size_t i = 0; i < 32; ++i) {
    const auto& slot = slots.value()[i].schedule;
    const pusch_pdu& pdu = slot.plan.pusch[0];
    CHECK(pdu.harq_process_id == i % 4);
    const std::uint8_t rv[] = {0, 2, 3, 1};
    CHECK(pdu.rv_index == rv[i / 4 % 4]);
    CHECK(pdu.new_data == (i / 4 % 4 == 0));
    nof_silent += *slot.expected[0].transmitted ? 0 : 1;
    blocks.insert(*slot.expected[0].payload);
    if (!pdu.new_data) {
      const auto& before = slots.value()[i - 4].schedule;
      CHECK(*before.expected[0].payload == *slot.expected[0].payload);
      CHECK(before.plan.pusch[0].rb_start == pdu.rb_start);
      CHECK(before.plan.pusch[0].tb_size_bytes == pdu.tb_size_bytes);
    }
  }
  CHECK(blocks.size() == 8);
  CHECK(nof_silent > 2); // 9.6 on average
  CHECK(nof_silent < 20);
}

TEST_CASE("generate: a silent UE leaves noise, a sending one its SNR above it")
{
  apps::scenario_config scenario = scenario_of("small_20mhz.yaml");
  scenario.ues.resize(1);
  scenario.ues[0].snr_db = 12.0;
  for (const double silent : {0.0, 100.0}) {
    scenario.ues[0].silent_percent = silent;
    const auto plan = apps::plan_generate(scenario);
    REQUIRE(plan);
    const auto slots = apps::plan_slots(scenario);
    REQUIRE(slots);
    apps::slot_maker maker(plan.value());
    const buffer<cf32> memory(2 * 14 * 612);
    const auto rx = memory.as(2, 14, 612);
    double power = 0.0;
    int n = 0;
    for (const auto& slot : slots.value()) {
      REQUIRE(maker.make_grid(slot, rx));
      for (int port = 0; port < 2; ++port) {
        for (int symbol = 0; symbol < 14; ++symbol) {
          for (int k = 0; k < 240; ++k) {
            power += double(norm(rx(port, symbol, k)));
            ++n;
          }
        }
      }
    }
    const double want = 1.0 + (silent == 0.0 ? std::pow(10.0, 1.2) : 0.0);
    CHECK(std::abs(10.0 * std::log10(power / n / want)) < 0.2);
  }
}

TEST_CASE("generate: an output that does not fit, and a foreign cell.yaml, are refused")
{
  const scratch folder;
  const apps::scenario_config scenario = scenario_of("small_20mhz.yaml");
  apps::generate_options options;
  options.output = folder / "a.sigmf-meta";
  CHECK(apps::generate(scenario, options).failure().what.find("must end in .pcap") != std::string::npos);
  options.output = folder / "a.pcap";
  std::ofstream(folder / "cell.yaml") << "carrier:\n  name: mine\n";
  CHECK(apps::generate(scenario, options).failure().what.find("was not written by pado generate") !=
        std::string::npos);
}

TEST_CASE("generate: the written cell.yaml is the scenario's cell")
{
  const scratch folder;
  const apps::scenario_config scenario = scenario_of("small_20mhz.yaml");
  const auto summary = run(scenario, folder / "a.pcap", 1);
  const auto cell = apps::read_cell_file(summary.cell_path);
  REQUIRE_MESSAGE(cell, cell.failure().text());
  CHECK(cell.value().carrier.nof_prb == 51);
  CHECK(cell.value().fronthaul->eaxc_pusch == std::vector<std::uint16_t>{0, 1});
  CHECK(cell.value().tdd->slots.size() == 5);
}

TEST_CASE("generate: stopping early leaves a capture of what was made")
{
  const scratch folder;
  const apps::scenario_config scenario = scenario_of("small_20mhz.yaml");
  apps::generate_options options;
  options.output = folder / "a.pcap";
  options.nof_workers = 2;
  options.progress = [](std::int64_t done, std::int64_t) { return done < 2; };
  const auto summary = apps::generate(scenario, options);
  REQUIRE(summary);
  CHECK(summary.value().is_cut);
  CHECK(summary.value().nof_slots == 2);
  CHECK(apps::read_schedule(summary.value().schedule_path).value().slots.size() == 2);
}

TEST_CASE("ordered_work: results come in order, a failure comes out, and use() can stop")
{
  std::vector<std::int64_t> got;
  apps::run_ordered<std::int64_t>(
      100,
      3,
      [](int, std::int64_t i) { return i * i; },
      [&](std::int64_t i, std::int64_t value) {
        CHECK(value == i * i);
        got.push_back(i);
        return i < 49;
      });
  CHECK(got.size() == 50);
  const auto fails = [](int, std::int64_t i) -> int {
    if (i == 5) {
      throw std::runtime_error("five");
    }
    return 0;
  };
  CHECK_THROWS_AS(apps::run_ordered<int>(10, 2, fails, [](std::int64_t, int) { return true; }),
                  std::runtime_error);
}
