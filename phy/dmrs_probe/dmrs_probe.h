// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/slot.h"
#include "core/slot_plan.h"
#include "core/view.h"
#include <cstdint>
#include <optional>
#include <string>

namespace pado::phy {

/// One guess at how the DM-RS of a PUSCH was made.
struct dmrs_hypothesis {
  std::int32_t slot = 0;   ///< in the frame
  std::int32_t symbol = 0; ///< that carries the first DM-RS
  std::int32_t scrambling_id = 0;
  std::int32_t scid = 0;
  std::int32_t port = 0; ///< 0..3
};

/// How well a guess fits the signal.
struct dmrs_match {
  dmrs_hypothesis hypothesis;
  float coherence = 0.0F; ///< 0..1; a wrong guess gives about 1 / sqrt(pairs of pilots)
  float delay_s = 0.0F;   ///< from the turn over frequency; positive: late
};

/// What a search over the alternatives of one PUSCH found.
struct dmrs_finding {
  dmrs_match given;                 ///< the schedule's own parameters
  std::optional<dmrs_match> better; ///< the alternative that fits, when one clearly does
  float chance_level = 0.0F;        ///< coherence that a wrong guess reaches in this search only rarely
};

/// Tries other slot numbers, n_SCID, DM-RS symbols, ports and scrambling identities on a slot whose block
/// failed.
///
/// One parameter is changed at a time; all 65536 identities only when nothing simpler fits. The statistic is
/// differential over neighbouring pairs of pilots and summed over ports, so neither delay nor channel phase
/// matter.
///
/// grid            [port][symbol][subcarrier]  the slot as received
/// grid_start_crb  CRB of subcarrier 0
///
/// \spec TS 38.211, 6.4.1.1.1.1
dmrs_finding probe_dmrs(view<const ch16, 3> grid,
                        const pusch_pdu& pdu,
                        slot_id slot,
                        numerology scs,
                        std::int32_t grid_start_crb);

/// The finding in words for a person, with the option that mends it; empty when nothing clear was found.
std::string explain(const dmrs_finding& finding, const pusch_pdu& pdu);

} // namespace pado::phy
