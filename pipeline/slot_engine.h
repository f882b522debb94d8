// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"
#include "core/slot_report.h"
#include "core/uplink_slot.h"
#include "pipeline/harq_pool.h"
#include "pipeline/slot_pipeline.h"
#include <cstdint>
#include <functional>
#include <memory>

namespace pado::pipeline {

struct slot_engine_config {
  std::int32_t nof_workers = 1;        ///< slots decoded at the same time, 1..64
  std::int32_t nof_harq_blocks = 4096; ///< code blocks of HARQ memory, 26 kB each
};

/// Decodes slots on several workers and gives the reports back in the order of the slots.
///
/// For offline work: feed() copies the slot and waits while all workers are busy. A slot that holds a
/// retransmission waits until every earlier slot is done, so HARQ works as in real time whatever the number
/// of workers.
template <backend B>
class slot_engine {
public:
  /// Called by the thread that feeds, once a slot, in order.
  /// The slot is the engine's copy, valid during the call.
  using sink = std::function<void(const slot_report&, const uplink_slot&)>;

  /// \errors throws std::bad_alloc, and std::runtime_error when the back end has no device
  slot_engine(const slot_pipeline_plan& plan,
              const slot_engine_config& config,
              const clock& time,
              sink on_report);
  ~slot_engine();
  slot_engine(const slot_engine&) = delete;
  slot_engine& operator=(const slot_engine&) = delete;

  /// Decodes a slot. Reports of this or of earlier slots may be delivered before it returns.
  void feed(const uplink_slot& slot, const slot_plan& plan);

  /// Delivers all reports still out.
  void finish();

  std::uint64_t nof_harq_evictions() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace pado::pipeline
