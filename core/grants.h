// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot_plan.h"
#include <vector>

namespace pado {

/// Scheduling decisions for one uplink slot: the hand-over from mac/ to the C-plane and to the plan of slot n
/// + k2.
struct slot_grants {
  std::int32_t cell = 0;
  slot_id slot; ///< the uplink slot that they are for
  std::vector<pusch_pdu> pusch;
};

} // namespace pado
