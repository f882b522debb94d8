// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/view.h"
#include "phy/pbch/mib.h"
#include "phy/ssb/ssb_identify.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace pado::phy {

/// One SS/PBCH block in a grid.
struct grid_cell {
  std::int32_t symbol = 0;           ///< of the PSS
  std::int32_t first_subcarrier = 0; ///< of the block's 240
  ssb_identity identity;
  std::optional<mib> content; ///< without one the PBCH was not decoded
};

/// Looks for SS/PBCH blocks in symbols that are already a grid, as fronthaul delivers them, of the block's
/// own spacing. Delays up to 1 / (12 scs) and any phase from symbol to symbol are followed; a PSS below -3 dB
/// is missed.
///
/// grid  [symbol][subcarrier]  cf32, consecutive symbols of one port, at least four; a PSS in the last three
/// is not found
///
/// Returns the blocks in order of symbol, then subcarrier. Allocates: for tools, not for the slot path.
std::vector<grid_cell> find_ssb_in_grid(view<const cf32, 2> grid);

} // namespace pado::phy
