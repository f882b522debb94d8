// SPDX-License-Identifier: Apache-2.0
#include "models/link_quality/guard.h"
#include <cstddef>

namespace pado::models {

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

  const bool trips = !state.is_tripped && state.sum > static_cast<double>(config.trip_margin) * config.window;
  const bool recovers = state.is_tripped && state.count == config.window &&
                        state.sum <= static_cast<double>(config.readmit_margin) * config.window;
  if (!trips && !recovers) {
    return guard_change::none;
  }
  state = guard_state{};
  state.is_tripped = trips;
  return trips ? guard_change::tripped : guard_change::readmitted;
}

} // namespace pado::models
