// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/oran/survey.h"

namespace pado::io {

/// Finds the shortest period of an observed schedule of 20 ms.
///
/// slots      one entry a slot, beginning with slot 0 of an even frame
/// is_whole   the capture is longer than 20 ms, so an empty slot is truly empty; otherwise it tells nothing
/// is_fdd     both directions may use the same symbol
std::vector<slot_symbols>
shortest_pattern(const std::vector<slot_symbols>& slots, bool is_whole, bool is_fdd);

/// True when uplink and downlink share symbols in a good part of the slots that have both.
bool looks_like_fdd(const std::vector<slot_symbols>& slots);

} // namespace pado::io
