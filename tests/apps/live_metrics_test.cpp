// SPDX-License-Identifier: Apache-2.0
#include "apps/live_json.h"
#include "apps/live_metrics.h"
#include "tests/apps/exposition.h"
#include "tests/apps/known_status.h"
#include <doctest/doctest.h>

using namespace pado::apps; // NOLINT(google-build-using-namespace)
using pado::test::known_status;

TEST_CASE("live_metrics: the text follows the format of Prometheus and equals the status")
{
  std::string why;
  const auto metrics = pado::test::read_exposition(live_metrics(known_status()), why);
  REQUIRE_MESSAGE(metrics, why);
  const live_status status = known_status();
  CHECK(metrics->at("pado_packets_dropped_total{what=\"messages\",reason=\"late\"}") == 103);
  CHECK(metrics->at("pado_state{state=\"running\"}") == 1);
  CHECK(metrics->at("pado_info{backend=\"cpu\",port=\"udp:192.168.1.20:44000, \\\"lab\\\" <b>\"}") == 1);
  CHECK(metrics->at("pado_port_bytes_total{event=\"received\"}") == 85993600000.0);
  CHECK(metrics->at(
            "pado_flow_window_total{cell=\"0\",eaxc=\"2\",port=\"2\",channel=\"pusch\",verdict=\"late\"}") ==
        103);
  CHECK(metrics->at("pado_cell_slots_total{cell=\"0\",name=\"lab\",result=\"incomplete\"}") == 29);
  CHECK(metrics->at("pado_cell_transport_blocks_total{cell=\"0\",name=\"lab\",crc=\"ok\"}") == 14384);
  CHECK(metrics->at("pado_ue_transport_blocks_total{cell=\"0\",rnti=\"0x4602\",crc=\"failed\"}") == 494);
  CHECK(metrics->at("pado_cell_dtx_total{cell=\"0\",name=\"lab\"}") == 31);
  CHECK(metrics->at("pado_ue_dtx_total{cell=\"0\",rnti=\"0x4602\"}") == 9);
  CHECK(metrics->at("pado_cell_plans_total{cell=\"0\",name=\"lab\",result=\"late\"}") == 4);
  CHECK(metrics->at("pado_cell_plans_total{cell=\"0\",name=\"lab\",result=\"lost\"}") == 5);
  CHECK(metrics->at("pado_cell_reports_lost_total{cell=\"0\",name=\"lab\"}") == 6);
  CHECK(metrics->at("pado_cell_slots_skipped_total{cell=\"0\",name=\"lab\",thread=\"slot\"}") == 7);
  CHECK(metrics->at("pado_poller_cycle_max_seconds{cell=\"0\",name=\"lab\"}") == doctest::Approx(1.5e-3));
  CHECK(metrics->at("pado_poller_long_cycles_total{cell=\"0\",name=\"lab\"}") == 8);
  CHECK(metrics->at("pado_ue_sinr_db{cell=\"0\",rnti=\"0x4601\"}") == doctest::Approx(24.1));
  CHECK(metrics->at("pado_ue_ta_seconds{cell=\"0\",rnti=\"0x4601\"}") == doctest::Approx(0.31e-6));
  CHECK(metrics->at("process_resident_memory_bytes") == 210000000);
  for (const law_status& law : status.laws) { // the law, in what a monitoring system sees
    const std::string what = "{what=\"" + law.what + "\"";
    double dropped = 0;
    for (const auto& [reason, count] : law.dropped) {
      dropped += metrics->at("pado_packets_dropped_total" + what + ",reason=\"" + reason + "\"}");
    }
    CHECK(metrics->at("pado_packets_received_total" + what + "}") ==
          metrics->at("pado_packets_accepted_total" + what + "}") + dropped);
  }
}

TEST_CASE("live_metrics: histograms are cumulative and exact")
{
  std::string why;
  const auto metrics = pado::test::read_exposition(live_metrics(known_status()), why);
  REQUIRE_MESSAGE(metrics, why);
  const histogram_status latency = known_status().latencies[3];
  CHECK(metrics->types.at("pado_duration_seconds") == "histogram");
  CHECK(metrics->at("pado_duration_seconds_count{span=\"ldpc_decode\"}") == 1000);
  CHECK(metrics->at("pado_duration_seconds_bucket{span=\"ldpc_decode\",le=\"+Inf\"}") == 1000);
  CHECK(metrics->at("pado_duration_seconds_sum{span=\"ldpc_decode\"}") ==
        doctest::Approx(static_cast<double>(latency.sum_ns) / 1e9));
  CHECK(metrics->at("pado_duration_seconds_bucket{span=\"ldpc_decode\",le=\"1.023e-06\"}") == 0);
  // 90 us + 45 ns * i is below 98.304 us for i up to 184.
  CHECK(metrics->at("pado_duration_seconds_bucket{span=\"ldpc_decode\",le=\"9.8303e-05\"}") == 185);
  double before = 0, nof_buckets = 0;
  std::map<double, double> buckets;
  const std::string head = "pado_duration_seconds_bucket{span=\"ldpc_decode\",le=\"";
  for (const auto& [name, count] : metrics->samples) {
    if (name.rfind(head, 0) == 0) {
      buckets[std::strtod(name.c_str() + head.size(), nullptr)] = count;
    }
  }
  for (const auto& [bound, count] : buckets) {
    CHECK(count >= before);
    before = count;
    ++nof_buckets;
  }
  CHECK(nof_buckets == 43);
  const std::string flow = "{cell=\"0\",eaxc=\"2\",port=\"2\",channel=\"pusch\"";
  CHECK(metrics->at("pado_flow_arrival_seconds_bucket" + flow + ",le=\"0.0003\"}") + 103 ==
        metrics->at("pado_flow_arrival_seconds_count" + flow + "}"));
  CHECK(metrics->at("pado_flow_window_seconds" + flow + ",edge=\"end\"}") == doctest::Approx(230e-6));
}

TEST_CASE("live_json: what no pado sent is refused or bounded")
{
  CHECK(!parse_live_json(""));
  CHECK(!parse_live_json("[1,2]"));
  CHECK(!parse_live_json("{\"ues\":[]}"));
  const auto odd =
      parse_live_json(R"({"state":"\u001b[2J","ues":[7,{"rnti":-1,"sinr_db":1e300,"mcs_index":1e9}],
    "grants":[{"rb_start":-5,"rb_size":99999,"state":"?","sfn":4096}],"flows":{"a":1},"now_ns":-3})");
  REQUIRE(odd);
  CHECK(odd.value().state == "?[2J"); // an escape sequence would move the cursor of pado top
  REQUIRE(odd.value().ues.size() == 2);
  CHECK(odd.value().ues[1].rnti == 0);
  CHECK(odd.value().grants[0].prbs == pado::prb_range{0, 275});
  CHECK(odd.value().grants[0].slot.sfn == 1023);
  CHECK(odd.value().now_ns == 0);
}
