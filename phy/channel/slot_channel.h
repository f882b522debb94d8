// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel/channel_grid.h"
#include "phy/channel/channel_time.h"
#include "phy/channel/fading.h"
#include <vector>

namespace pado::phy {

/// The carrier that a slot's channel is evaluated for.
struct carrier_config {
  numerology scs;
  std::int32_t nof_prb = 0;
  std::int32_t fft_size = 0; ///< time domain: sample rate = fft_size * scs
};

/// Channels of all UEs of one slot, appended UE by UE: the arrays that channel_grid reads.
struct slot_channel_grid {
  std::vector<channel_grid_task> tasks;
  std::vector<cf32> gains;
  std::vector<cf32> steering;

  void clear();
  /// Gains in the middle of every symbol, CFO included, and the phases of the taps' delays.
  ///
  /// slot     since slot 0 of the simulation, which is the first of a subframe
  /// prbs     where the UE sends
  /// tx_port  row of its first tx port
  void add(const channel_plan& plan,
           const carrier_config& carrier,
           std::int64_t slot,
           prb_range prbs,
           std::int32_t tx_port);
};

/// Channels of all UEs of one slot, appended UE by UE: the arrays that channel_time reads.
struct slot_channel_time {
  std::vector<channel_time_task> tasks;
  std::vector<channel_time_tap> taps;
  std::vector<cf32> gains;
  std::int32_t nof_samples = 0; ///< of the output: lead, slot, the longest tail

  void clear();
  /// Gains on knots so close that interpolating between them is exact to -80 dB.
  void add(const channel_plan& plan,
           const carrier_config& carrier,
           std::int64_t slot,
           std::int32_t slot_samples,
           std::int32_t tx_port);
};

} // namespace pado::phy
