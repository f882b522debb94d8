// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot.h"
#include <cstdint>

namespace pado::pipeline {

/// When the slots of a cell are on air. Slots have numbers that never wrap: number s begins at
/// sfn0_ns + s * slot_ns and is slot s mod (1024 frames) of the SFN cycle, as in the slot assembler.
struct slot_time {
  numerology scs;
  std::int64_t sfn0_ns = 0; ///< some SFN 0 begins on air, system clock

  std::int64_t air_ns(std::int64_t slot) const { return sfn0_ns + slot * scs.slot_ns(); }
  std::int64_t symbol_ns(std::int64_t slot, std::int32_t symbol) const
  {
    return air_ns(slot) + scs.slot_ns() * symbol / nof_symbols_per_slot;
  }

  /// The slot that is on air.
  std::int64_t slot_at(std::int64_t now_ns) const { return floor_div(now_ns - sfn0_ns, scs.slot_ns()); }

  slot_id id_of(std::int64_t slot) const
  {
    const std::int64_t cycle = slots_per_cycle();
    const auto count = static_cast<std::int32_t>(slot - cycle * floor_div(slot, cycle));
    return {count / scs.slots_per_frame(), count % scs.slots_per_frame()};
  }

  /// The number nearest to `near_slot` of a slot in the cycle.
  std::int64_t number_of(slot_id id, std::int64_t near_slot) const
  {
    return near_slot + distance(id_of(near_slot), id, scs);
  }

  std::int64_t slots_per_cycle() const { return std::int64_t{nof_sfn} * scs.slots_per_frame(); }

private:
  static std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
};

} // namespace pado::pipeline
