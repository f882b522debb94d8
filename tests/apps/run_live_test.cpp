// SPDX-License-Identifier: Apache-2.0
// ctest: net
#include "apps/commands.h"
#include "apps/http_get.h"
#include "apps/live_json.h"
#include "tests/apps/exposition.h"
#include "tests/support/free_port.h"
#include "tests/support/temporary_folder.h"
#include <CLI/CLI.hpp>
#include <chrono>
#include <doctest/doctest.h>
#include <fstream>
#include <numeric>
#include <sstream>
#include <thread>
#include <unistd.h>

using namespace pado::apps; // NOLINT(google-build-using-namespace)

namespace {

constexpr std::int64_t timeout_ns = 10'000'000'000;

/// The scenario of the demo with a window for a loaded machine.
std::string write_scenario(const pado::test::temporary_folder& folder)
{
  std::ifstream in(PADO_SOURCE_DIR "/testvectors/scenarios/live_20mhz.yaml");
  std::ostringstream text;
  text << in.rdbuf();
  std::string scenario = text.str();
  const std::string window = "window_us: [0, 4000]";
  const std::size_t at = scenario.find(window);
  REQUIRE(at != std::string::npos);
  scenario.replace(at, window.size(), "window_us: [0, 20000]");
  return folder.write("live.yaml", scenario);
}

std::string get(std::uint16_t port, const std::string& target)
{
  const auto body = http_get("127.0.0.1", port, target, timeout_ns);
  return body ? body.value() : "";
}

/// The status once so many slots are decoded, or the last one after 30 s.
live_status status_after(std::uint16_t port, std::uint64_t nof_slots)
{
  live_status status;
  for (int tries = 0; tries < 300; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const auto read = parse_live_json(get(port, "/status"));
    status = read ? read.value() : status;
    if (!status.cells.empty() && status.cells[0].slots_decoded >= nof_slots) {
      break;
    }
  }
  return status;
}

void check_law(const pado::test::exposition& metrics, const law_status& law)
{
  const std::string what = "{what=\"" + law.what + "\"";
  double dropped = 0;
  for (const auto& [reason, count] : law.dropped) {
    dropped += metrics.at("pado_packets_dropped_total" + what + ",reason=\"" + reason + "\"}");
  }
  CAPTURE(law.what);
  CHECK(metrics.at("pado_packets_received_total" + what + "}") > 0);
  CHECK(metrics.at("pado_packets_received_total" + what + "}") ==
        metrics.at("pado_packets_accepted_total" + what + "}") + dropped);
}

} // namespace

TEST_CASE("run: metrics, health, page and status of a live receiver show what it does")
{
  const pado::test::temporary_folder folder;
  const std::uint16_t port = pado::test::free_port(SOCK_STREAM);
  int exit_code = -1;
  std::thread running([&] {
    CLI::App app("test", "pado");
    add_run_command(app, exit_code);
    app.parse("run --ru " + write_scenario(folder) + " --metrics " + std::to_string(port) +
                  " --page --seconds 8 --quiet",
              false);
  });
  const live_status status = status_after(port, 50);
  const std::string text = get(port, "/metrics");
  const std::string health = get(port, "/health");
  const std::string page = get(port, "/");
  running.join();
  CHECK(exit_code == exit_done);

  REQUIRE(status.cells.size() == 1);
  CHECK(status.state == "running");
  CHECK(status.cells[0].slots_decoded >= 50);
  CHECK(status.cells[0].nof_tb > status.cells[0].nof_tb_failed);
  CHECK(!status.ues.empty());
  CHECK(!status.grants.empty());
  REQUIRE(!status.flows.empty());
  for (const flow_status& flow : status.flows) {
    // Packets come while the counts are read, arrivals last.
    CHECK(flow.on_time + flow.early + flow.late > 0);
    CHECK(std::accumulate(flow.arrivals.begin(), flow.arrivals.end(), std::uint64_t{0}) >=
          flow.on_time + flow.early + flow.late);
  }
  std::string why;
  const auto metrics = pado::test::read_exposition(text, why);
  REQUIRE_MESSAGE(metrics, why);
  for (const law_status& law : status.laws) {
    check_law(*metrics, law);
  }
  CHECK(metrics->at("pado_state{state=\"running\"}") == 1);
  CHECK(metrics->at("pado_duration_seconds_count{span=\"air_to_report\"}") > 0);
  CHECK(health.find("\"healthy\":true") != std::string::npos); // 503 gives no body here
  CHECK(page.find("<html") != std::string::npos);
  CHECK(page.find("\"state\":\"running\"") != std::string::npos);
}
