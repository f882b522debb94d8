// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/blind/dmrs_runs.h"
#include <vector>

namespace pado::phy {

/// A DM-RS port that sends on some PRBs.
struct port_level {
  std::int32_t port = 0; ///< 0 and 1 on comb 0, 2 and 3 on comb 1
  float snr = 0.0F;      ///< of a pilot, linear, over what lies between the ports
};

/// Antenna ports that send on the PRBs of a run. The two of a comb lie half the delay range apart (FD-OCC),
/// and a window over the pilots keeps them apart even where one is 30 dB stronger. Ascending; never empty:
/// the strongest one stays.
std::vector<port_level>
find_ports(const slot_spectrum& spectrum, std::int32_t slot, dmrs_identity identity, const dmrs_run& run);

/// How likely another UE begins at each PRB of a run: log-likelihood, 0 where nothing speaks for it.
///
/// The channel on both sides of each border between PRBs is carried on to the border, by the delay of each
/// side; that of one UE meets there. Power of the other symbols steps, too. What is usual inside the run is
/// the measure of both.
///
/// out  [prb of the run], 0 for the first one
std::vector<float>
find_edges(const slot_spectrum& spectrum, std::int32_t slot, const dmrs_map& map, const dmrs_run& run);

/// The same from the power of the symbols without DM-RS alone, on any PRBs: shows where a weak UE ends.
///
/// out  [prb of the range], 0 for the first one
std::vector<float> find_power_edges(const slot_spectrum& spectrum, std::uint16_t dmrs_mask, prb_range prbs);

} // namespace pado::phy
