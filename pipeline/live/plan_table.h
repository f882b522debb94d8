// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/slot_plan.h"
#include <cstdint>
#include <vector>

namespace pado::pipeline {

/// A schedule that repeats: what to decode in each slot of a period. Immutable.
class plan_table {
public:
  /// Nothing to decode, ever.
  plan_table() = default;

  /// period_frames  0: the least power of two of frames that the plans fit into
  /// \errors  a period that does not divide the 1024 frames of the SFN cycle, or is shorter than the plans
  /// are apart; two plans for one slot of the period; no plan
  static result<plan_table> make(std::vector<slot_plan> plans, numerology scs, std::int32_t period_frames);

  /// The plan of a slot number (slot_time), or null. Its slot_id is that of the file.
  const slot_plan* find(std::int64_t slot) const noexcept
  {
    if (index_.empty()) {
      return nullptr;
    }
    const auto period = static_cast<std::int64_t>(index_.size());
    const std::int32_t found = index_[static_cast<std::size_t>(((slot % period) + period) % period)];
    return found < 0 ? nullptr : &plans_[static_cast<std::size_t>(found)];
  }
  const std::vector<slot_plan>& plans() const noexcept { return plans_; }
  std::int64_t period_slots() const noexcept { return static_cast<std::int64_t>(index_.size()); }

private:
  std::vector<slot_plan> plans_;
  std::vector<std::int32_t> index_; ///< [slot of the period] of plans_, -1: none
};

} // namespace pado::pipeline
