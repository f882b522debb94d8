// SPDX-License-Identifier: Apache-2.0
// Made by make_uci_tables.py.
// clang-format off
#pragma once

#include <cstdint>

namespace pado::phy {

/// 38.213, Table 9.3-1, times 40: whole numbers.
inline constexpr std::int32_t beta_harq_ack_times_40[] = {
    40, 80, 100, 125, 160, 200, 250, 320, 400, 505, 635, 800, 1240, 2000, 3200, 5040, 24, 16, 8, 4, 2};

/// 38.213, Table 9.3-2, times 40: whole numbers.
inline constexpr std::int32_t beta_csi_times_40[] = {
    45, 50, 55, 65, 70, 80, 90, 100, 115, 125, 140, 160, 200, 250, 320, 400, 505, 635, 800};

/// `scaling` of 38.331, times 20.
inline constexpr std::int32_t alpha_times_20[] = {
    10, 13, 16, 20};

} // namespace pado::phy
