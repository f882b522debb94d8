// SPDX-License-Identifier: Apache-2.0
// Made by make_small_block_tables.py.
// clang-format off
#pragma once

#include <array>
#include <cstdint>

namespace pado::phy {

/// Column k of the basis M of 38.212, Table 5.3.3.3-1: coded bit i is bit i.
inline constexpr std::array<std::uint32_t, 11> small_block_basis = {
    0xFFFFFFFFU, 0x4BA5A933U, 0x7D910E5AU, 0x6D26339CU, 0x71C7C3E0U, 0x7E0FFC00U,
    0x731D8E64U, 0x6B44F5B0U, 0x7DC218ECU, 0x4DA1B746U, 0x42F0FFFFU,
};

} // namespace pado::phy
