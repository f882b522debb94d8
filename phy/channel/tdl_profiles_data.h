// SPDX-License-Identifier: Apache-2.0
// Made by phy/channel/make_tdl_profiles.py. TS 38.104, Tables G.2.1.1-2 to -4.
#pragma once

namespace pado::phy::table_data {

struct tdl_tap {
  float delay_ns;
  float power_db; ///< as in the table: the sum is not 1
};

inline constexpr tdl_tap tdla30[12] = {
    {0.0F, -15.5F},
    {10.0F, 0.0F},
    {15.0F, -5.1F},
    {20.0F, -5.1F},
    {25.0F, -9.6F},
    {50.0F, -8.2F},
    {65.0F, -13.1F},
    {75.0F, -11.5F},
    {105.0F, -11.0F},
    {135.0F, -16.2F},
    {150.0F, -16.6F},
    {290.0F, -26.2F},
};
inline constexpr tdl_tap tdlb100[12] = {
    {0.0F, 0.0F},
    {10.0F, -2.2F},
    {20.0F, -0.6F},
    {30.0F, -0.6F},
    {35.0F, -0.3F},
    {45.0F, -1.2F},
    {55.0F, -5.9F},
    {120.0F, -2.2F},
    {170.0F, -0.8F},
    {245.0F, -6.3F},
    {330.0F, -7.5F},
    {480.0F, -7.1F},
};
inline constexpr tdl_tap tdlc300[12] = {
    {0.0F, -6.9F},
    {65.0F, 0.0F},
    {70.0F, -7.7F},
    {190.0F, -2.5F},
    {195.0F, -2.4F},
    {200.0F, -9.9F},
    {240.0F, -8.0F},
    {325.0F, -6.6F},
    {520.0F, -7.1F},
    {1045.0F, -13.0F},
    {1510.0F, -14.2F},
    {2595.0F, -16.0F},
};

} // namespace pado::phy::table_data
