// SPDX-License-Identifier: Apache-2.0
#pragma once

// The passes of the stage, in the order they run. Each needs the results of the one before for all tasks.
#include "phy/channel_estimate/decide_body.h"
#include "phy/channel_estimate/filter_body.h"
#include "phy/channel_estimate/gaps_body.h"
#include "phy/channel_estimate/measure_body.h"
#include "phy/channel_estimate/residual_body.h"

namespace pado::phy::body {

/// Shared by the host's scratch and the device's dynamic shared memory.
inline std::size_t channel_estimate_scratch_bytes(int max_prb)
{
  const std::size_t measure = measure_scratch_floats(max_prb);
  const std::size_t filter = filter_scratch_floats(max_prb);
  return sizeof(float) * (measure > filter ? measure : filter);
}

} // namespace pado::phy::body
