// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/slot_program/slot_program.h"

namespace pado::phy {

/// PRBs of one tile at most: its channel, inverse and soft bits stay in a core's L2 cache.
inline constexpr std::int32_t tile_prbs = 16;

/// Tiles that the PDUs of a slot can need: runs of PRBs between allocation edges, cut to tile_prbs, times
/// runs of symbols.
std::int32_t max_nof_tiles(const slot_limits& limits);

/// Cuts the slot into tiles on which the set of received layers is constant.
///
/// in.pdus, in.estimates  of the compiled PDUs
/// symbol ranges follow from re_offset: a PDU is on a symbol where it has data REs
/// \errors  false when a tile would hold more than 4 layers or the tiles run out
bool make_tiles(const slot_program_plan& plan, slot_program& program);

} // namespace pado::phy
