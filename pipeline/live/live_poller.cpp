// SPDX-License-Identifier: Apache-2.0
#include "pipeline/live/live_poller.h"
#include <algorithm>
#include <array>

namespace pado::pipeline {

namespace {

constexpr std::size_t max_bursts = 16;         // a flood must not keep slots from being closed
constexpr std::int64_t nof_kept_plans = 256;   // decided ahead of their slot
constexpr std::int64_t nof_ordered_slots = 64; // remembered, so that no slot is ordered twice
constexpr std::int64_t longest_pause_slots = 32;

std::size_t place(std::int64_t slot, std::int64_t size)
{
  return static_cast<std::size_t>(((slot % size) + size) % size);
}

std::int32_t first_symbol(const slot_plan& plan)
{
  std::int32_t first = nof_symbols_per_slot - 1;
  for (const pusch_pdu& pdu : plan.pusch) {
    first = std::min<std::int32_t>(first, pdu.start_symbol);
  }
  return first;
}

} // namespace

struct live_poller::cell_part {
  cell_part(cell_config&& config, std::int32_t own_index, io::framing form)
      : index(own_index), links(config.links), cplane(config.cplane, form), setup(std::move(config.setup)),
        port(config.port), kept(nof_kept_plans, numbered_plan::with_room(config.max_pdus)),
        ordered(nof_ordered_slots, INT64_MIN)
  {
  }

  std::int32_t index;
  poller_links links;
  cplane_sender cplane;
  std::unique_ptr<poller_setup> setup;
  std::size_t port;
  std::vector<numbered_plan> kept;   ///< at slot modulo size
  std::vector<std::int64_t> ordered; ///< at slot modulo size
  std::int64_t next_slot = INT64_MIN;
  std::int64_t air_slot = INT64_MIN;
  poller_counters counters;

