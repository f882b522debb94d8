// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_file.h"
#include "apps/live_status.h"
#include "io/assembly/slot_assembler.h"
#include <string>

namespace pado::apps {

/// The counters of one eAxC as plain values. Without a window nothing is said of arrivals.
flow_status status_of(const io::flow_counters& flow, const std::optional<ta4_window>& window);

/// Arrivals as one line of characters, from ' ' (none) to '@' (the greatest bin); '|' are the window's ends.
std::string arrival_line(const flow_status& flow);

} // namespace pado::apps
