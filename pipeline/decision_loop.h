// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/advice.h"
#include "core/clock.h"
#include "core/grants.h"
#include "core/slot_report.h"
#include "mac/scheduler/scheduler.h"
#include "models/link_quality/link_quality.h"
#include <memory>
#include <optional>
#include <span>

namespace pado::pipeline {

/// Reports in, scheduling decisions out: the hook link_quality and the scheduler of one cell, wired.
class decision_loop {
public:
  /// model  may be null: classical advice
  decision_loop(const models::link_quality_plan& hook,
                std::unique_ptr<models::link_quality_engine> model,
                const mac::scheduler_plan& scheduler,
                const clock& time);

  /// What one report led to. Valid until the next call.
  struct decision {
    std::span<const link_advice> advice;
    const slot_grants* grants = nullptr; ///< null: every uplink slot in reach has its grants already
  };

  /// Slot path. Grants are for the first uplink slot at least k2 after the report's that has none yet.
  decision decide(const slot_report& report) noexcept;

  /// The two halves of decide(), for who knows by the clock which slot is due: reports whenever they come,
  /// and grants once for each slot, in order. Slot path.
  void observe(const slot_report& report) noexcept;
  decision grant(slot_id target) noexcept;

  /// UEs that the scheduler serves when its loop is closed. Not in the slot path.
  bool add_ue(std::uint16_t rnti) noexcept { return scheduler_.add_ue(rnti); }
  bool is_uplink(slot_id slot) const noexcept { return scheduler_.is_uplink(slot); }
  std::int32_t k2() const noexcept { return k2_; }

  const models::link_quality_counters& hook_counters() const { return hook_.counters(); }
  const mac::scheduler_counters& scheduler_counters() const { return scheduler_.counters(); }

private:
  std::optional<slot_id> target_of(slot_id reported) noexcept;

  models::link_quality hook_;
  mac::scheduler scheduler_;
  numerology numerology_;
  std::int32_t k2_;
  std::optional<slot_id> last_target_;
};

} // namespace pado::pipeline
