// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/advice.h"
#include "core/buffer.h"
#include "core/clock.h"
#include "core/counter.h"
#include "core/result.h"
#include "core/slot_report.h"
#include "models/link_quality/classical.h"
#include "models/link_quality/engine.h"
#include "models/link_quality/guard.h"
#include "models/link_quality/ue_history.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace pado::models {

struct link_quality_config {
  pado::numerology numerology;
  std::uint8_t mcs_table = 0; ///< as pusch_pdu.mcs_table; reports with another table are counted and left out
  std::int32_t max_ues = 64;  ///< 1..1024; when full, the UE that was silent longest makes room
  std::int32_t forget_slots = 4000; ///< 1..8000: a UE silent for longer is forgotten
  std::int64_t budget_ns = 100'000; ///< 1'000..100'000'000 for one batch, features and checks included
  classical_config classical;
  guard_config guard;
};

struct link_quality_plan {
  link_quality_config config;
  classical_plan classical;
};
/// \errors the first field outside its range
result<link_quality_plan> plan_link_quality(const link_quality_config& config);

inline constexpr std::size_t nof_advice_sources = static_cast<std::size_t>(advice_source::nof_sources);
const char* name_of(advice_source source);

/// What the hook did so far. One writer, any thread may read.
/// Law: advised == sum(from), and batches == batches in time + late_batches + failed_batches.
struct link_quality_counters {
  counter observed;        ///< reports that went into a history
  counter other_table;     ///< reports of another MCS table: left out
  counter dtx;             ///< nothing was sent: says nothing of the link, left out
  counter bad_sinr;        ///< reports whose SINR is not a finite number: left out
  counter faulted_reports; ///< slots that the PHY gave up: left out whole
  counter evicted;         ///< UEs that made room
  counter forgotten;       ///< UEs that were silent for forget_slots
  counter batches;         ///< calls of advise() with a model and at least one UE
  counter late_batches;
  counter failed_batches; ///< the engine said that it failed: classical value, source late
  counter rested_batches; ///< batches without a call: the model rests after a run of late ones. Source late
  counter advised;        ///< pieces of advice
  std::array<counter, nof_advice_sources> from; ///< pieces of advice by source
  counter scored;                               ///< outcomes that the guard compared
  counter guard_trips;                          ///< UEs taken from the model
  counter readmissions;                         ///< and given back
  counter max_inference_ns;                     ///< the longest batch
};

/// The hook link_quality of one cell: slot reports in, P(success) of each MCS per UE out.
///
/// Keeps a short history per UE, asks the classical engine and, where there is one, the model; checks the
/// model's time, NaN and range, and compares both with what then happened. Whatever is wrong, the classical
/// value is used and the reason is counted and stands in the advice.
class link_quality {
public:
  /// Allocates everything that observe() and advise() need. May throw std::bad_alloc.
  /// model    may be null: classical advice only
  /// time     is read twice a batch; outlives the hook
  link_quality(const link_quality_plan& plan, std::unique_ptr<link_quality_engine> model, const clock& time);

  /// Slot path: no allocation, lock, wait, log or throw.
  void observe(const slot_report& report) noexcept;

  /// Slot path. Advice about `target` for every UE in the history, valid until the next call.
  /// Allocation: none of ours; what the engine does is the engine's (docs/models.md says what OpenVINO does).
  std::span<const link_advice> advise(slot_id target) noexcept;

  const link_quality_counters& counters() const noexcept { return counters_; }

private:
  struct batch_verdict {
    advice_source source = advice_source::classical;
    bool has_values = false; ///< the model wrote something: it is scored, even when it came late
    std::int64_t duration_ns = 0;
  };

  void observe_pusch(const pusch_report& report, std::int64_t at) noexcept;
  void score_outcome(ue_history& ue, const pusch_report& report, std::int64_t at) noexcept;
  ue_history& ue_of(std::uint16_t rnti, std::int64_t at) noexcept;
  void remove(std::size_t row) noexcept;
  void forget_silent(std::int64_t target) noexcept;
  batch_verdict ask_model(std::int32_t nof_ues, std::int64_t begin_ns) noexcept;
  void advise_ue(std::int32_t row, std::int64_t target, const batch_verdict& verdict) noexcept;
  static advice_source fault_of(const float* probability, std::int32_t nof_mcs) noexcept;

  link_quality_plan plan_;
  std::unique_ptr<link_quality_engine> model_;
  const clock& time_;
  classical_engine classical_;
  slot_counter slots_;
  std::vector<ue_history> ues_;
  std::vector<std::int16_t> index_of_rnti_; ///< [rnti] row of ues_, -1: unknown
  feature_arrays arrays_;
  buffer<float> model_probability_; ///< [ue][mcs]
  std::vector<link_advice> advice_;
  std::int32_t nof_late_in_a_row_ = 0;
  std::int32_t nof_rests_ = 0; ///< batches still to sit out
  link_quality_counters counters_;
};

} // namespace pado::models
