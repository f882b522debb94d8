// SPDX-License-Identifier: Apache-2.0
// ctest: property net
// links: pado_apps
#include "apps/generate.h"
#include "apps/replay_session.h"
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

using namespace pado;
namespace fs = std::filesystem;

namespace {

/// The small scenario with two DM-RS symbols a UE, for longer, with lost packets.
apps::scenario_config lossy_scenario(const std::string& percent)
{
  std::ifstream in(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml");
  std::stringstream text;
  text << in.rdbuf();
  std::string yaml = text.str();
  const auto replace = [&](const std::string& what, const std::string& by) {
    REQUIRE(yaml.find(what) != std::string::npos);
    yaml.replace(yaml.find(what), what.size(), by);
  };
  replace("slots: 20", "slots: 200");
  replace("mtu_bytes: 1500", "mtu_bytes: 1500\n  loss_percent: " + percent);
  // Code rate 0.37, so that a symbol or two can be done without.
  replace("mcs: 10\n", "mcs: 5\n");
  replace("mcs: 9\n", "mcs: 5\n");
  replace("{ports: [0]}", "{ports: [0], additional_positions: 1}");
  replace("{ports: [1]}", "{ports: [1], additional_positions: 1}");
  auto scenario = apps::parse_scenario_file(yaml, "lossy.yaml");
  REQUIRE_MESSAGE(scenario, scenario.failure().text());
  return scenario.value();
}

struct outcome {
  std::int64_t nof_sent = 0;
  std::int64_t nof_decoded = 0;
  std::int64_t nof_lost_frames = 0;
  std::int64_t nof_incomplete = 0;
};

/// Scenario to packets in a file to transport blocks.
outcome replay_with_loss(const std::string& percent)
{
  const fs::path folder = fs::temp_directory_path() / ("pado_loss_" + std::to_string(::getpid()));
  fs::create_directories(folder);
  apps::generate_options made;
  made.output = (folder / "a.pcap").string();
  made.nof_workers = 2;
  const auto summary = apps::generate(lossy_scenario(percent), made);
  REQUIRE_MESSAGE(summary, summary.failure().text());
  apps::replay_options options;
  options.input = made.output;
  options.cell = (folder / "cell.yaml").string();
  options.schedule = (folder / "slots.jsonl").string();
  options.nof_workers = 2;
  options.is_checked = true;
  const steady_clock time;
  auto opened = apps::replay_session::open(options, time);
  REQUIRE_MESSAGE(opened, opened.failure().text());
  auto session = std::move(opened).value();
  const auto failure =
      session->run([](const slot_report&, const pipeline::decision_loop::decision&) {}, [] { return false; });
  CHECK_FALSE(failure);
  const outcome out = {session->check().nof_compared(),
                       session->check().nof_equal(),
                       summary.value().nof_lost_frames,
                       session->stats().nof_incomplete};
  session.reset();
  fs::remove_all(folder);
  return out;
}

} // namespace

TEST_CASE("replay: of a capture that lost 5 % of its packets every block is decoded that the rest can carry")
{
  const outcome none = replay_with_loss("0");
  CHECK(none.nof_sent == 120);
  CHECK(none.nof_decoded == 120);
  const outcome some = replay_with_loss("5");
  CHECK(some.nof_lost_frames > 30); // of 40 slots x 28 messages
  CHECK(some.nof_incomplete > 20);
  CHECK(some.nof_sent == 120);
  MESSAGE("decoded " << some.nof_decoded << " of " << some.nof_sent << ", " << some.nof_lost_frames
                     << " messages lost");
  // Two UEs on the PRBs of two ports cannot do without one on both DM-RS symbols, which 0.5 % of slots have.
  CHECK(some.nof_decoded >= 117);
}
