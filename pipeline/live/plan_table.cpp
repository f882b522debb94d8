// SPDX-License-Identifier: Apache-2.0
#include "pipeline/live/plan_table.h"
#include <algorithm>
#include <string>

namespace pado::pipeline {

namespace {

/// Frames from the first to the last plan, in the order given, over the wrap of the SFN.
std::int32_t span_frames(const std::vector<slot_plan>& plans)
{
  std::int32_t last = 0;
  for (const slot_plan& plan : plans) {
    const std::int32_t frames = (plan.slot.sfn - plans.front().slot.sfn) % nof_sfn;
    last = std::max(last, frames < 0 ? frames + nof_sfn : frames);
  }
  return last + 1;
}

} // namespace

result<plan_table> plan_table::make(std::vector<slot_plan> plans, numerology scs, std::int32_t period_frames)
{
  if (plans.empty()) {
    return error{"schedule", "is empty: there is nothing to decode"};
  }
  const std::int32_t span = span_frames(plans);
  if (period_frames == 0) {
    period_frames = 1;
    while (period_frames < span) {
      period_frames *= 2;
    }
  }
  if (period_frames < 1 || nof_sfn % period_frames != 0) {
    return error{"period",
                 "is " + std::to_string(period_frames) +
                     " frames, must divide the 1024 frames of the SFN cycle"};
  }
  if (period_frames < span) {
    return error{"period",
                 "is " + std::to_string(period_frames) + " frames, but the schedule spans " +
                     std::to_string(span)};
  }
  plan_table table;
  table.plans_ = std::move(plans);
  table.index_.assign(static_cast<std::size_t>(period_frames * scs.slots_per_frame()), -1);
  for (std::size_t i = 0; i < table.plans_.size(); ++i) {
    const slot_id slot = table.plans_[i].slot;
    const auto at = static_cast<std::size_t>(slot_count(slot, scs)) % table.index_.size();
    if (slot.slot >= scs.slots_per_frame() || table.index_[at] >= 0) {
      return error{"schedule",
                   "slot " + text_of(slot) +
                       (slot.slot >= scs.slots_per_frame() ? " is beyond the frame"
                                                           : " is there twice in its period")};
    }
    table.index_[at] = static_cast<std::int32_t>(i);
  }
  return table;
}

} // namespace pado::pipeline
