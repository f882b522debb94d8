// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/slot_source.h"
#include <algorithm>
#include <vector>

namespace pado::apps {

/// Received slots in memory, as a source. Says where each begins, so that slots of the same number are kept
/// apart.
class memory_source final : public slot_source {
public:
  /// slots  borrowed, as are their arrays
  explicit memory_source(std::vector<uplink_slot> slots) : slots_(std::move(slots)), lines_(slots_.size())
  {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      lines_[i].plan.slot = slots_[i].slot;
      lines_[i].sample = static_cast<std::int64_t>(i);
    }
  }

  result<bool> next(sourced_slot& out) override
  {
    if (at_ == slots_.size()) {
      return false;
    }
    out.slot = slots_[at_];
    out.scheduled = &lines_[at_];
    ++at_;
    return true;
  }
  double progress() const override
  {
    return static_cast<double>(at_) / static_cast<double>(std::max<std::size_t>(slots_.size(), 1));
  }
  std::vector<source_count> counts() const override { return {}; }
  std::string describe() const override { return "memory"; }

private:
  std::vector<uplink_slot> slots_;
  std::vector<scheduled_slot> lines_;
  std::size_t at_ = 0;
};

} // namespace pado::apps
