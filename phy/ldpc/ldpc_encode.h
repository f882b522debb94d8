// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace pado::phy {

/// LDPC encoder of one code block, 64 lifted rows at a time.
///
/// base_graph  1 or 2
/// z           lifting size
/// nof_rows    base-graph rows to compute, 4..46 or 4..42: later parity is left out
/// info        [byte]  22 z or 10 z bits packed MSB first, fillers 0
/// coded       [bit]   0 or 1 each: (22 or 10) z systematic bits, the first 2 z included, then nof_rows z
/// parity bits
///
/// \spec    TS 38.212, 5.3.2
/// \errors  none: the caller's sizes are asserted
void ldpc_encode(std::int32_t base_graph,
                 std::int32_t z,
                 std::int32_t nof_rows,
                 std::span<const std::uint8_t> info,
                 std::span<std::uint8_t> coded);

} // namespace pado::phy
