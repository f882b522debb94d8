// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/blind/dmrs_runs.h"
#include <vector>

namespace pado::phy {

/// Antenna ports that send on the comb of a run: 0 and 1 on comb 0, 2 and 3 on comb 1. The two are told apart
/// by FD-OCC once the delay is taken out. Never empty: the stronger one stays.
std::vector<std::int32_t>
find_ports(const slot_spectrum& spectrum, std::int32_t slot, dmrs_identity identity, const dmrs_run& run);

/// A place where the channel on the DM-RS jumps: another UE may begin there.
struct channel_step {
  std::int32_t prb = 0;   ///< first PRB behind the step
  float size = 0.0F;      ///< 0: none, 1: the channels have nothing in common, 2: opposite
  bool is_strong = false; ///< hardly the channel of one UE
};

/// Steps inside a run that stand out from the run's own changes, largest first.
std::vector<channel_step>
find_steps(const slot_spectrum& spectrum, std::int32_t slot, dmrs_identity identity, const dmrs_run& run);

} // namespace pado::phy
