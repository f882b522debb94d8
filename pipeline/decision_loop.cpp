// SPDX-License-Identifier: Apache-2.0
#include "pipeline/decision_loop.h"

namespace pado::pipeline {

decision_loop::decision_loop(const models::link_quality_plan& hook,
                             std::unique_ptr<models::link_quality_engine> model,
                             const mac::scheduler_plan& scheduler,
                             const clock& time)
    : hook_(hook, std::move(model), time), scheduler_(scheduler), numerology_(scheduler.config.numerology),
      k2_(scheduler.config.k2)
{
}

void decision_loop::observe(const slot_report& report) noexcept
{
  hook_.observe(report);
  scheduler_.observe(report);
}

decision_loop::decision decision_loop::grant(slot_id target) noexcept
{
  decision made;
  made.advice = hook_.advise(target);
  made.grants = &scheduler_.grant(target, made.advice);
  return made;
}

decision_loop::decision decision_loop::decide(const slot_report& report) noexcept
{
  observe(report);
  decision made;
  const std::optional<slot_id> target = target_of(report.slot);
  made.advice = hook_.advise(target.value_or(advance(report.slot, k2_, numerology_)));
  if (target) {
    made.grants = &scheduler_.grant(*target, made.advice);
  }
  return made;
}

std::optional<slot_id> decision_loop::target_of(slot_id reported) noexcept
{
  // One TDD period is at most 10 ms: the search ends within a frame, also for a pattern without uplink slots.
  for (std::int32_t ahead = 0; ahead < numerology_.slots_per_frame(); ++ahead) {
    const slot_id candidate = advance(reported, k2_ + ahead, numerology_);
    if (!scheduler_.is_uplink(candidate)) {
      continue;
    }
    if (last_target_ && distance(*last_target_, candidate, numerology_) <= 0) {
      return std::nullopt;
    }
    last_target_ = candidate;
    return candidate;
  }
  return std::nullopt;
}

} // namespace pado::pipeline
