// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/assembly/assembler_config.h"
#include "io/ecpri/drop_reason.h"
#include "io/oran/app_header.h"
#include <optional>

namespace pado::io {

/// Turns header times into slot numbers that never wrap, and keeps a wrong header from moving the clock.
///
/// Slot number s is slot s mod (1024 frames) of the SFN cycle; with sfn0_ns it begins on air at sfn0_ns + s *
/// slot_ns.
class slot_clock {
public:
  slot_clock(const cell_config& cell, std::int32_t reorder_slots) noexcept;

  struct place {
    std::int64_t slot = 0;
    bool is_resync = false; ///< the clock was set anew: all open slots belong to another time
  };
  /// The slot number of a header, at most max_lag behind the newest slot. Moves the newest slot forward.
  /// \errors bad_time; closed_slot for a slot behind the open ones; implausible_slot
  drop locate(const app_header& header, std::int64_t arrival_ns, std::int64_t max_lag, place& out) noexcept;

  bool is_started() const noexcept { return is_started_; }
  std::int64_t newest() const noexcept { return newest_; }
  /// Forgets all; the next header starts anew.
  void reset() noexcept;

  bool has_air_time() const noexcept { return sfn0_ns_.has_value(); }
  /// Begin of the slot on air, 0 when unknown.
  std::int64_t air_ns(std::int64_t slot) const noexcept;
  slot_id id_of(std::int64_t slot) const noexcept;

private:
  std::int64_t expected_slot(std::int64_t arrival_ns) const noexcept;
  bool is_confirmed(std::int64_t slot, int nof_needed) noexcept;
  void set(std::int64_t slot, std::int64_t arrival_ns) noexcept;

  numerology scs_;
  std::optional<std::int64_t> sfn0_ns_;
  std::optional<std::int32_t> near_sfn_;
  std::int64_t reorder_slots_;

  bool is_started_ = false;
  std::int64_t newest_ = 0;
  std::int64_t newest_ns_ = 0;
  std::int32_t nof_placed_ = 0; ///< since the clock was set
  std::int64_t candidate_ = 0;  ///< where refused headers point
  std::int32_t nof_pointing_ = 0;
};

} // namespace pado::io
