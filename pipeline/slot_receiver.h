// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/clock.h"
#include "pipeline/harq_pool.h"
#include "pipeline/slot_leases.h"
#include "pipeline/slot_pipeline.h"
#include <cstdint>

namespace pado::pipeline {

/// One slot_pipeline with its HARQ memory, for slots one after the other: vectors, tests.
template <backend B>
class slot_receiver {
public:
  /// nof_harq_blocks  code blocks of HARQ memory
  /// \errors throws std::bad_alloc, and std::runtime_error when there is no device
  slot_receiver(const slot_pipeline_plan& plan, std::int32_t nof_harq_blocks)
      : plan_(plan), pool_(nof_harq_blocks), soft_(static_cast<std::size_t>(pool_.memory_bytes())),
        pipeline_(plan_, soft_.as(static_cast<std::int32_t>(soft_.size())), time_)
  {
  }

  slot_report run(const uplink_slot& slot, const slot_plan& plan)
  {
    leases_.acquire(pool_, plan_.program, plan, nof_slots_);
    slot_report report;
    pipeline_.run(slot, plan, leases_.places(), report);
    leases_.release(pool_, report);
    ++nof_slots_;
    return report;
  }

private:
  slot_pipeline_plan plan_;
  steady_clock time_;
  harq_pool pool_;
  buffer<std::int8_t, memory_of<B>> soft_;
  slot_pipeline<B> pipeline_;
  slot_leases leases_;
  std::int64_t nof_slots_ = 0;
};

} // namespace pado::pipeline
