// SPDX-License-Identifier: Apache-2.0
#include "io/assembly/cell_assembler.h"
#include <algorithm>
#include <bit>
#include <cstdint>

namespace pado::io {

namespace {

constexpr std::uint16_t all_symbols = (1U << nof_symbols_per_slot) - 1;
constexpr std::size_t nof_awaited_slots = 64; // await() comes shortly before its slot

std::size_t bytes_per_prb(const flow_config& flow)
{
  return flow.fixed ? prb_bytes(*flow.fixed) : max_prb_bytes;
}

std::size_t modulo(std::int64_t slot, std::size_t size) noexcept
{
  const auto n = static_cast<std::int64_t>(size);
  return static_cast<std::size_t>(((slot % n) + n) % n);
}

std::size_t prach_depth(const cell_config& cell, std::int32_t reorder_slots)
{
  constexpr std::int32_t longest_ms = 4; // format 2 takes 3.5 ms
  const std::int32_t lag =
      cell.prach_reorder_slots.value_or(reorder_slots + longest_ms * cell.scs.slots_per_subframe());
  return static_cast<std::size_t>(lag) + 1;
}

} // namespace

cell_assembler::cell_assembler(std::int32_t index,
                               const slot_assembler_config& config,
                               assembler_counters& counters)
    : index_(index), config_(config.cells[static_cast<std::size_t>(index)]), counters_(&counters),
      clock_(config_, config.reorder_slots), grid_(static_cast<std::size_t>(config.reorder_slots) + 1),
      prach_(prach_depth(config_, config.reorder_slots)), awaited_(nof_awaited_slots),
      free_(static_cast<std::size_t>(config.nof_stores)),
      free_prach_(static_cast<std::size_t>(config.nof_stores)),
      done_(static_cast<std::size_t>(config.nof_stores)),
      done_prach_(static_cast<std::size_t>(config.nof_stores))
{
  const auto nof_stores = static_cast<std::uint32_t>(config.nof_stores);
  finished_.resize(nof_stores);
  finished_prach_.resize(nof_stores);
  const auto nof_ports = static_cast<std::int32_t>(config_.pusch.eaxc.size());
  const auto nof_prach_ports = static_cast<std::int32_t>(config_.prach.eaxc.size());
  for (std::uint32_t store = 0; store < nof_stores; ++store) {
    if (nof_ports > 0) {
      stores_.emplace_back(uplink_store::limits{nof_ports,
                                                config_.nof_prb,
                                                bytes_per_prb(config_.pusch),
                                                static_cast<std::size_t>(config.max_sections)});
      free_.give_back(store);
    }
    if (nof_prach_ports > 0) {
      prach_stores_.emplace_back(nof_prach_ports, config_.prach_nof_prb, bytes_per_prb(config_.prach));
      free_prach_.give_back(store);
    }
  }
}

void cell_assembler::await(const awaited_prbs& what) noexcept
{
  awaited_[modulo(what.slot, awaited_.size())] = what;
}

const awaited_prbs* cell_assembler::awaited_of(std::int64_t slot) const noexcept
{
  const awaited_prbs& found = awaited_[modulo(slot, awaited_.size())];
  return found.slot == slot ? &found : nullptr;
}

std::uint16_t cell_assembler::awaited_symbols(std::int64_t slot) const noexcept
{
  const auto& pattern = config_.uplink_symbols;
  return pattern.empty() ? all_symbols : pattern[modulo(slot, pattern.size())];
}

cell_assembler::entry& cell_assembler::entry_of(open_slots& open, std::int64_t slot) noexcept
{
  entry& own = open[modulo(slot, open.size())];
  if (own.slot != slot) {
    own = entry{};
    own.slot = slot;
  }
  return own;
}

drop cell_assembler::check_window(const app_header& header,
                                  const arrival& when,
                                  flow_counters& flow) const noexcept
{
  if (!config_.window || !clock_.has_air_time() || when.at_ns == 0) {
    return {};
  }
  const rx_window& window = *config_.window;
  const std::int64_t symbol = header.symbol + (window.origin == window_origin::symbol_end ? 1 : 0);
  const std::int64_t origin_ns =
      clock_.air_ns(when.slot) + config_.scs.slot_ns() * symbol / nof_symbols_per_slot;
  // Air times follow the stamps, so they are less than 1.28 s apart; a stamp from nowhere must not overflow.
  constexpr std::int64_t far_ns = std::int64_t{1} << 60U;
  const std::int64_t offset_ns = std::clamp(when.at_ns, origin_ns - far_ns, origin_ns + far_ns) - origin_ns;
  flow.timing.add(offset_ns);
  if (offset_ns < window.earliest_ns) {
    flow.early.add();
    return window.is_enforced ? drop(drop_reason::early) : drop();
  }
  if (offset_ns > window.latest_ns) {
    flow.late.add();
    return window.is_enforced ? drop(drop_reason::late) : drop();
  }
  flow.on_time.add();
  return {};
}

drop cell_assembler::locate(const app_header& header,
                            std::int64_t arrival_ns,
                            flow_counters& flow,
                            arrival& out) noexcept
{
  slot_clock::place place;
  const open_slots& open = flow.is_prach ? prach_ : grid_;
  const drop misplaced = clock_.locate(header, arrival_ns, static_cast<std::int64_t>(open.size()) - 1, place);
  out.slot = place.slot;
  out.at_ns = arrival_ns;
  if (misplaced) {
    if (misplaced == drop_reason::closed_slot) {
      check_window(header, out, flow); // it still counts as late or not
    }
    return misplaced;
  }
  if (place.is_resync) {
    close_all();
    counters_->resyncs.add();
  }
  move_to(clock_.newest());
  return check_window(header, out, flow);
}

template <class HandOver>
void cell_assembler::close(open_slots& open, std::int64_t last, HandOver hand_over) noexcept
{
  // Oldest first. Nothing is open above the newest slot, so a jump does not make the walk longer.
  for (std::int64_t slot = newest_ - static_cast<std::int64_t>(open.size()) + 1;
       slot <= std::min(last, newest_);
       ++slot) {
    entry& own = entry_of(open, slot);
    if (own.store != none && !own.is_closed) {
      hand_over(own);
    }
    own.is_closed = true;
  }
}

void cell_assembler::move_to(std::int64_t newest) noexcept
{
  if (newest_ == newest) {
    return;
  }
  if (newest_ == INT64_MIN) {
    first_ = newest;
    newest_ = newest;
    return;
  }
  // A gap of more than a few frames is a pause and not so many missed slots.
  const auto depth = static_cast<std::int64_t>(grid_.size());
  const std::int64_t longest_gap = std::int64_t{4} * config_.scs.slots_per_frame();
  const std::int64_t last = std::min(newest - depth, newest_ + longest_gap);
  for (std::int64_t slot = std::max(newest_ - depth, first_) + 1; slot <= last && !stores_.empty(); ++slot) {
    const entry& own = grid_[modulo(slot, grid_.size())];
    const bool is_seen =
        slot <= newest_ && own.slot == slot && (own.store != none || own.is_closed || own.is_shed);
    if (!is_seen && awaited_symbols(slot) != 0) {
      counters_->slots_without_data.add();
    }
  }
  close(grid_, newest - depth, [this](entry& own) { hand_over_grid(own); });
  close(prach_, newest - static_cast<std::int64_t>(prach_.size()), [this](entry& own) {
    hand_over_prach(own);
  });
  newest_ = newest;
}

drop cell_assembler::acquire(entry& own, free_stores& free) noexcept
{
  if (own.is_closed) {
    return own.is_complete ? drop_reason::duplicate : drop_reason::closed_slot;
  }
  if (own.is_shed) {
    return drop_reason::no_free_slot;
  }
  if (own.store == none) {
    std::uint32_t store = 0;
    if (!free.take(store)) {
      own.is_shed = true; // the whole slot: half of one is of no use, even if a store comes back meanwhile
      counters_->slots_shed.add();
      return drop_reason::no_free_slot;
    }
    own.store = static_cast<std::int32_t>(store);
  }
  return {};
}

drop cell_assembler::add_pusch(const app_header& header,
                               const arrival& when,
                               const u_section& section,
                               flow_counters& flow) noexcept
{
  if (section.prb_begin + section.nof_prb > config_.nof_prb) {
    return drop_reason::prb_range;
  }
  const std::uint16_t awaited = awaited_symbols(when.slot);
  if ((awaited >> header.symbol & 1U) == 0) {
    return drop_reason::unexpected_symbol;
  }
  entry& own = entry_of(grid_, when.slot);
  const bool is_first = own.store == none;
  if (const drop why = acquire(own, free_)) {
    if (why == drop_reason::duplicate) {
      flow.duplicate.add();
    }
    return why;
  }
  uplink_store& store = stores_[static_cast<std::size_t>(own.store)];
  if (is_first) {
    store.begin(awaited, awaited_of(when.slot));
  }
  const add_result added = store.add(flow.port, header.symbol, section);
  if (added == add_result::duplicate) {
    flow.duplicate.add();
    return drop_reason::duplicate;
  }
  if (added == add_result::full) {
    return drop_reason::too_many_sections;
  }
  if (added == add_result::overlapping) {
    counters_->overlapping.add();
  }
  store.see(when.at_ns);
  flow.sections.add();
  flow.prbs.add(section.nof_prb);
  return {};
}

drop cell_assembler::add_prach(const app_header& header,
                               const arrival& when,
                               const u_section& section,
                               flow_counters& flow) noexcept
{
  if (section.prb_begin + section.nof_prb > config_.prach_nof_prb) {
    return drop_reason::prb_range;
  }
  entry& own = entry_of(prach_, when.slot);
  const bool is_first = own.store == none;
  if (const drop why = acquire(own, free_prach_)) {
    if (why == drop_reason::duplicate) {
      flow.duplicate.add();
    }
    return why;
  }
  prach_store& store = prach_stores_[static_cast<std::size_t>(own.store)];
  if (is_first) {
    store.begin();
  }
  const add_result added = store.add(flow.port, header, section);
  if (added == add_result::duplicate) {
    flow.duplicate.add();
    return drop_reason::duplicate;
  }
  if (added == add_result::full) {
    return drop_reason::too_many_sections;
  }
  store.see(when.at_ns);
  flow.sections.add();
  flow.prbs.add(section.nof_prb);
  counters_->prach_sections.add();
  return {};
}

void cell_assembler::hand_over_grid(entry& open) noexcept
{
  const auto store = static_cast<std::uint32_t>(open.store);
  uplink_slot out = stores_[store].contents();
  out.cell = index_;
  out.slot = clock_.id_of(open.slot);
  out.air_ns = clock_.air_ns(open.slot);
  open.is_complete = out.nof_missing_prb == 0;
  (open.is_complete ? counters_->slots_complete : counters_->slots_incomplete).add();
  finished_[store] = out;
  open.is_closed = true;
  done_.push(store); // never full: it has room for every store
}

void cell_assembler::hand_over_prach(entry& open) noexcept
{
  const auto store = static_cast<std::uint32_t>(open.store);
  prach_slot out = prach_stores_[store].contents();
  out.cell = index_;
  out.slot = clock_.id_of(open.slot);
  out.air_ns = clock_.air_ns(open.slot);
  counters_->prach_slots.add();
  finished_prach_[store] = out;
  open.is_closed = true;
  done_prach_.push(store);
}

void cell_assembler::finish_message(const arrival& when, bool is_prach) noexcept
{
  entry& own = entry_of(is_prach ? prach_ : grid_, when.slot);
  if (own.store == none || own.is_closed) {
    return;
  }
  const auto store = static_cast<std::size_t>(own.store);
  if (!is_prach) {
    if (stores_[store].is_complete()) {
      hand_over_grid(own);
    }
    return;
  }
  const std::int32_t awaited =
      config_.prach_repetitions * static_cast<std::int32_t>(config_.prach.eaxc.size());
  if (awaited > 0 && prach_stores_[store].nof_sections() >= awaited) {
    own.is_complete = true;
    hand_over_prach(own);
  }
}

void cell_assembler::close_all() noexcept
{
  if (newest_ != INT64_MIN) {
    close(grid_, newest_, [this](entry& own) { hand_over_grid(own); });
    close(prach_, newest_, [this](entry& own) { hand_over_prach(own); });
  }
  std::fill(grid_.begin(), grid_.end(), entry{});
  std::fill(prach_.begin(), prach_.end(), entry{});
  newest_ = INT64_MIN;
}

void cell_assembler::advance_time(std::int64_t now_ns) noexcept
{
  if (!config_.window || !clock_.has_air_time() || newest_ == INT64_MIN) {
    return;
  }
  for (std::int64_t slot = newest_ - static_cast<std::int64_t>(grid_.size()) + 1; slot <= newest_; ++slot) {
    entry& own = grid_[modulo(slot, grid_.size())];
    if (own.slot != slot || own.store == none || own.is_closed) {
      continue; // the usual case of a poller that calls every microsecond
    }
    const awaited_prbs* const told = awaited_of(slot);
    const auto symbols =
        static_cast<std::uint16_t>(awaited_symbols(slot) & (told ? told->symbols : all_symbols));
    const auto nof_symbols = static_cast<std::int64_t>(std::bit_width(symbols)) +
                             (config_.window->origin == window_origin::symbol_end ? 1 : 0);
    const std::int64_t end_ns = clock_.air_ns(slot) +
                                config_.scs.slot_ns() * nof_symbols / nof_symbols_per_slot +
                                config_.window->latest_ns;
    if (now_ns > end_ns) {
      hand_over_grid(own);
    }
  }
}

void cell_assembler::flush() noexcept
{
  close_all();
  clock_.reset();
}

} // namespace pado::io
