// SPDX-License-Identifier: Apache-2.0
#include "apps/flow_status.h"
#include <algorithm>

namespace pado::apps {

flow_status status_of(const io::flow_counters& flow)
{
  flow_status out;
  out.cell = flow.cell;
  out.port = flow.port;
  out.eaxc = flow.eaxc;
  out.is_prach = flow.is_prach;
  out.messages = flow.user.messages.value();
  out.lost = flow.user.lost.value();
  out.reordered = flow.user.reordered.value();
  out.repeated = flow.user.repeated.value();
  out.corrupt = flow.user.corrupt.value();
  out.duplicate = flow.duplicate.value();
  if (flow.timing.begin_ns() >= flow.timing.end_ns()) {
    return out;
  }
  out.on_time = flow.on_time.value();
  out.early = flow.early.value();
  out.late = flow.late.value();
  out.window_begin_us = static_cast<std::int32_t>(flow.timing.begin_ns() / 1000);
  out.window_end_us = static_cast<std::int32_t>(flow.timing.end_ns() / 1000);
  out.bin_us = static_cast<std::int32_t>(flow.timing.coarse_ns() / 1000);
  for (std::size_t bin = 0; bin < flow.timing.nof_coarse(); ++bin) {
    out.arrivals.push_back(flow.timing.coarse_bin(bin));
  }
  out.arrival_least_ns = flow.timing.least_ns();
  out.arrival_p50_ns = flow.timing.quantile_ns(0.5);
  out.arrival_p99_ns = flow.timing.quantile_ns(0.99);
  out.arrival_greatest_ns = flow.timing.greatest_ns();
  return out;
}

std::string arrival_line(const flow_status& flow)
{
  constexpr std::string_view levels = " .:-=+*#%@";
  constexpr std::size_t outside = io::arrival_histogram::nof_coarse_outside;
  const auto greatest = std::max_element(flow.arrivals.begin(), flow.arrivals.end());
  if (greatest == flow.arrivals.end() || *greatest == 0) {
    return "";
  }
  std::string line;
  for (std::size_t bin = 0; bin < flow.arrivals.size(); ++bin) {
    line += bin == outside || bin == flow.arrivals.size() - outside ? "|" : "";
    // Rounded up: a single message is seen.
    const std::uint64_t level = (flow.arrivals[bin] * (levels.size() - 1) + *greatest - 1) / *greatest;
    line += levels[static_cast<std::size_t>(level)];
  }
  return line;
}

} // namespace pado::apps
