// SPDX-License-Identifier: Apache-2.0
#include "apps/run_status.h"
#include "apps/flow_status.h"
#include "apps/live_histogram.h"
#include <algorithm>
#include <cstdio>
#include <memory>
#include <unistd.h>

namespace pado::apps {

namespace {

law_status law_of(const char* what, const io::rx_counters& counters)
{
  law_status law;
  law.what = what;
  law.accepted = counters.accepted.value();
  // Summed from the parts, not read: between two reads of a running receiver more may have come.
  law.received = law.accepted;
  for (std::size_t i = 0; i < io::nof_drop_reasons; ++i) {
    const std::uint64_t count = counters.dropped[i].value();
    law.dropped.emplace_back(io::name_of(static_cast<io::drop_reason>(i)), count);
    law.received += count;
  }
  return law;
}

std::uint64_t resident_bytes()
{
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "r"),
                                                             &std::fclose);
  unsigned long long total = 0;
  unsigned long long resident = 0;
  if (!file || std::fscanf(file.get(), "%llu %llu", &total, &resident) != 2) {
    return 0;
  }
  return resident * static_cast<unsigned long long>(sysconf(_SC_PAGESIZE));
}

live_status::cell_status cell_of(const run_receiver& receiver, std::size_t cell)
{
  live_status::cell_status out;
  const pipeline::live_cell_counters& slots = receiver.counters(cell);
  const pipeline::cplane_counters& cplane = receiver.poller().cplane(cell);
  out.slots_decoded = slots.decoded.value();
  out.slots_without_data = slots.not_received.value();
  out.slots_shed = slots.shed.value();
  out.deadline_misses = slots.deadline_misses.value();
  out.nof_tb = slots.tb.value();
  out.nof_tb_failed = slots.tb_failed.value();
  out.nof_dtx = slots.dtx.value();
  out.cplane_sent = cplane.sent.value();
  out.cplane_late = cplane.late.value();
  out.advice_used = slots.advice_used.value();
  out.advice_fallback = slots.advice_fallback.value();
  const pipeline::poller_counters& poller = receiver.poller().counters(cell);
  const std::uint64_t nof_orders_lost = poller.orders_lost.value();
  out.plans = std::max(poller.plans.value(), nof_orders_lost) - nof_orders_lost;
  out.plans_late = poller.plans_late.value();
  out.plans_early = poller.plans_early.value();
  out.plans_twice = poller.plans_twice.value();
  out.plans_lost = nof_orders_lost + slots.grants_lost.value();
  out.slots_unpolled = poller.slots_skipped.value();
  out.slots_undecided = slots.slots_skipped.value();
  out.reports_lost = receiver.nof_reports_lost(cell);
  out.max_cycle_ns = static_cast<std::int64_t>(poller.max_cycle_ns.value());
  out.cycles_over_slot = poller.cycles_over_slot.value();
  out.slots_complete = slots.complete.value();
  out.slots_incomplete = slots.incomplete.value();
  return out;
}

} // namespace

live_status status_of(const run_receiver& receiver, const io::port& link)
{
  live_status out;
  out.port = link.describe();
  const io::port_counters& port = link.counters();
  out.port_counts = {{"received", port.received.value()},
                     {"received_bytes", port.received_bytes.value()},
                     {"cut", port.cut.value()},
                     {"lost", port.lost.value()},
                     {"sent", port.sent.value()},
                     {"sent_bytes", port.sent_bytes.value()},
                     {"unsent", port.unsent.value()}};
  const io::assembler_counters& all = receiver.assembler().counters();
  out.laws = {
      law_of("frames", all.frames), law_of("messages", all.messages), law_of("sections", all.sections)};
  for (const io::flow_counters& flow : receiver.assembler().flows()) {
    out.flows.push_back(status_of(flow));
  }
  const std::size_t nof_cells = receiver.config().cells.size();
  for (std::size_t cell = 0; cell < nof_cells; ++cell) {
    out.cells.push_back(cell_of(receiver, cell));
  }
  const auto add = [&](const char* name, const auto& pick) {
    duration_histogram of_all_cells;
    for (std::size_t cell = 0; cell < nof_cells; ++cell) {
      of_all_cells.add_all(pick(receiver.counters(cell)));
    }
    out.latencies.push_back(status_of(name, of_all_cells));
  };
  add("air_to_report",
      [](const pipeline::live_cell_counters& c) -> const duration_histogram& { return c.air_to_report; });
  for (std::size_t stage = 0; stage < nof_stages; ++stage) {
    add(name_of(static_cast<stage_id>(stage)),
        [stage](const pipeline::live_cell_counters& c) -> const duration_histogram& {
          return c.stages[stage];
        });
  }
  out.rss_bytes = resident_bytes();
  return out;
}

} // namespace pado::apps
