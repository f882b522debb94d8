// SPDX-License-Identifier: Apache-2.0
#include "io/assembly/flow_table.h"

namespace pado::io {

flow_table::flow_table(const std::vector<cell_config>& cells) : first_(65536, none)
{
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const cell_config& cell = cells[i];
    filters_.push_back({cell.vlan, cell.ru});
    flow_counters flow;
    flow.cell = static_cast<std::int32_t>(i);
    flow.timing = arrival_histogram(cell.window.value_or(rx_window{}));
    for (const flow_config* kind : {&cell.pusch, &cell.prach}) {
      flow.is_prach = kind == &cell.prach;
      for (std::size_t port = 0; port < kind->eaxc.size(); ++port) {
        flow.port = static_cast<std::int32_t>(port);
        flow.eaxc = kind->eaxc[port];
        add(flow);
      }
    }
  }
  sequences_.resize(counters_.size());
}

void flow_table::add(const flow_counters& flow)
{
  std::size_t shared = counters_.size();
  for (std::int32_t other = first_[flow.eaxc]; other != none;
       other = next_[static_cast<std::size_t>(other)]) {
    const auto at = static_cast<std::size_t>(other);
    shared = counters_[at].cell == flow.cell ? shared_[at] : shared;
  }
  shared_.push_back(shared);
  next_.push_back(first_[flow.eaxc]);
  first_[flow.eaxc] = static_cast<std::int32_t>(counters_.size());
  counters_.push_back(flow);
}

void flow_table::set_window(std::int32_t cell, const rx_window& window) noexcept
{
  for (flow_counters& flow : counters_) {
    if (flow.cell == cell) {
      flow.timing.restart(window);
    }
  }
}

drop flow_table::stops(std::size_t cell, const link_frame* link, sender by) const noexcept
{
  const filter& wanted = filters_[cell];
  if (link == nullptr) {
    return wanted.vlan || wanted.ru ? drop(drop_reason::unknown_flow) : drop();
  }
  if (wanted.vlan && *wanted.vlan != link->vlan) {
    return drop_reason::wrong_vlan;
  }
  const mac_address& ru = by == sender::ru ? link->source : link->destination;
  return wanted.ru && *wanted.ru != ru ? drop(drop_reason::wrong_mac) : drop();
}

flow_table::match flow_table::find(std::uint16_t eaxc, const link_frame* link, sender by) const noexcept
{
  match found;
  for (std::int32_t flow = first_[eaxc]; flow != none; flow = next_[static_cast<std::size_t>(flow)]) {
    const flow_counters& counters = counters_[static_cast<std::size_t>(flow)];
    const drop why = stops(static_cast<std::size_t>(counters.cell), link, by);
    if (!why.has_value()) {
      (counters.is_prach ? found.prach : found.pusch) = flow;
    } else if (found.why != drop_reason::wrong_mac) { // of several cells the one that comes nearest
      found.why = *why;
    }
  }
  return found;
}

flow_counters::plane_counters& flow_table::plane_of(std::int32_t flow, stream of) noexcept
{
  flow_counters& own = counters(flow);
  return of == stream::user             ? own.user
         : of == stream::control_uplink ? own.control_uplink
                                        : own.control_downlink;
}

void flow_table::see_sequence(std::int32_t flow, stream of, std::uint8_t sequence) noexcept
{
  const std::size_t shared = shared_[static_cast<std::size_t>(flow)];
  sequence_tracker& tracker = sequences_[shared][static_cast<std::size_t>(of)];
  flow_counters::plane_counters& own = plane_of(flow, of);
  own.messages.add();
  const std::uint64_t lost_before = tracker.nof_lost();
  const sequence_tracker::event event = tracker.see(sequence);
  own.lost.add(tracker.nof_lost() - lost_before);
  if (event == sequence_tracker::event::reordered) {
    own.reordered.add();
  } else if (event == sequence_tracker::event::repeated) {
    own.repeated.add();
  }
}

void flow_table::close_sequences() noexcept
{
  for (std::size_t flow = 0; flow < sequences_.size(); ++flow) {
    for (const stream of : {stream::user, stream::control_uplink, stream::control_downlink}) {
      sequence_tracker& tracker = sequences_[flow][static_cast<std::size_t>(of)];
      const std::uint64_t lost_before = tracker.nof_lost();
      tracker.close();
      plane_of(static_cast<std::int32_t>(flow), of).lost.add(tracker.nof_lost() - lost_before);
    }
  }
}

} // namespace pado::io
