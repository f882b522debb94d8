// SPDX-License-Identifier: Apache-2.0
#include "models/link_quality/link_quality.h"
#include "core/limits.h"
#include <algorithm>
#include <cmath>

namespace pado::models {
namespace {

constexpr std::size_t nof_rnti = 65536;
constexpr float lowest_sinr_db = -30.0F;
constexpr float highest_sinr_db = 60.0F;

// A sum of softmax weights may leave [0, 1] by rounding; that is no fault of the model.
constexpr float rounding = 1e-4F;

// A model that is late again and again still costs its time: after 8 late batches it sits out 256.
constexpr std::int32_t late_batches_before_rest = 8;
constexpr std::int32_t rest_batches = 256;

} // namespace

const char* name_of(advice_source source)
{
  constexpr const char* names[nof_advice_sources] = {
      "classical", "model", "late", "not_a_number", "out_of_range", "guarded"};
  return names[static_cast<std::size_t>(source)];
}

result<link_quality_plan> plan_link_quality(const link_quality_config& config)
{
  const auto wrong = first_out_of_range({
      {"link_quality.numerology", static_cast<double>(config.numerology.mu), 0, 6},
      {"link_quality.max_ues", static_cast<double>(config.max_ues), 1, 1024},
      {"link_quality.forget_slots", static_cast<double>(config.forget_slots), 1, 8000},
      {"link_quality.budget_ns", static_cast<double>(config.budget_ns), 1e3, 1e8},
      {"link_quality.guard.window", static_cast<double>(config.guard.window), 8, max_guard_window},
      {"link_quality.guard.trip_margin", static_cast<double>(config.guard.trip_margin), 0.001, 1},
      {"link_quality.guard.readmit_margin",
       static_cast<double>(config.guard.readmit_margin),
       -1,
       static_cast<double>(config.guard.trip_margin)},
  });
  if (wrong) {
    return *wrong;
  }
  result<classical_plan> classical = plan_classical(config.classical, config.mcs_table);
  if (!classical) {
    return classical.failure();
  }
  return link_quality_plan{config, classical.value()};
}

link_quality::link_quality(const link_quality_plan& plan,
                           std::unique_ptr<link_quality_engine> model,
                           const clock& time)
    : plan_(plan), model_(std::move(model)), time_(time), classical_(plan.classical),
      slots_(plan.config.numerology), index_of_rnti_(nof_rnti, -1),
      arrays_(plan.config.max_ues, plan.classical.nof_mcs, plan.classical.required_db),
      model_probability_(static_cast<std::size_t>(plan.config.max_ues * plan.classical.nof_mcs))
{
  ues_.reserve(static_cast<std::size_t>(plan.config.max_ues));
  advice_.reserve(static_cast<std::size_t>(plan.config.max_ues));
}

void link_quality::observe(const slot_report& report) noexcept
{
  if (report.is_faulted) {
    counters_.faulted_reports.add();
    return;
  }
  const std::int64_t at = slots_.number_of(report.slot);
  for (const pusch_report& pusch : report.pusch) {
    if (pusch.pdu.mcs_table != plan_.config.mcs_table || pusch.pdu.mcs_index >= plan_.classical.nof_mcs) {
      counters_.other_table.add();
    } else if (pusch.dtx) {
      counters_.dtx.add();
    } else if (!std::isfinite(pusch.sinr_db)) {
      counters_.bad_sinr.add();
    } else {
      observe_pusch(pusch, at);
    }
  }
}

void link_quality::observe_pusch(const pusch_report& report, std::int64_t at) noexcept
{
  ue_history& ue = ue_of(report.pdu.rnti, at);
  const bool is_first = report.pdu.new_data && report.pdu.rv_index == 0;
  if (is_first) {
    score_outcome(ue, report, at);
  }
  link_event event;
  event.slot = at;
  event.sinr_db = std::clamp(report.sinr_db, lowest_sinr_db, highest_sinr_db);
  event.ack = !is_first ? 0.0F : report.tb_crc_ok ? 1.0F : -1.0F;
  event.mcs = static_cast<float>(report.pdu.mcs_index);
  event.required_db = plan_.classical.required_db[report.pdu.mcs_index];
  event.coherence =
      std::isfinite(report.dmrs_coherence) ? std::clamp(report.dmrs_coherence, 0.0F, 1.0F) : 0.0F;
  ue.push(event);
  counters_.observed.add();
}

void link_quality::score_outcome(ue_history& ue, const pusch_report& report, std::int64_t at) noexcept
{
  const given_advice* given = ue.given_for(at);
  if (given == nullptr) {
    return; // nobody asked about this slot
  }
  const std::size_t mcs = report.pdu.mcs_index;
  ue.offset_db = classical_.corrected_offset_db(ue.offset_db, given->classical[mcs], report.tb_crc_ok);
  if (!given->has_model) {
    return;
  }
  counters_.scored.add();
  const guard_change change =
      score(plan_.config.guard, ue.guard, given->model[mcs], given->classical[mcs], report.tb_crc_ok);
  if (change == guard_change::tripped) {
    counters_.guard_trips.add();
  } else if (change == guard_change::readmitted) {
    counters_.readmissions.add();
  }
}

ue_history& link_quality::ue_of(std::uint16_t rnti, std::int64_t at) noexcept
{
  const std::int16_t known = index_of_rnti_[rnti];
  if (known >= 0) {
    return ues_[static_cast<std::size_t>(known)];
  }
  if (static_cast<std::int32_t>(ues_.size()) == plan_.config.max_ues) {
    const auto oldest =
        std::min_element(ues_.begin(), ues_.end(), [](const ue_history& a, const ue_history& b) {
          return a.last_slot < b.last_slot;
        });
    remove(static_cast<std::size_t>(oldest - ues_.begin()));
    counters_.evicted.add();
  }
  index_of_rnti_[rnti] = static_cast<std::int16_t>(ues_.size());
  ue_history& ue = ues_.emplace_back();
  ue.rnti = rnti;
  ue.last_slot = at;
  return ue;
}

void link_quality::remove(std::size_t row) noexcept
{
  index_of_rnti_[ues_[row].rnti] = -1;
  if (row + 1 != ues_.size()) {
    ues_[row] = ues_.back();
    index_of_rnti_[ues_[row].rnti] = static_cast<std::int16_t>(row);
  }
  ues_.pop_back();
}

void link_quality::forget_silent(std::int64_t target) noexcept
{
  for (std::size_t row = ues_.size(); row-- > 0;) {
    if (target - ues_[row].last_slot > plan_.config.forget_slots) {
      remove(row);
      counters_.forgotten.add();
    }
  }
}

std::span<const link_advice> link_quality::advise(slot_id target_slot) noexcept
{
  const std::int64_t begin_ns = time_.now_ns();
  const std::int64_t target = slots_.number_of(target_slot);
  forget_silent(target);
  const std::int32_t nof_ues = static_cast<std::int32_t>(ues_.size());
  for (std::int32_t row = 0; row < nof_ues; ++row) {
    arrays_.write(row, ues_[static_cast<std::size_t>(row)], target);
  }
  classical_.run(arrays_.of(nof_ues), arrays_.classical_probability(nof_ues));
  const batch_verdict verdict = nof_ues == 0 ? batch_verdict{} : ask_model(nof_ues, begin_ns);
  advice_.resize(static_cast<std::size_t>(nof_ues));
  for (std::int32_t row = 0; row < nof_ues; ++row) {
    advise_ue(row, target, verdict);
  }
  return {advice_.data(), advice_.size()};
}

link_quality::batch_verdict link_quality::ask_model(std::int32_t nof_ues, std::int64_t begin_ns) noexcept
{
  if (model_ == nullptr) {
    return {};
  }
  counters_.batches.add();
  if (nof_rests_ > 0) {
    --nof_rests_;
    counters_.rested_batches.add();
    return {advice_source::late, false, 0};
  }
  const bool ran = model_->run(arrays_.of(nof_ues), model_probability_.as(nof_ues, plan_.classical.nof_mcs));
  const std::int64_t duration_ns = time_.now_ns() - begin_ns;
  const auto longest_ns = static_cast<std::int64_t>(counters_.max_inference_ns.value());
  if (duration_ns > longest_ns) {
    counters_.max_inference_ns.add(static_cast<std::uint64_t>(duration_ns - longest_ns));
  }
  if (!ran) {
    counters_.failed_batches.add();
    return {advice_source::late, false, duration_ns};
  }
  if (duration_ns <= plan_.config.budget_ns) {
    nof_late_in_a_row_ = 0;
    return {advice_source::model, true, duration_ns};
  }
  counters_.late_batches.add();
  if (++nof_late_in_a_row_ == late_batches_before_rest) {
    nof_late_in_a_row_ = 0;
    nof_rests_ = rest_batches;
  }
  return {advice_source::late, true, duration_ns};
}

void link_quality::advise_ue(std::int32_t row, std::int64_t target, const batch_verdict& verdict) noexcept
{
  ue_history& ue = ues_[static_cast<std::size_t>(row)];
  link_advice& advice = advice_[static_cast<std::size_t>(row)];
  given_advice& given = ue.place_for(target);
  const std::int32_t nof_mcs = plan_.classical.nof_mcs;
  const float* classical = &arrays_.of(row + 1).classical_probability(row, 0);
  const float* model = model_probability_.data() + static_cast<std::ptrdiff_t>(row) * nof_mcs;
  std::copy_n(classical, nof_mcs, given.classical.begin());

  advice_source source = verdict.source;
  given.has_model = false;
  if (verdict.has_values) {
    const advice_source fault = fault_of(model, nof_mcs);
    given.has_model = fault == advice_source::model;
    if (given.has_model) {
      std::transform(
          model, model + nof_mcs, given.model.begin(), [](float p) { return std::clamp(p, 0.0F, 1.0F); });
    }
    source = source != advice_source::model ? source : fault;
  }
  if (source == advice_source::model && ue.guard.is_tripped) {
    source = advice_source::guarded;
  }
  advice.rnti = ue.rnti;
  advice.source = source;
  advice.nof_mcs = nof_mcs;
  advice.inference_ns = verdict.duration_ns;
  advice.success_probability = source == advice_source::model ? given.model : given.classical;
  counters_.advised.add();
  counters_.from[static_cast<std::size_t>(source)].add();
}

advice_source link_quality::fault_of(const float* probability, std::int32_t nof_mcs) noexcept
{
  bool is_in_range = true;
  for (std::int32_t mcs = 0; mcs < nof_mcs; ++mcs) {
    const float p = probability[mcs];
    if (!std::isfinite(p)) {
      return advice_source::not_a_number;
    }
    is_in_range = is_in_range && p >= -rounding && p <= 1.0F + rounding;
  }
  return is_in_range ? advice_source::model : advice_source::out_of_range;
}

} // namespace pado::models
