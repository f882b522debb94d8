// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/blind/dmrs_map.h"
#include <cstdint>
#include <vector>

namespace pado::phy {

/// Symbols of an allocation and the DM-RS symbols that they have.
struct time_layout {
  std::uint16_t dmrs_mask = 0;
  std::uint8_t start_symbol = 0;
  std::uint8_t nof_symbols = 0;

  friend bool operator==(time_layout, time_layout) = default;
};

/// Every time allocation of a PUSCH with the DM-RS that the receiver decodes, each once, longest first. From
/// the table that the transmitter and the scenario files use.
const std::vector<time_layout>& usable_layouts();

/// A stretch of PRBs on which the DM-RS of one identity lies on one comb, on the symbols of a mask.
struct dmrs_run {
  std::uint16_t dmrs_mask = 0;
  std::int32_t comb = 0;
  prb_range prbs;
  float level = 0.0F;    ///< as of dmrs_map: chance that one place of noise reaches it is exp(-level)
  float turn_rad = 0.0F; ///< of the channel over 4 subcarriers; negative: late
};

/// Finds the stretches, strongest first: the mask and the interval with the highest level, then the same in
/// what is left, until chance would do as well.
///
/// favoured  masks that known UEs use: tried even where no single symbol shows anything
std::vector<dmrs_run> find_dmrs_runs(const dmrs_map& map, const std::vector<std::uint16_t>& favoured);

} // namespace pado::phy
