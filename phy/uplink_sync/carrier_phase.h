// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/uplink_sync/frame_search.h"
#include <span>
#include <vector>

namespace pado::phy {

/// How the channel turned between two DM-RS symbols of one slot.
struct symbol_turn {
  std::int64_t samples = 0; ///< from the useful part of one to that of the other
  cf32 turn;                ///< magnitude 1 at most: less where the two channels do not agree
};

/// Turns between all DM-RS symbols of a slot that lie on the same subcarriers.
std::vector<symbol_turn> symbol_turns(std::span<const frame_symbol> symbols,
                                      const frame_match& match,
                                      numerology scs,
                                      std::int64_t sample_rate_hz);

/// A carrier frequency that explains the turns: each symbol is turned back by that of its carrier at the
/// begin of its useful part (TS 38.211, 5.4), so that one that is not turned on reception seems to turn.
struct carrier_candidate {
  std::int64_t carrier_hz = 0; ///< modulo 1.92 MHz, where all symbols repeat
  float agreement = 0.0F;      ///< -1..1; 1: all turns are explained
};

/// How well one frequency explains the turns.
float carrier_agreement(std::span<const symbol_turn> turns,
                        std::int64_t carrier_hz,
                        std::int64_t sample_rate_hz);

/// The best frequencies, best first, each of which turns the symbols of a slot in another way. Few DM-RS
/// symbols leave several.
std::vector<carrier_candidate> find_carriers(std::span<const symbol_turn> turns,
                                             numerology scs,
                                             std::int64_t sample_rate_hz,
                                             std::size_t most);

} // namespace pado::phy
