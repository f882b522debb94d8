// SPDX-License-Identifier: Apache-2.0
#include "apps/ru_grants.h"
#include "phy/channel/random.h"
#include <algorithm>

namespace pado::apps {

result<std::shared_ptr<ru_grant_desk>>
ru_grant_desk::open(std::shared_ptr<const ru_cell_plan> cell, const settings& how, const clock& time)
{
  if (cell->plan.scenario.simulation.propagation == propagation_domain::samples) {
    return error{"simulation.propagation",
                 "is samples, must be grid when UEs obey grants: samples need the slots around"};
  }
  std::shared_ptr<ru_grant_desk> desk(new ru_grant_desk(std::move(cell), how, time));
  if (!how.truth_path.empty()) {
    desk->truth_.open(how.truth_path, std::ios::binary | std::ios::trunc);
    if (!desk->truth_) {
      return error{how.truth_path + ":", "cannot be written"};
    }
  }
  desk->worker_ = std::thread([one = desk.get()] { one->work(); });
  return desk;
}

ru_grant_desk::ru_grant_desk(std::shared_ptr<const ru_cell_plan> cell, const settings& how, const clock& time)
    : cell_(std::move(cell)), settings_(how), time_(time),
      timing_({cell_->plan.scenario.cell.carrier.scs, how.sfn0_ns}), ready_(how.nof_stores),
      returned_(how.nof_stores)
{
  for (std::size_t i = 0; i < how.nof_stores; ++i) {
    stores_.push_back(std::make_unique<made_slot>());
    stores_.back()->samples = packed_slot(*cell_);
    free_.push_back(stores_.back().get());
  }
  waiting_.reserve(how.nof_stores);
}

ru_grant_desk::~ru_grant_desk()
{
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    changed_.notify_all();
  }
  if (worker_.joinable()) {
    worker_.join();
  }
  collect_returned();
}

void ru_grant_desk::submit(slot_plan plan)
{
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(plan));
  changed_.notify_all();
}

void ru_grant_desk::finish()
{
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return queue_.empty() && !is_busy_; });
}

void ru_grant_desk::work()
{
  slot_maker maker(cell_->plan);
  const phy::ofdm_plan& ofdm = cell_->plan.ofdm;
  buffer<cf32> rx(
      static_cast<std::size_t>(ofdm.config.nof_rx_ports * nof_symbols_per_slot * ofdm.nof_subcarriers()));
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return is_stopped_ || !queue_.empty(); });
    if (is_stopped_) {
      return;
    }
    const slot_plan plan = std::move(queue_.front());
    queue_.pop_front();
    is_busy_ = true;
    lock.unlock();
    make(plan, maker, rx);
    lock.lock();
    is_busy_ = false;
    changed_.notify_all();
  }
}

void ru_grant_desk::collect_returned()
{
  for (made_slot* slot = nullptr; returned_.pop(slot);) {
    if (truth_.is_open()) {
      for (pdu_expectation& expected : slot->grants.schedule.expected) {
        expected.transmitted = *expected.transmitted && slot->is_sent;
      }
      truth_ << write_schedule_line(slot->grants.schedule, timing_.scs());
    }
    free_.push_back(slot);
  }
}

ru_grant_desk::made_slot* ru_grant_desk::free_store()
{
  collect_returned();
  if (free_.empty()) {
    return nullptr;
  }
  made_slot* store = free_.back();
  free_.pop_back();
  return store;
}

