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
  float readmit_margin =
      0.0F; ///< -1..trip_margin: a window whose score is worse by at most this is a good one
};

/// Brier score of the model minus that of the classical value over the last outcomes of one UE. Plain data.
struct guard_state {
  std::array<float, max_guard_window> difference = {};
  std::int32_t count = 0;
  std::int32_t next = 0;
  double sum = 0.0;
  bool is_tripped = false;
  std::int32_t nof_trips = 0;    ///< less one for each 32 windows without a trip
  std::int32_t good_windows = 0; ///< in a row, since the last change or full window that was not good
};

enum class guard_change : std::uint8_t { none, tripped, readmitted };

/// Enters one outcome: what both said about the MCS that was used, and what happened.
///
/// Trips before the window is full if the sum already says so. The UE is given back after 1 good window in a
/// row, after the second trip 2, then 4, up to 64: outcomes of the classical value's careful MCS cannot
/// convict a model that is reckless about higher ones, so each relapse must cost less than the one before.
guard_change
score(const guard_config& config, guard_state& state, float model_p, float classical_p, bool is_ack) noexcept;

} // namespace pado::models
