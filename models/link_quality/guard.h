// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace pado::models {

inline constexpr int max_guard_window = 256;

/// When a UE is taken from the model, and when it gets it back.
struct guard_config {
  std::int32_t window = 64; ///< 8..256 outcomes
  float trip_margin =
      0.03F; ///< 0.001..1: trips when the model's Brier score is worse by this, summed over a window
  float readmit_margin = 0.0F; ///< -1..trip_margin: back when a whole new window is worse by at most this
};

/// Brier score of the model minus that of the classical value over the last outcomes of one UE. Plain data.
struct guard_state {
  std::array<float, max_guard_window> difference = {};
  std::int32_t count = 0;
  std::int32_t next = 0;
  double sum = 0.0;
  bool is_tripped = false;
};

enum class guard_change : std::uint8_t { none, tripped, readmitted };

/// Enters one outcome: what both said about the MCS that was used, and what happened.
///
/// Trips before the window is full if the sum already says so: a model that is off by 3 dB is out after 3 or
/// 4 bad outcomes, one that is right about as often as the classical value practically never (docs/models.md
/// has the numbers).
guard_change
score(const guard_config& config, guard_state& state, float model_p, float classical_p, bool is_ack) noexcept;

} // namespace pado::models