void ru_grant_desk::make(const slot_plan& plan, slot_maker& maker, buffer<cf32>& rx)
{
  count_.slots.add();
  made_slot* store = free_store();
  if (store == nullptr) {
    count_.no_room.add();
    return;
  }
  const numerology scs = timing_.scs();
  const std::int64_t now = timing_.slot_at(time_.now_ns());
  store->slot = now + distance(timing_.id_of(now), plan.slot, scs);
  store->is_sent = false;
  store->has_samples = false;
  store->grants = planned_slot();
  // Fading and noise go on over the SFN cycle, from a begin near enough for single phases to be exact.
  store->grants.slot = store->slot % (std::int64_t{1024} * nof_sfn * scs.slots_per_frame());
  store->grants.schedule.plan.slot = plan.slot;
  for (const pusch_pdu& pdu : plan.pusch) {
    add(pdu, store->grants);
  }
  const auto grid =
      rx.as(cell_->plan.ofdm.config.nof_rx_ports, nof_symbols_per_slot, cell_->plan.ofdm.nof_subcarriers());
  // A slot that has passed gets its blocks, which retransmissions repeat, but no samples: a worker that has
  // fallen behind must catch up. The emulator counts it as late.
  // One that it would not finish in time is left out, too: begun, it would make all others late.
  const std::int64_t begin_ns = time_.now_ns();
  const bool is_past = store->slot < timing_.slot_at(begin_ns + make_ns_);
  if (is_past && !store->grants.ue.empty()) {
    make_ns_ -= make_ns_ / 8; // a guess that is too long must not last
    ready_.push(store);
    return;
  }
  if (store->grants.ue.empty() || !maker.make_grid(store->grants, grid)) {
    count_.refused.add(store->grants.ue.size());
    free_.push_back(store);
    return;
  }
  store->samples.pack(*cell_, grid);
  store->has_samples = true;
  make_ns_ += (time_.now_ns() - begin_ns - make_ns_) / 4;
  count_.made.add(store->grants.ue.size());
  ready_.push(store);
}

void ru_grant_desk::add(const pusch_pdu& pdu, planned_slot& to)
{
  const scenario_config& scenario = cell_->plan.scenario;
  const auto found = std::find_if(
      scenario.ues.begin(), scenario.ues.end(), [&](const ue_config& ue) { return ue.rnti == pdu.rnti; });
  if (found == scenario.ues.end()) {
    count_.unknown_ue.add();
    return;
  }
  const auto ue = static_cast<std::int32_t>(found - scenario.ues.begin());
  const bool is_twice = std::find(to.ue.begin(), to.ue.end(), ue) != to.ue.end();
  if (is_twice || pdu.nof_layers > found->nof_layers || !phy::check_pusch_pdu(pdu, cell_->plan.transmit)) {
    count_.refused.add();
    return;
  }
  held_block& block = blocks_[{ue, pdu.harq_process_id}];
  if (pdu.new_data) {
    ++block.number;
    block.payload = draw_payload({scenario.simulation.seed,
                                  phy::random_purpose::payload,
                                  block.number,
                                  phy::random_item(ue, 1 + pdu.harq_process_id)},
                                 pdu.tb_size_bytes);
  } else if (block.payload.size() != pdu.tb_size_bytes) {
    count_.refused.add();
    return;
  }
  const phy::random_words draw = phy::draw_words({scenario.simulation.seed,
                                                  phy::random_purpose::allocation,
                                                  static_cast<std::uint32_t>(to.slot),
                                                  phy::random_item(ue, 1)},
                                                 0);
  pdu_expectation expected;
  expected.transmitted = !(100.0 * static_cast<double>(draw.word[0]) < found->silent_percent * 4294967296.0);
  expected.payload = block.payload;
  to.schedule.plan.pusch.push_back(pdu);
  to.schedule.expected.push_back(std::move(expected));
  to.schedule.pdu_index.push_back(static_cast<std::int32_t>(to.ue.size()));
  to.ue.push_back(ue);
}

ru_grant_desk::made_slot* ru_grant_desk::take(std::int64_t slot, counter& nof_late) noexcept
{
  for (made_slot* made = nullptr; ready_.pop(made);) {
    waiting_.push_back(made);
  }
  made_slot* found = nullptr;
  for (std::size_t i = 0; i < waiting_.size();) {
    made_slot* made = waiting_[i];
    const bool is_due = made->slot == slot && made->has_samples;
    if (made->slot > slot || (is_due && found != nullptr)) {
      ++i;
      continue;
    }
    if (is_due) {
      found = made;
      made->is_sent = true;
    } else {
      nof_late.add();
      returned_.push(made);
    }
    waiting_[i] = waiting_.back();
    waiting_.pop_back();
  }
  return found;
}

} // namespace pado::apps
