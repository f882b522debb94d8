// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/live_status.h"
#include "io/assembly/slot_assembler.h"
#include <string>

namespace pado::apps {

/// The counters of one eAxC as plain values. Without a window nothing is said of arrivals.
/// While packets come, the counts are of moments that follow each other: arrivals are never fewer than
/// on_time + early + late, if the window stays the same.
flow_status status_of(const io::flow_counters& flow);

/// Arrivals as one line of characters, from ' ' (none) to '@' (the greatest bin); '|' are the window's ends.
std::string arrival_line(const flow_status& flow);

} // namespace pado::apps
