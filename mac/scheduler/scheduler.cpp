// SPDX-License-Identifier: Apache-2.0
#include "mac/scheduler/scheduler.h"
#include "mac/mcs/tbs.h"
#include "mac/scheduler/allocation.h"
#include <algorithm>
#include <cstddef>

namespace pado::mac {
namespace {

constexpr std::size_t nof_rnti = 65536;

} // namespace

scheduler::scheduler(const scheduler_plan& plan) : plan_(plan), index_of_rnti_(nof_rnti, -1)
{
  ues_.reserve(static_cast<std::size_t>(plan.config.max_ues));
  candidates_.reserve(static_cast<std::size_t>(plan.config.max_ues));
  grants_.pusch.reserve(static_cast<std::size_t>(plan.config.max_ues_per_slot));
  grants_.cell = plan.config.cell;
}

scheduler::ue_state* scheduler::find(std::uint16_t rnti) noexcept
{
  const std::int16_t index = index_of_rnti_[rnti];
  return index < 0 ? nullptr : &ues_[static_cast<std::size_t>(index)];
}

bool scheduler::add_ue(std::uint16_t rnti) noexcept
{
  if (find(rnti) != nullptr || static_cast<std::int32_t>(ues_.size()) == plan_.config.max_ues) {
    return false;
  }
  index_of_rnti_[rnti] = static_cast<std::int16_t>(ues_.size());
  ues_.emplace_back().rnti = rnti;
  return true;
}

bool scheduler::remove_ue(std::uint16_t rnti) noexcept
{
  const std::int16_t index = index_of_rnti_[rnti];
  if (index < 0) {
    return false;
  }
  index_of_rnti_[ues_.back().rnti] = index;
  index_of_rnti_[rnti] = -1;
  if (ues_.back().rnti != rnti) {
    ues_[static_cast<std::size_t>(index)] = ues_.back();
  }
  ues_.pop_back();
  return true;
}

bool scheduler::set_backlog(std::uint16_t rnti, std::optional<std::uint32_t> backlog_bytes) noexcept
{
  ue_state* ue = find(rnti);
  if (ue != nullptr) {
    ue->backlog_bytes = backlog_bytes;
  }
  return ue != nullptr;
}

std::optional<scheduler::ue_view> scheduler::ue(std::uint16_t rnti) const noexcept
{
  const std::int16_t index = index_of_rnti_[rnti];
  if (index < 0) {
    return std::nullopt;
  }
  const ue_state& state = ues_[static_cast<std::size_t>(index)];
  return ue_view{state.rnti, state.loop, state.mean_bits, state.backlog_bytes};
}

bool scheduler::is_uplink(slot_id slot) const noexcept
{
  const std::vector<bool>& pattern = plan_.config.is_uplink;
  const auto count = static_cast<std::size_t>(slot_count(slot, plan_.config.numerology));
  return pattern.empty() || pattern[count % pattern.size()];
}

void scheduler::observe(const slot_report& report) noexcept
{
  if (report.is_faulted) {
    counters_.faulted_reports.add();
    return;
  }
  for (const pusch_report& pusch : report.pusch) {
    observe_pusch(pusch, report.slot);
  }
}

void scheduler::observe_pusch(const pusch_report& report, slot_id slot) noexcept
{
  const bool is_open = plan_.config.loop == control_loop::open;
  if (is_open && find(report.pdu.rnti) == nullptr && !add_ue(report.pdu.rnti)) {
    counters_.refused_ues.add();
    return;
  }
  ue_state* ue = find(report.pdu.rnti);
  if (ue == nullptr) {
    counters_.unknown_rnti.add();
    return;
  }
  if (!is_open) {
    const harq_outcome outcome = answer(plan_.config.harq, ue->harq, report, slot);
    if (outcome == harq_outcome::unexpected) {
      counters_.unexpected_report.add();
      return;
    }
    (outcome == harq_outcome::acked ? counters_.acked : report.dtx ? counters_.dtx : counters_.nacked).add();
    if (outcome == harq_outcome::given_up) {
      counters_.given_up.add();
    }
  }
  ue->loop = observed(plan_.link_adaptation, ue->loop, report);
}

const slot_grants& scheduler::next(const slot_report& report, std::span<const link_advice> advice) noexcept
{
  observe(report);
  return grant(advance(report.slot, plan_.config.k2, plan_.config.numerology), advice);
}

const slot_grants& scheduler::grant(slot_id target, std::span<const link_advice> advice) noexcept
{
  grants_.slot = target;
  grants_.pusch.clear();
  next_prb_ = 0;
  if (!is_uplink(target)) {
    return grants_;
  }
  for (ue_state& ue : ues_) {
    ue.granted_bits = 0.0F;
    ue.is_granted = false;
    ue.advice = nullptr;
  }
  expire_reports(target);
  collect_retransmissions(target);
  grant_retransmissions(target);
  collect_first_transmissions(advice);
  grant_first_transmissions(target);
  for (ue_state& ue : ues_) {
    ue.mean_bits += (ue.granted_bits - ue.mean_bits) / plan_.config.fairness_slots;
  }
  return grants_;
}

void scheduler::expire_reports(slot_id target) noexcept
{
  for (ue_state& ue : ues_) {
    for (harq_process& process : ue.harq.processes) {
      const bool is_overdue =
          process.state == harq_state::waiting &&
          distance(process.slot, target, plan_.config.numerology) > plan_.config.harq.report_timeout_slots;
      if (!is_overdue) {
        continue;
      }
      counters_.unanswered.add();
      if (failed(plan_.config.harq, process) == harq_outcome::given_up) {
        counters_.given_up.add();
      }
    }
  }
}

void scheduler::collect_retransmissions(slot_id target) noexcept
{
  candidates_.clear();
  for (std::size_t i = 0; i < ues_.size(); ++i) {
    candidate oldest;
    oldest.ue = static_cast<std::int32_t>(i);
    oldest.metric = -1.0F;
    for (std::size_t id = 0; id < max_nof_harq; ++id) {
      const harq_process& process = ues_[i].harq.processes[id];
      const auto age = static_cast<float>(distance(process.slot, target, plan_.config.numerology));
      if (process.state == harq_state::pending && age > oldest.metric) {
        oldest.metric = age;
        oldest.harq_id = static_cast<std::int32_t>(id);
      }
    }
    if (oldest.metric >= 0.0F) {
      candidates_.push_back(oldest);
    }
  }
  std::sort(candidates_.begin(), candidates_.end(), [](const candidate& a, const candidate& b) {
    return a.metric != b.metric ? a.metric > b.metric : a.ue < b.ue;
  });
}

void scheduler::grant_retransmissions(slot_id target) noexcept
{
  for (const candidate& chosen : candidates_) {
    ue_state& ue = ues_[static_cast<std::size_t>(chosen.ue)];
    const harq_process& process = ue.harq.processes[static_cast<std::size_t>(chosen.harq_id)];
    pusch_pdu pdu = process.grant;
    const bool is_full = grants_.pusch.size() == static_cast<std::size_t>(plan_.config.max_ues_per_slot);
    if (is_full || pdu.rb_size > free_prb()) {
      continue; // it is older next slot; the oldest always fits
    }
    pdu.new_data = false;
    pdu.rv_index = rv_of_transmission(process.nof_heard);
    send(ue, pdu, target);
    counters_.retransmissions.add();
  }
}

void scheduler::collect_first_transmissions(std::span<const link_advice> advice) noexcept
{
  for (const link_advice& a : advice) {
    if (ue_state* ue = find(a.rnti)) {
      ue->advice = &a;
    }
  }
  candidates_.clear();
  const bool has_harq = plan_.config.loop == control_loop::closed;
  for (std::size_t i = 0; i < ues_.size(); ++i) {
    const ue_state& ue = ues_[i];
    candidate c;
    c.ue = static_cast<std::int32_t>(i);
    c.harq_id = has_harq ? ue.harq.idle_process(plan_.config.harq) : 0;
    if (ue.is_granted || c.harq_id < 0 || ue.backlog_bytes == 0U) {
      continue;
    }
    c.choice = choose_mcs(plan_.link_adaptation, ue.loop, ue.advice);
    const float efficiency =
        plan_.link_adaptation.spectral_efficiency[static_cast<std::size_t>(c.choice.mcs)];
    c.metric = efficiency * c.choice.success_probability / std::max(ue.mean_bits, 1.0F);
    candidates_.push_back(c);
  }
  std::sort(candidates_.begin(), candidates_.end(), [](const candidate& a, const candidate& b) {
    return a.metric != b.metric ? a.metric > b.metric : a.ue < b.ue;
  });
}

void scheduler::grant_first_transmissions(slot_id target) noexcept
{
  const std::int32_t places = plan_.config.max_ues_per_slot - static_cast<std::int32_t>(grants_.pusch.size());
  const std::int32_t pieces = std::max(free_prb() / plan_.config.min_prb, free_prb() > 0 ? 1 : 0);
  const auto nof_chosen = std::min({places, pieces, static_cast<std::int32_t>(candidates_.size())});
  const auto end = candidates_.begin() + nof_chosen;
  for (auto c = candidates_.begin(); c != end; ++c) {
    c->wanted_prb = wanted_prb(*c, free_prb());
  }
  // Those who want least first: what they leave goes to the others.
  std::sort(candidates_.begin(), end, [](const candidate& a, const candidate& b) {
    return a.wanted_prb != b.wanted_prb ? a.wanted_prb < b.wanted_prb : a.ue < b.ue;
  });
  for (std::int32_t i = 0; i < nof_chosen; ++i) {
    const candidate& chosen = candidates_[static_cast<std::size_t>(i)];
    const std::int32_t share = std::min(free_prb() / (nof_chosen - i), chosen.wanted_prb);
    const std::int32_t nof_prb = allowed_prb(share, plan_.config.common.transform_precoding);
    if (nof_prb == 0) {
      continue;
    }
    ue_state& ue = ues_[static_cast<std::size_t>(chosen.ue)];
    const pusch_pdu pdu = first_grant(chosen, nof_prb);
    ue.granted_bits = 8.0F * static_cast<float>(pdu.tb_size_bytes) * chosen.choice.success_probability;
    if (ue.backlog_bytes) {
      *ue.backlog_bytes -= std::min(*ue.backlog_bytes, pdu.tb_size_bytes);
    }
    send(ue, pdu, target);
    counters_.first_transmissions.add();
    counters_.advised.add(chosen.choice.is_advised ? 1 : 0);
  }
}

pusch_pdu scheduler::first_grant(const candidate& chosen, std::int32_t nof_prb) const noexcept
{
  pusch_pdu pdu = plan_.config.common;
  pdu.rnti = ues_[static_cast<std::size_t>(chosen.ue)].rnti;
  pdu.rb_size = static_cast<std::uint16_t>(nof_prb);
  pdu.mcs_index = static_cast<std::uint8_t>(chosen.choice.mcs);
  pdu.harq_process_id = static_cast<std::uint8_t>(chosen.harq_id);
  pdu.rv_index = 0;
  pdu.new_data = true;
  set_transport_block(pdu, plan_.config.overhead_re);
  return pdu;
}

std::int32_t scheduler::wanted_prb(const candidate& chosen, std::int32_t limit) const noexcept
{
  const std::optional<std::uint32_t>& backlog = ues_[static_cast<std::size_t>(chosen.ue)].backlog_bytes;
  std::int32_t low = 1;
  std::int32_t high = limit;
  while (backlog && low < high) {
    const std::int32_t middle = (low + high) / 2;
    const bool is_enough = first_grant(chosen, middle).tb_size_bytes >= *backlog;
    (is_enough ? high : low) = is_enough ? middle : middle + 1;
  }
  return high;
}

void scheduler::send(ue_state& ue, pusch_pdu pdu, slot_id target) noexcept
{
  pdu.rb_start = static_cast<std::uint16_t>(next_prb_);
  next_prb_ += pdu.rb_size;
  ue.is_granted = true;
  grants_.pusch.push_back(pdu);
  if (plan_.config.loop == control_loop::closed) {
    harq_process& process = ue.harq.processes[pdu.harq_process_id];
    process.nof_transmissions = pdu.new_data ? 1 : process.nof_transmissions + 1;
    process.nof_heard = pdu.new_data ? 0 : process.nof_heard;
    process.state = harq_state::waiting;
    process.slot = target;
    process.grant = pdu;
  }
}

std::int32_t scheduler::free_prb() const noexcept
{
  return plan_.config.common.bwp_size - next_prb_;
}

} // namespace pado::mac
