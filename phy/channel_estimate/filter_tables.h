// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel_estimate/channel_estimate.h"
#include <array>

namespace pado::phy {

/// Classes of the smoothing filters. A channel's power over delay is taken as a two-sided exponential around
/// its centre, whose correlation over frequency is 1 / (1 + (spread d)^2) at a distance of d pilots.
inline constexpr std::array<float, 5> filter_spreads = {
    0.006F, 0.02F, 0.05F, 0.11F, 0.25F};                                                   ///< rad per pilot
inline constexpr std::array<float, 5> filter_snrs_db = {-6.0F, 4.0F, 14.0F, 24.0F, 36.0F}; ///< of a pilot
inline constexpr int nof_filter_spreads = static_cast<int>(filter_spreads.size());
inline constexpr int nof_filter_snrs = static_cast<int>(filter_snrs_db.size());
inline constexpr int filter_max_prb = 8;
inline constexpr int filter_taps = 6 * filter_max_prb;
inline constexpr int nof_filters = 2 * nof_filter_spreads * nof_filter_snrs * filter_max_prb;

/// Number of a filter in the plan's table; nof_prb 1..8.
PADO_HD inline int filter_index(int has_peer, int spread, int snr, int nof_prb)
{
  return ((has_peer * nof_filter_spreads + spread) * nof_filter_snrs + snr) * filter_max_prb + nof_prb - 1;
}

/// Appends all filters in the order of filter_index().
void make_filter_tables(std::vector<channel_filter>& filters, std::vector<float>& coefficients);

} // namespace pado::phy
