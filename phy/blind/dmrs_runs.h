// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/blind/dmrs_map.h"
#include <cstdint>
#include <span>
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

/// Where the DM-RS of one identity shows in a slot.
struct identity_map {
  dmrs_identity identity;
  dmrs_map map;
};

/// A stretch of PRBs on which the DM-RS of one identity lies on the symbols of a mask.
struct dmrs_run {
  dmrs_identity identity;
  std::uint16_t dmrs_mask = 0;
  std::int32_t comb = 0; ///< the stronger one
  prb_range prbs;
  float level = 0.0F;    ///< of both combs where both show; as of dmrs_map: noise reaches it with exp(-level)
  float turn_rad = 0.0F; ///< of the channel over 4 subcarriers; negative: late
  std::vector<std::int32_t> borders = {}; ///< PRBs inside where a fade or another UE interrupts it
};

/// Levels of one identity and mask on any interval, on one comb or on both.
class run_levels {
public:
  run_levels(const dmrs_map& map, std::uint16_t mask);

  std::uint16_t mask() const { return mask_; }
  /// Best of comb 0, comb 1 and both.
  float of(prb_range prbs) const;
  /// Highest of(begin, end) + bonus[begin] of all begins in [first, end), and where.
  std::pair<float, std::int32_t>
  best_begin(std::int32_t first, std::int32_t end, std::span<const float> bonus) const;

private:
  /// Sums of turns, so that an interval is the difference of what holds up to its end and what holds up to
  /// its begin; what leads into the next PRB belongs to neither.
  struct comb_sums {
    std::vector<float> begin_re, begin_im, begin_count;
    std::vector<float> end_re, end_im, end_count;
  };

  float at(std::int32_t begin, std::size_t end) const;

  std::uint16_t mask_;
  comb_sums comb_[2];
};

/// Cuts the carrier into stretches that one identity and mask explains best: of all ways to cut it the one
/// with the highest sum of levels, each less what chance reaches somewhere. Neighbours of the same identity
/// and mask are one stretch, also across a fade of a few PRBs.
///
/// favoured  masks that known UEs use: tried even where no single symbol shows anything
/// taken     [prb] PRBs that are explained already; empty: none
std::vector<dmrs_run> find_dmrs_runs(std::span<const identity_map> maps,
                                     const std::vector<std::uint16_t>& favoured,
                                     const std::vector<bool>& taken = {});

} // namespace pado::phy
