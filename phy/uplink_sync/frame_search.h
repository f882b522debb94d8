// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/slot.h"
#include "phy/blind/dmrs_map.h"
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pado::phy {

/// One OFDM symbol of which nobody knows which one of the frame it is.
struct frame_symbol {
  std::int32_t position = 0; ///< symbols since some begin, the same for all of a stretch
  std::int32_t nof_ports = 0;
  std::vector<cf32> re = {}; ///< [port][subcarrier], the carrier's middle at half of them; no phase removed
};

/// What a DM-RS may be, most likely first.
struct frame_search_config {
  numerology scs;
  std::span<const std::int32_t> ids; ///< N_ID
  /// Common resource block subcarrier of the carrier's middle: six times its PRBs, where it begins at CRB 0.
  std::span<const std::int32_t> middles;
  std::int32_t max_symbols = 24;   ///< looked at with every hypothesis
  std::int32_t max_shifts = 1;     ///< tries of where the half subframe begins: 1 trusts the positions
  std::int32_t window_advance = 0; ///< samples of the FFT windows before the end of the prefix
  std::int32_t fft_size = 0;
};

/// DM-RS of a symbol that the match explains.
struct frame_hit {
  std::size_t symbol = 0;    ///< index into the symbols that were given
  std::int32_t in_frame = 0; ///< symbol of the frame
  std::int32_t begin = 0;    ///< first subcarrier of the stretch with a pilot; every other one has one
  std::int32_t end = 0;
  float level = 0.0F; ///< as of dmrs_map
  cf32 turn;          ///< of the channel over 4 subcarriers, one a pilot
};

/// Where in the frame the symbols are.
struct frame_match {
  dmrs_identity identity; ///< of the strongest DM-RS
  std::int32_t middle = 0;
  std::int32_t first_symbol = 0; ///< of the frame, at position 0
  float log_chance = 0.0F;       ///< natural logarithm: that chance finds as much anywhere in the search
  float delay_samples = 0.0F;    ///< of the signal behind the prefixes that were supposed
  std::vector<frame_hit> hits;
};

/// A match must be less likely than this by chance, as a natural logarithm: 1e-6.
inline constexpr float most_log_chance = -13.8F;

/// Finds which symbols of a frame were received from the DM-RS sequences in them, which depend on slot,
/// symbol and identity. Positions within the half subframe are supposed right first; all others are tried
/// after that.
std::optional<frame_match> find_frame(std::span<const frame_symbol> symbols,
                                      const frame_search_config& config);

/// Channel of a hit: the pilots divided by their sequence.
///
/// out  [port][pilot]
std::vector<cf32> channel_of(const frame_symbol& symbol, const frame_match& match, const frame_hit& hit);

} // namespace pado::phy
