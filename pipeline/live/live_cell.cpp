// SPDX-License-Identifier: Apache-2.0
#include "pipeline/live/live_cell.h"
#include <algorithm>

namespace pado::pipeline {

namespace {

constexpr std::int64_t longest_pause_slots = 32;
constexpr std::size_t max_spare_payloads = 256;

} // namespace

template <backend B>
live_cell<B>::live_cell(const live_cell_config& config, const cell_links<B>& links, const clock& time)
    : config_(config), links_(links), time_(time), pool_(config.nof_harq_blocks),
      soft_(static_cast<std::size_t>(pool_.memory_bytes())), expected_(nof_expected)
{
  queue_.reserve(static_cast<std::size_t>(config.nof_stores));
  spare_payloads_.reserve(max_spare_payloads);
  for (expected& order : expected_) {
    order.plan.pusch.reserve(config.max_pdus);
  }
}

template <backend B>
view<std::int8_t, 1, memory_of<B>> live_cell<B>::soft() const noexcept
{
  return soft_.as(static_cast<std::int32_t>(soft_.size()));
}

template <backend B>
typename live_cell<B>::expected& live_cell<B>::at(std::int64_t slot) noexcept
{
  return expected_[static_cast<std::size_t>(((slot % nof_expected) + nof_expected) % nof_expected)];
}

template <backend B>
std::int64_t live_cell<B>::number_of(const uplink_slot& slot) const noexcept
{
  return config_.time.slot_at(slot.air_ns + config_.time.scs.slot_ns() / 2);
}

template <backend B>
bool live_cell<B>::step() noexcept
{
  take_setup();
  if (!setup_) {
    return false;
  }
  take_orders();
  const bool has_decided = decide_due();
  collect();
  const std::int64_t on_air = static_cast<std::int64_t>(links_.air_slot->value());
  expire(on_air);
  if (queue_.empty()) {
    return has_decided;
  }
  const io::lent<uplink_slot> next = queue_.front();
  queue_.erase(queue_.begin());
  const std::int64_t slot = number_of(next.slot);
  expected& order = at(slot);
  if (order.slot != slot || !order.is_open) {
    counters_.unplanned.add();
  } else {
    const std::int64_t end_ns = config_.time.air_ns(slot + 1);
    // Overload sheds whole slots, oldest first: what is too late anyway, as long as something newer waits.
    if (!queue_.empty() && time_.now_ns() > end_ns + config_.deadline_ns) {
      leave_out(live_report::kind::shed, order);
    } else {
      decode(next, order);
    }
  }
  links_.assembler->release(next);
  return true;
}

template <backend B>
void live_cell<B>::take_setup() noexcept
{
  if (links_.setup->take(setup_) && setup_->decisions) {
    // The old one goes back with the setup that brought the new one, to be destroyed off the slot path.
    std::swap(decisions_, setup_->decisions);
  }
}

template <backend B>
void live_cell<B>::take_orders() noexcept
{
  while (numbered_plan* next = links_.orders->pop()) {
    expected& order = at(next->slot);
    if (order.is_open) { // a whole round of the store ago: nothing will come
      leave_out(live_report::kind::not_received, order);
    }
    order.slot = next->slot;
    order.is_open = true;
    order.plan.cell = next->plan.cell;
    order.plan.slot = next->plan.slot;
    order.plan.pusch.swap(next->plan.pusch);
    oldest_expected_ = oldest_expected_ == INT64_MIN ? order.slot : std::min(oldest_expected_, order.slot);
    links_.orders->release(next);
  }
}

template <backend B>
bool live_cell<B>::decide_due() noexcept
{
  if (config_.source != grant_source::scheduler || !decisions_) {
    return false;
  }
  const std::int64_t on_air = static_cast<std::int64_t>(links_.air_slot->value());
  if (on_air == 0) {
    return false; // the poller has not begun
  }
  // Decided while slot n - k2 begins: k2 - 1 whole slots are left to tell the UE and the radio unit.
  const std::int64_t newest = on_air + std::max(decisions_->k2(), 1);
  if (last_decided_ == INT64_MIN) {
    last_decided_ = newest - 1;
  }
  if (newest - last_decided_ > longest_pause_slots) {
    counters_.slots_skipped.add(static_cast<std::uint64_t>(newest - 1 - last_decided_));
    last_decided_ = newest - 1;
  }
  const bool is_due = newest > last_decided_;
  while (last_decided_ < newest) {
    decide(++last_decided_);
  }
  return is_due;
}

template <backend B>
void live_cell<B>::decide(std::int64_t target) noexcept
{
  const slot_id id = config_.time.id_of(target);
  if (!decisions_->is_uplink(id)) {
    return;
  }
  const decision_loop::decision made = decisions_->grant(id);
  for (const link_advice& advice : made.advice) {
    (advice.source == advice_source::model ? counters_.advice_used : counters_.advice_fallback).add();
  }
  if (made.grants->pusch.empty()) {
    return;
  }
  numbered_plan* plan = links_.decided->acquire();
  if (plan == nullptr) {
    counters_.grants_lost.add(); // HARQ hears of it as a report that never came
    return;
  }
  plan->slot = target;
  plan->plan.slot = id;
  plan->plan.pusch.assign(made.grants->pusch.begin(), made.grants->pusch.end());
  links_.decided->push(plan);
  if (live_report* out = links_.reports->acquire()) {
    out->what = live_report::kind::granted;
    out->slot = target;
    out->advice.assign(made.advice.begin(), made.advice.end());
    out->grants.cell = config_.cell;
    out->grants.slot = id;
    out->grants.pusch.assign(made.grants->pusch.begin(), made.grants->pusch.end());
    out->has_grants = true;
    links_.reports->push(out);
  }
}

template <backend B>
void live_cell<B>::collect() noexcept
{
  io::lent<uplink_slot> slot;
  while (queue_.size() < queue_.capacity() && links_.assembler->pop(config_.cell, slot)) {
    queue_.push_back(slot);
    (slot.slot.nof_missing_prb == 0 ? counters_.complete : counters_.incomplete).add();
  }
  io::lent<io::prach_slot> prach;
  while (links_.assembler->pop(config_.cell, prach)) {
    counters_.prach.add();
    links_.assembler->release(prach);
  }
}

template <backend B>
bool live_cell<B>::is_waiting(std::int64_t slot) const noexcept
{
  return std::any_of(queue_.begin(), queue_.end(), [&](const io::lent<uplink_slot>& waiting) {
    return number_of(waiting.slot) == slot;
  });
}

template <backend B>
void live_cell<B>::expire(std::int64_t on_air) noexcept
{
  if (oldest_expected_ == INT64_MIN) {
    return;
  }
  const std::int64_t slot_ns = config_.time.scs.slot_ns();
  const std::int64_t gone = on_air - 2 - (setup_->window_ns + slot_ns - 1) / slot_ns;
  for (std::int64_t left = nof_expected; oldest_expected_ <= gone && left > 0; ++oldest_expected_, --left) {
    expected& order = at(oldest_expected_);
    if (order.slot != oldest_expected_ || !order.is_open) {
      continue;
    }
    if (is_waiting(order.slot)) {
      return;
    }
    leave_out(live_report::kind::not_received, order);
  }
  oldest_expected_ = std::max(oldest_expected_, gone - nof_expected);
}

template <backend B>
live_report& live_cell<B>::report_object(bool& is_lent) noexcept
{
  live_report* out = links_.reports->acquire();
  is_lent = out != nullptr;
  return is_lent ? *out : scratch_;
}

/// Gives the report as many PDUs as the slot has and keeps the memory of payloads that it does not need now.
template <backend B>
void live_cell<B>::shape(slot_report& report, std::size_t nof_pdus) noexcept
{
  while (report.pusch.size() > nof_pdus) {
    if (spare_payloads_.size() < max_spare_payloads) {
      spare_payloads_.push_back(std::move(report.pusch.back().payload));
    }
    report.pusch.pop_back();
  }
  while (report.pusch.size() < nof_pdus) {
    report.pusch.emplace_back();
    if (!spare_payloads_.empty()) {
      report.pusch.back().payload = std::move(spare_payloads_.back());
      spare_payloads_.pop_back();
    }
  }
}

template <backend B>
void live_cell<B>::decode(const io::lent<uplink_slot>& lent, expected& order) noexcept
{
  bool is_lent = false;
  live_report& out = report_object(is_lent);
  shape(out.report, order.plan.pusch.size());
  leases_.acquire(pool_, setup_->plan.program, order.plan, nof_slots_++);
  setup_->pipeline->run(lent.slot, order.plan, leases_.places(), out.report);
  leases_.release(pool_, out.report);
  nof_evictions_.raise_to(pool_.nof_evicted());
  order.is_open = false;
  out.what = live_report::kind::decoded;
  out.slot = order.slot;
  out.report.cell = config_.cell;
  out.advice.clear();
  out.has_grants = false;
  if (decisions_ && config_.source == grant_source::scheduler) {
    decisions_->observe(out.report);
  } else if (decisions_) {
    const decision_loop::decision made = decisions_->decide(out.report);
    out.advice.assign(made.advice.begin(), made.advice.end());
    out.has_grants = made.grants != nullptr;
    if (made.grants != nullptr) {
      out.grants.slot = made.grants->slot;
      out.grants.pusch.assign(made.grants->pusch.begin(), made.grants->pusch.end());
    }
  }
  finish(out, is_lent);
}

template <backend B>
void live_cell<B>::leave_out(live_report::kind why, expected& order) noexcept
{
  bool is_lent = false;
  live_report& out = report_object(is_lent);
  out.what = why;
  out.slot = order.slot;
  out.advice.clear();
  out.has_grants = false;
  out.report.cell = config_.cell;
  out.report.slot = order.plan.slot;
  out.report.is_faulted = false;
  out.report.nof_missing_prb = 0;
  out.report.stage_ns = {};
  shape(out.report, order.plan.pusch.size());
  for (std::size_t i = 0; i < order.plan.pusch.size(); ++i) {
    std::vector<std::uint8_t> kept = std::move(out.report.pusch[i].payload);
    kept.clear();
    out.report.pusch[i] = pusch_report{};
    out.report.pusch[i].payload = std::move(kept);
    out.report.pusch[i].pdu = order.plan.pusch[i];
    out.report.pusch[i].plan_index = static_cast<std::int32_t>(i);
  }
  order.is_open = false;
  (why == live_report::kind::shed ? counters_.shed : counters_.not_received).add();
  finish(out, is_lent);
}

template <backend B>
void live_cell<B>::finish(live_report& out, bool is_lent) noexcept
{
  out.air_to_report_ns = time_.now_ns() - config_.time.air_ns(out.slot + 1);
  out.is_late = out.air_to_report_ns > config_.deadline_ns;
  count(out);
  if (is_lent) {
    links_.reports->push(&out);
  }
}

template <backend B>
void live_cell<B>::count(const live_report& done) noexcept
{
  if (done.what != live_report::kind::decoded) {
    return;
  }
  counters_.decoded.add();
  counters_.deadline_misses.add(done.is_late ? 1 : 0);
  counters_.faulted.add(done.report.is_faulted ? 1 : 0);
  counters_.air_to_report.add(done.air_to_report_ns);
  for (std::size_t stage = 0; stage < nof_stages; ++stage) {
    counters_.stages[stage].add(done.report.stage_ns[stage]);
  }
  for (const pusch_report& pusch : done.report.pusch) {
    counters_.dtx.add(pusch.dtx ? 1 : 0);
    counters_.tb.add(pusch.dtx ? 0 : 1);
    counters_.tb_failed.add(pusch.tb_crc_ok || pusch.dtx ? 0 : 1);
  }
  for (const link_advice& advice : done.advice) {
    (advice.source == advice_source::model ? counters_.advice_used : counters_.advice_fallback).add();
  }
}

template class live_cell<backend::cpu>;
template class live_cell<backend::cuda>;

} // namespace pado::pipeline
