// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/scenario_file.h"
#include "apps/schedule_file.h"
#include "phy/channel/random.h"
#include <cstdint>
#include <vector>

namespace pado::apps {

/// One uplink slot that has grants.
struct planned_slot {
  std::int64_t slot = 0;        ///< since the simulation began
  scheduled_slot schedule;      ///< grants, payloads, and whether the UE sends
  std::vector<std::int32_t> ue; ///< whose each of schedule.plan.pusch is, index into scenario.ues
};

/// Random bytes of a transport block: a function of the stream alone.
std::vector<std::uint8_t> draw_payload(const phy::random_stream& stream, std::uint32_t nof_bytes);

/// Grants and payloads of all uplink slots. A pure function of the scenario: every draw is keyed by seed, UE
/// and block.
///
/// \errors  a grant that cannot be sent
result<std::vector<planned_slot>> plan_slots(const scenario_config& scenario);

} // namespace pado::apps
