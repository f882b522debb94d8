// SPDX-License-Identifier: Apache-2.0
#include "models/link_quality/guard.h"
#include <algorithm>
#include <cstddef>

namespace pado::models {
namespace {

constexpr std::int32_t windows_that_clear_a_trip = 32;
constexpr std::int32_t most_trips_counted = 7; // 64 windows

std::int32_t probation_windows(const guard_state& state)
{
  return 1 << (state.nof_trips - 1);
}

void restart(guard_state& state, bool is_tripped)
{
  const std::int32_t nof_trips = state.nof_trips;
  state = guard_state{};
  state.nof_trips = nof_trips;
  state.is_tripped = is_tripped;
}

guard_change trip(guard_state& state)
{
  state.nof_trips = std::min(state.nof_trips + 1, most_trips_counted);
  restart(state, true);
  return guard_change::tripped;
}

guard_change readmit(guard_state& state)
{
  restart(state, false);
  return guard_change::readmitted;
}

} // namespace

guard_change
score(const guard_config& config, guard_state& state, float model_p, float classical_p, bool is_ack) noexcept
{
  const float y = is_ack ? 1.0F : 0.0F;
  const float difference = (model_p - y) * (model_p - y) - (classical_p - y) * (classical_p - y);
  float& entry = state.difference[static_cast<std::size_t>(state.next)];
  if (state.count == config.window) {
    state.sum -= static_cast<double>(entry);
  } else {
    ++state.count;
  }
  entry = difference;
  state.sum += static_cast<double>(difference);
  state.next = (state.next + 1) % config.window;

  if (!state.is_tripped && state.sum > static_cast<double>(config.trip_margin) * config.window) {
    return trip(state);
  }
  const bool is_window_end = state.count == config.window && state.next == 0;
  if (!is_window_end) {
    return guard_change::none;
  }
  const bool is_good = state.sum <= static_cast<double>(config.readmit_margin) * config.window;
  state.good_windows = is_good || !state.is_tripped ? state.good_windows + 1 : 0;
  if (state.is_tripped && state.good_windows >= probation_windows(state)) {
    return readmit(state);
  }
  if (!state.is_tripped && state.good_windows == windows_that_clear_a_trip) {
    state.good_windows = 0;
    state.nof_trips = state.nof_trips > 0 ? state.nof_trips - 1 : 0;
  }
  return guard_change::none;
}

} // namespace pado::models
