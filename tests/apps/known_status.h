// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/live_histogram.h"
#include "apps/live_status.h"
#include "core/histogram.h"
#include <cmath>
#include <cstdint>
#include <string>

namespace pado::test {

inline constexpr std::int64_t known_start_ns = 1700000000000000000;

/// 1000 durations from `least_ns` on, a long tail among them.
inline apps::histogram_status known_latency(const std::string& name, std::int64_t least_ns)
{
  duration_histogram times;
  for (int i = 0; i < 1000; ++i) {
    times.add(least_ns + least_ns * i / 2000 + (i > 985 ? least_ns * (i - 985) / 4 : 0));
  }
  return apps::status_of(name, times);
}

inline apps::flow_status known_flow(std::int32_t port, std::uint64_t late)
{
  apps::flow_status flow;
  flow.port = port;
  flow.eaxc = static_cast<std::uint16_t>(port);
  flow.on_time = 347000 - late;
  flow.early = 2;
  flow.late = late;
  flow.messages = flow.on_time + flow.early + flow.late;
  flow.lost = 12;
  flow.window_begin_us = 70;
  flow.window_end_us = 230;
  flow.bin_us = 10;
  const int nof_bins = 32;
  for (int i = 0; i < nof_bins; ++i) { // a bell before the middle of the window
    const double distance = (i - 12 - port) / 2.5;
    flow.arrivals.push_back(static_cast<std::uint64_t>(60000.0 * std::exp(-distance * distance)));
  }
  flow.arrivals.back() = late;
  flow.arrivals.front() = 2;
  return flow;
}

inline apps::ue_status known_ue(std::uint16_t rnti, float sinr_db, std::int32_t mcs, std::uint64_t failed)
{
  apps::ue_status ue;
  ue.rnti = rnti;
  ue.nof_tb = 4960;
  ue.nof_tb_failed = failed;
  ue.nof_dtx = 9;
  ue.nof_tb_recent = 200;
  ue.nof_tb_recent_failed = failed / 25;
  ue.sinr_db = sinr_db;
  ue.ta_us = 0.31F;
  ue.cfo_hz = -88.0F;
  ue.mcs_index = mcs;
  ue.mcs_table = 1;
  ue.nof_layers = sinr_db > 20.0F ? 2 : 1;
  ue.throughput_mbps = 5.6F * static_cast<float>(mcs);
  return ue;
}

/// 64 uplink slots of DDDDDDDSUU at 30 kHz with three UEs that share the band.
inline void add_known_grants(apps::live_status& status)
{
  using outcome = apps::grant_status::outcome;
  for (int i = 0; i < 64; ++i) {
    const slot_id slot = advance({496, 18}, 10 * (i / 2) + i % 2, numerology{1});
    const std::int32_t split = 90 + 3 * (i % 20);
    const auto add = [&](std::uint16_t rnti, std::int32_t begin, std::int32_t end, outcome state) {
      status.grants.push_back({0, slot, rnti, {begin, end}, i >= 62 ? outcome::waiting : state});
    };
    add(0x4601, 0, split, outcome::decoded);
    add(0x4602, split, 220, i % 10 == 3 ? outcome::failed : outcome::decoded);
    if (i % 4 != 0) {
      add(0x4603, 224, 273, i % 16 == 5 ? outcome::not_received : outcome::decoded);
    }
  }
}

/// What a pado that runs for `seconds` would show; counts grow with the time.
inline apps::live_status known_status(std::int64_t seconds = 100)
{
  const auto grown = [&](std::uint64_t a_second) { return a_second * static_cast<std::uint64_t>(seconds); };
  apps::live_status status;
  status.started_ns = known_start_ns;
  status.now_ns = known_start_ns + seconds * 1000000000;
  status.state = "running";
  status.backend = "cpu";
  status.port = "udp:192.168.1.20:44000, \"lab\" <b>";
  status.port_counts = {{"received", grown(112000)}, {"received_bytes", grown(859936000)}, {"lost", 7}};
  status.laws = {{"frames", grown(112000), grown(112000) - 15, {{"short_frame", 0}, {"unknown_flow", 15}}},
                 {"messages", grown(112000), grown(112000) - 110, {{"late", 103}, {"duplicate", 7}}}};
  for (std::int32_t port = 0; port < 4; ++port) {
    status.flows.push_back(known_flow(port, port == 2 ? 103 : 0));
  }
  apps::live_status::cell_status cell;
  cell.name = "lab";
  cell.now = {512, 8};
  cell.nof_prb = 273;
  cell.slots_complete = grown(400) - 29;
  cell.slots_incomplete = 29;
  cell.slots_without_data = 3;
  cell.slots_decoded = grown(400);
  cell.deadline_misses = 2;
  cell.nof_tb = 14880;
  cell.nof_tb_failed = 496;
  cell.cplane_sent = grown(1600);
  cell.cplane_late = 1;
  cell.advice_used = 14800;
  cell.advice_fallback = 80;
  cell.nof_dtx = 31;
  cell.plans = grown(400);
  cell.plans_late = 4;
  cell.plans_lost = 5;
  cell.reports_lost = 6;
  cell.slots_undecided = 7;
  cell.max_cycle_ns = 1500000;
  cell.cycles_over_slot = 8;
  status.cells = {cell};
  status.latencies = {known_latency("air_to_report", 180000),
                      known_latency("front_end", 38000),
                      known_latency("channel_estimate", 61000),
                      known_latency("ldpc_decode", 90000)};
  status.ues = {
      known_ue(0x4601, 24.1F, 27, 2), known_ue(0x4602, 9.8F, 14, 494), known_ue(0x4603, 14.0F, 19, 0)};
  add_known_grants(status);
  status.rss_bytes = 210000000;
  return status;
}

} // namespace pado::test
