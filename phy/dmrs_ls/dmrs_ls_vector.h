// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/dmrs_ls/dmrs_ls.h"

namespace pado::phy {

/// One task on one port, four pilots at a time: gives what body::dmrs_ls gives, up to the rounding of its
/// products.
///
/// words  the task's sequence bits
/// res    the REs of the symbol from the allocation's first subcarrier on
/// h      the task's estimates
void dmrs_ls_row(const dmrs_ls_task& task, const std::uint32_t* words, const ch16* res, cf32* h) noexcept;

} // namespace pado::phy
