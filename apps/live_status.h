// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot.h"
#include "core/slot_report.h"
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pado::apps {

/// A duration_histogram at one moment.
struct histogram_status {
  std::string name; ///< "ldpc_decode", "air_to_report"
  std::uint64_t count = 0;
  std::uint64_t sum_ns = 0;
  std::int64_t p50_ns = 0, p99_ns = 0, p999_ns = 0, max_ns = 0;
  std::vector<std::uint64_t> bins; ///< of duration_histogram
};

/// One eAxC of one cell. Names as in io::flow_counters.
struct flow_status {
  std::int32_t cell = 0;
  std::int32_t port = 0;
  std::uint16_t eaxc = 0;
  bool is_prach = false;
  std::uint64_t messages = 0, lost = 0, reordered = 0, repeated = 0, corrupt = 0;
  std::uint64_t on_time = 0, early = 0, late = 0, duplicate = 0;
  /// Arrival against the reception window: 8 bins before it, at most 16 inside (the last may be short), and 8
  /// bins behind it.
  std::int32_t window_begin_us = 0, window_end_us = 0;
  std::int32_t bin_us = 0;
  std::vector<std::uint64_t> arrivals; ///< the first and the last bin hold all that is further out
  /// From the origin of the window; least and greatest are exact.
  std::int64_t arrival_least_ns = 0, arrival_p50_ns = 0, arrival_p99_ns = 0, arrival_greatest_ns = 0;
};

/// One count by reason: received == accepted + sum(dropped).
struct law_status {
  std::string what; ///< "frames", "messages", "sections"
  std::uint64_t received = 0, accepted = 0;
  std::vector<std::pair<std::string, std::uint64_t>> dropped; ///< every reason, zeros too
};

/// One UE since the start.
struct ue_status {
  std::int32_t cell = 0;
  std::uint16_t rnti = 0;
  std::uint64_t nof_tb = 0, nof_tb_failed = 0;               ///< all transmissions
  std::uint64_t nof_dtx = 0;                                 ///< grants in whose slot nothing was sent
  std::uint64_t nof_tb_recent = 0, nof_tb_recent_failed = 0; ///< of the last second
  float sinr_db = 0.0F;                                      ///< of the last PUSCH, like the following
  float ta_us = 0.0F, cfo_hz = 0.0F;
  std::int32_t mcs_index = 0, mcs_table = 0, nof_layers = 0;
  float throughput_mbps = 0.0F; ///< delivered in the last second
};

/// A grant and what became of it.
struct grant_status {
  std::int32_t cell = 0;
  slot_id slot;
  std::uint16_t rnti = 0;
  prb_range prbs;
  enum class outcome : std::uint8_t { waiting, decoded, failed, not_received } state = outcome::waiting;
};

/// Everything that `pado run` tells about itself at one moment: the source of metrics, `pado top` and the
/// page. Plain values; made once a second or when asked, by the control thread, out of counters of the other
/// threads.
struct live_status {
  std::int64_t now_ns = 0; ///< system clock
  std::int64_t started_ns = 0;
  std::string state;   ///< "starting", "running", "stopping", "faulted"
  std::string backend; ///< "cpu", "cuda"
  std::string port;    ///< what port::describe() says
  std::vector<std::pair<std::string, std::uint64_t>> port_counts; ///< names of io::port_counters
  std::vector<law_status> laws;
  std::vector<flow_status> flows;

  struct cell_status {
    std::string name;
    slot_id now; ///< on air
    std::int32_t nof_prb = 0;
    std::uint64_t slots_complete = 0, slots_incomplete = 0, slots_without_data = 0, slots_shed = 0;
    std::uint64_t slots_decoded = 0, deadline_misses = 0;
    std::uint64_t nof_tb = 0, nof_tb_failed = 0, nof_dtx = 0;
    std::uint64_t cplane_sent = 0, cplane_late = 0; ///< late: not sent, its window was over
    std::uint64_t advice_used = 0, advice_fallback = 0;
    /// What became of plans (a slot's grants): given to the slot thread, refused, or lost between threads.
    std::uint64_t plans = 0, plans_late = 0, plans_early = 0, plans_twice = 0, plans_lost = 0;
    std::uint64_t slots_unpolled = 0;  ///< the polling thread was away for longer than it looks back
    std::uint64_t slots_undecided = 0; ///< so was the slot thread, and nothing was granted
    std::uint64_t reports_lost = 0;    ///< decoded, but the control thread held too many reports
    std::int64_t max_cycle_ns = 0;     ///< longest time between two looks at the ports
    std::uint64_t cycles_over_slot = 0;
  };
  std::vector<cell_status> cells;
  std::vector<histogram_status>
      latencies; ///< "air_to_report" (end of the slot on air to its report) and one a stage
  std::vector<ue_status> ues;
  std::vector<grant_status> grants; ///< of the last 64 uplink slots, oldest first
  std::uint64_t rss_bytes = 0;
};

} // namespace pado::apps