  const slot_time& time() const { return cplane.config().time; }
  bool is_ordered(std::int64_t slot) const { return ordered[place(slot, nof_ordered_slots)] == slot; }
};

live_poller::live_poller(io::slot_assembler& assembler,
                         std::vector<io::port*> ports,
                         std::vector<cell_config> cells)
    : assembler_(assembler), ports_(std::move(ports))
{
  for (cell_config& config : cells) {
    const io::framing form = ports_[config.port]->form();
    cells_.push_back(
        std::make_unique<cell_part>(std::move(config), static_cast<std::int32_t>(cells_.size()), form));
    assembler_.set_window(cells_.back()->index, cells_.back()->setup->window);
  }
}

live_poller::~live_poller() = default;

const poller_counters& live_poller::counters(std::size_t cell) const noexcept
{
  return cells_[cell]->counters;
}
const cplane_counters& live_poller::cplane(std::size_t cell) const noexcept
{
  return cells_[cell]->cplane.counters();
}

bool live_poller::poll(std::int64_t now_ns) noexcept
{
  if (last_poll_ns_ != 0) {
    const std::int64_t cycle_ns = now_ns - last_poll_ns_;
    for (const auto& own : cells_) {
      own->counters.max_cycle_ns.raise_to(static_cast<std::uint64_t>(std::max<std::int64_t>(cycle_ns, 0)));
      own->counters.cycles_over_slot.add(cycle_ns > own->time().scs.slot_ns() ? 1 : 0);
    }
  }
  last_poll_ns_ = now_ns;
  for (const auto& own : cells_) {
    advance(*own, now_ns);
  }
  std::size_t nof_frames = 0;
  for (io::port* from : ports_) {
    nof_frames += receive(*from);
  }
  // After what has arrived by now, so that a slot is not closed while its packets wait in the port.
  assembler_.advance_time(now_ns);
  const io::assembler_counters& all = assembler_.counters();
  const std::uint64_t handed_over = all.slots_complete.value() + all.slots_incomplete.value();
  if (handed_over != nof_handed_over_) {
    nof_handed_over_ = handed_over;
    for (const auto& own : cells_) {
      own->links.bell->ring();
    }
  }
  return nof_frames > 0;
}

std::size_t live_poller::receive(io::port& from) noexcept
{
  std::array<io::rx_frame, io::port::max_burst> frames;
  std::size_t sum = 0;
  for (std::size_t burst = 0; burst < max_bursts; ++burst) {
    const std::size_t n = from.poll(frames);
    for (std::size_t i = 0; i < n; ++i) {
      if (from.form() == io::framing::ethernet) {
        assembler_.push(frames[i].bytes, frames[i].arrival_ns);
      } else {
        assembler_.push_pdu(frames[i].bytes, frames[i].arrival_ns);
      }
    }
    from.release(std::span<const io::rx_frame>(frames).first(n));
    sum += n;
    if (n < frames.size()) {
      break;
    }
  }
  return sum;
}

void live_poller::advance(cell_part& own, std::int64_t now_ns) noexcept
{
  if (own.links.setup->take(own.setup)) {
    own.cplane.set_window(own.setup->t1a_max_ns, own.setup->t1a_min_ns);
    assembler_.set_window(own.index, own.setup->window);
  }
  const std::int64_t on_air = own.time().slot_at(now_ns);
  if (own.next_slot == INT64_MIN) {
    own.next_slot = on_air + 2; // its window has not begun for any T1a of up to a slot
  } else if (on_air - own.next_slot > longest_pause_slots) {
    own.counters.slots_skipped.add(static_cast<std::uint64_t>(on_air - own.next_slot));
    own.next_slot = on_air;
  }
  if (is_closing_) {
    own.next_slot = std::max(own.next_slot, on_air + 2); // skipped, however long it takes to end
  } else {
    take_decided(own, now_ns);
  }
  while (!is_closing_ && own.cplane.window_begin_ns(own.next_slot, 0) <= now_ns) {
    begin_slot(own, own.next_slot);
    ++own.next_slot;
  }
  own.cplane.send_due(now_ns, *ports_[own.port]);
  if (on_air > own.air_slot) {
    own.air_slot = on_air;
    own.links.air_slot->raise_to(static_cast<std::uint64_t>(on_air));
    own.links.bell->ring();
  }
}

void live_poller::take_decided(cell_part& own, std::int64_t now_ns) noexcept
{
  while (numbered_plan* next = own.links.decided->pop()) {
    const std::int64_t slot = next->slot;
    numbered_plan& kept = own.kept[place(slot, nof_kept_plans)];
    if (slot >= own.next_slot + nof_kept_plans) {
      own.counters.plans_early.add();
    } else if (slot >= own.next_slot) {
      if (kept.slot == slot) {
        own.counters.plans_twice.add();
      } else {
        kept.slot = slot;
        kept.plan.pusch.swap(next->plan.pusch); // both have room for a slot's PDUs
      }
    } else if (own.is_ordered(slot)) {
      own.counters.plans_twice.add();
    } else if (now_ns <= own.cplane.window_end_ns(slot, first_symbol(next->plan))) {
      order(own, slot, next->plan);
    } else {
      own.counters.plans_late.add();
    }
    own.links.decided->release(next);
  }
}

void live_poller::begin_slot(cell_part& own, std::int64_t slot) noexcept
{
  own.cplane.add_fixed(slot);
  const numbered_plan& kept = own.kept[place(slot, nof_kept_plans)];
  if (kept.slot == slot) {
    order(own, slot, kept.plan);
  } else if (const slot_plan* found = own.setup->table.find(slot)) {
    order(own, slot, *found);
  }
}

void live_poller::order(cell_part& own, std::int64_t slot, const slot_plan& plan) noexcept
{
  own.ordered[place(slot, nof_ordered_slots)] = slot;
  own.counters.plans.add();
  numbered_plan* out = own.links.orders->acquire();
  if (out == nullptr) {
    own.counters.orders_lost.add();
    return;
  }
  out->slot = slot;
  out->plan.cell = own.index;
  out->plan.slot = own.time().id_of(slot);
  out->plan.pusch.assign(plan.pusch.begin(), plan.pusch.end());
  own.links.orders->push(out);
  const io::awaited_prbs asked = own.cplane.asked_of(slot, plan);
  own.cplane.add_grants(asked);
  assembler_.await(own.index, asked);
}

std::int64_t live_poller::next_event_ns(std::int64_t now_ns) const noexcept
{
  std::int64_t next = INT64_MAX;
  for (const auto& own : cells_) {
    if (own->next_slot == INT64_MIN) {
      return now_ns;
    }
    const slot_time& time = own->time();
    next = std::min({next,
                     own->cplane.window_begin_ns(own->next_slot, 0),
                     own->cplane.next_due_ns(),
                     time.air_ns(time.slot_at(now_ns) + 1)});
    // Just after the end of a reception window: some slot's end and Ta4 max, once a slot.
    const std::int64_t slot_ns = time.scs.slot_ns();
    const std::int64_t since_ns = now_ns - time.sfn0_ns - own->setup->window.latest_ns - 1;
    next = std::min(next, now_ns + slot_ns - ((since_ns % slot_ns) + slot_ns) % slot_ns);
  }
  return next;
}

} // namespace pado::pipeline
