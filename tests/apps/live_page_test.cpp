// SPDX-License-Identifier: Apache-2.0
// ctest: net
#include "apps/live_server.h"
#include "apps/page/page.h"
#include "tests/apps/browser.h"
#include "tests/apps/known_status.h"
#include <atomic>
#include <cstdlib>
#include <doctest/doctest.h>
#include <sstream>

using namespace pado::apps; // NOLINT(google-build-using-namespace)
using namespace pado::test; // NOLINT(google-build-using-namespace)

TEST_CASE("live_page: a browser shows the values of the status, and fresh ones come over the WebSocket")
{
  const std::string program = browser();
  if (program.empty()) {
    MESSAGE("skipped: no chromium on this machine (scripts/setup installs it where there is one)");
    return;
  }
  std::atomic<std::int64_t> now_s = 100;
  live_server_config config;
  config.content.has_page = true;
  config.refresh_ns = 200 * 1000000;
  auto opened = live_server::open(config, [&] { return known_status(now_s++); });
  REQUIRE(opened);
  std::string document, complaints;
  // The browser's time runs ahead of ours on a busy machine: no message may have come in its three seconds.
  for (int tries = 0;
       tries < 5 && std::atoi(attribute_of(tag_with(document, {"<body"}), "data-messages").c_str()) < 2;
       ++tries) {
    document = document_of(program, opened.value()->url(), complaints);
  }
  CHECK(complaints == ""); // a breach of the policy or an error of a script
  CHECK(std::atoi(attribute_of(tag_with(document, {"<body"}), "data-messages").c_str()) >= 2);
  CHECK(attribute_of(tag_with(document, {"id=\"banner\""}), "hidden") == "");
  CHECK(document.find("udp:192.168.1.20:44000, \"lab\" &lt;b&gt; | lab 512.8, 273 PRB") != std::string::npos);

  CHECK(value_at(document, {"data-metric=\"dropped\"", "data-what=\"messages\"", "data-reason=\"late\""}) ==
        "103");
  CHECK(value_at(document,
                 {"data-metric=\"dropped\"", "data-what=\"frames\"", "data-reason=\"unknown_flow\""}) ==
        "15");
  CHECK(value_at(document, {"data-metric=\"deadline_misses\""}) == "2");
  CHECK(value_at(document, {"data-metric=\"tb_ok\""}) == "14384");
  CHECK(value_at(document, {"data-metric=\"sinr_db\"", "data-rnti=\"0x4601\""}) == "24.1");
  CHECK(value_at(document, {"data-metric=\"mcs_index\"", "data-rnti=\"0x4602\""}) == "14");
  CHECK(value_at(document, {"data-metric=\"bler\"", "data-rnti=\"0x4602\""}) == "9.5");
  const live_status status = known_status();
  std::ostringstream p99;
  p99 << static_cast<double>(status.latencies[3].p99_ns) / 1000.0;
  CHECK(value_at(document, {"data-span=\"ldpc_decode\"", "data-quantile=\"p99\""}).rfind(p99.str(), 0) == 0);
  CHECK(value_at(document, {"data-metric=\"grants\"", "data-state=\"failed\""}) == "6");
  CHECK(attribute_of(tag_with(document, {"data-eaxc=\"2\""}), "data-late") == "103");
  std::string arrivals;
  for (const std::uint64_t n : status.flows[2].arrivals) {
    arrivals += (arrivals.empty() ? "" : " ") + std::to_string(n);
  }
  CHECK(attribute_of(tag_with(document, {"data-eaxc=\"2\""}), "data-arrivals") == arrivals);

  // Chart.js sets the size of what it draws on; without it the page says so.
  const bool is_drawn =
      attribute_of(tag_with(document, {"id=\"sinr-chart\""}), "style").find("block") != std::string::npos;
  CHECK(is_drawn == has_chart_js());
  CHECK((attribute_of(tag_with(document, {"id=\"no-charts\""}), "hidden") == "") == has_chart_js());
}
