// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/slot_program/slot_program.h"
#include <cstddef>
#include <span>

namespace pado::phy {

/// Where one task array lies in packed memory.
struct packed_list {
  std::size_t begin_bytes = 0;
  std::int32_t size = 0; ///< tasks
};

struct packed_tasks {
  packed_list gold, dmrs_ls, estimates, pdus, tiles, uci, small_blocks, polar, polar_codes, rate_dematch,
      blocks, tbs;
  std::size_t nof_bytes = 0; ///< up to the end of the last
};

/// Copies the tasks that a slot uses side by side, each array on 64 bytes: what travels to a device in one
/// copy. The program's own arrays lie as far apart as the cell's limits want, a hundred times that.
///
/// to  at least from.capacity_bytes()
packed_tasks pack_tasks(const slot_program& from, std::span<std::byte> to) noexcept;

} // namespace pado::phy
