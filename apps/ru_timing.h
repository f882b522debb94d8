// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot.h"
#include <array>
#include <cstdint>

namespace pado::apps {

/// When slots and symbols are on air, in ns of the system clock, as a radio unit with a clock of its own sees
/// it.
///
/// Slots are counted from some begin of SFN 0, so slot s has the SFN s / slots_per_frame mod 1024. The unit's
/// clock shows t + offset + drift (t - reference) at time t; what it believes to be on time is early when it
/// is ahead.
class ru_timing {
public:
  struct settings {
    numerology scs;
    std::int64_t sfn0_ns = 0; ///< io::sfn0_of_utc_ns
    std::int64_t clock_offset_ns = 0;
    std::int64_t clock_drift_ppb = 0;
    std::int64_t reference_ns = 0; ///< where the drift is 0
  };
  explicit ru_timing(const settings& of) noexcept;

  numerology scs() const noexcept { return settings_.scs; }
  /// The slot that the unit believes to be on air.
  std::int64_t slot_at(std::int64_t now_ns) const noexcept;
  slot_id id_of(std::int64_t slot) const noexcept;
  std::int64_t slot_begin_ns(std::int64_t slot) const noexcept;
  std::int64_t symbol_begin_ns(std::int64_t slot, std::int32_t symbol) const noexcept;
  std::int64_t symbol_end_ns(std::int64_t slot, std::int32_t symbol) const noexcept;

  /// The slot nearest to `near` that a header with 8 bits of the SFN can mean.
  std::int64_t nearest_slot(std::uint8_t frame,
                            std::int32_t subframe,
                            std::int32_t slot,
                            std::int64_t near) const noexcept;

private:
  std::int64_t subframe_ns(std::int64_t slot) const noexcept;
  std::int64_t to_system_ns(std::int64_t unit_ns) const noexcept;

  settings settings_;
  std::array<std::int64_t, 8> slot_begin_{}; ///< in the subframe
  std::array<std::array<std::int64_t, nof_symbols_per_slot>, 8> symbol_end_{};
};

} // namespace pado::apps
