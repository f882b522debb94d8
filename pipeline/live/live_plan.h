// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/advice.h"
#include "core/counter.h"
#include "core/grants.h"
#include "core/slot_plan.h"
#include "core/slot_report.h"
#include "pipeline/live/lending_ring.h"
#include <cstdint>
#include <vector>

namespace pado::pipeline {

/// What to decode in one slot, on its way from who decides it to who decodes it.
struct numbered_plan {
  std::int64_t slot = INT64_MIN; ///< slot_time
  slot_plan plan;

  /// With room for so many PDUs, so that copies need no memory.
  static numbered_plan with_room(std::size_t max_pdus)
  {
    numbered_plan made;
    made.plan.pusch.reserve(max_pdus);
    return made;
  }
};

/// What the slot thread tells about one slot.
struct live_report {
  enum class kind : std::uint8_t {
    decoded,      ///< `report` is that of the receiver
    shed,         ///< too late: its samples were not decoded
    not_received, ///< granted, but nothing arrived
    granted       ///< `grants` are what the scheduler decided for a later slot: nothing else is set
  };
  kind what = kind::decoded;
  std::int64_t slot = 0; ///< slot_time; of the grants for `granted`
  slot_report report;    ///< for shed and not_received: only the PDUs and what they were to be
  std::vector<link_advice> advice;
  slot_grants grants; ///< decided, or (open loop) proposed
  bool has_grants = false;
  std::int64_t air_to_report_ns = 0; ///< from the end of the slot on air
  bool is_late = false;              ///< after the deadline
};

using plan_ring = lending_ring<numbered_plan>;
using report_ring = lending_ring<live_report>;

} // namespace pado::pipeline
