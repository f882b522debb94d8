// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/blind/slot_spectrum.h"
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace pado::phy {

/// What a DM-RS sequence depends on besides slot and symbol.
struct dmrs_identity {
  std::int32_t scrambling_id = 0; ///< N_ID, 0..65535
  std::int32_t scid = 0;          ///< 0 or 1

  friend bool operator==(dmrs_identity, dmrs_identity) = default;
};

/// Natural logarithm without a call, so that loops stay vector loops. x > 0; within 1e-4.
inline float fast_log(float x)
{
  const auto bits = std::bit_cast<std::uint32_t>(x) + 0x004afb0dU; // so that the rest lies around 1
  const auto exponent = static_cast<float>(static_cast<std::int32_t>(bits >> 23U) - 127);
  const float rest = std::bit_cast<float>((bits & 0x007fffffU) + 0x3f3504f3U);
  const float t = (rest - 1.0F) / (rest + 1.0F);
  const float q = t * t;
  return 0.69314718F * exponent + 2.0F * t * (1.0F + q * (0.33333333F + q * (0.2F + q * 0.14285714F)));
}

/// What a sum of unit numbers says for a common direction: how unlikely random directions reach it, as a
/// natural logarithm. |sum|^2 / count where that is small; where there is little noise it grows with the
/// spread of the directions (large deviations of a sum of unit numbers), so that a mask or an interval that
/// takes in what does not belong to it loses more than it gains.
inline float level_of(cf32 turn, float count)
{
  const float most = count > 1.0F ? count : 1.0F;
  const float all = norm(turn) / (most * most);
  const float share = all < 0.9995F ? all : 0.9995F;
  return 0.5F * (most * share - (most - 1.0F) * fast_log(1.0F - share));
}

/// Where the DM-RS of one identity shows, on each symbol and comb of a slot.
///
/// The received REs are divided by the sequence; where it is in them, what is left is the channel, which
/// turns from a pilot to the one after the next by the delay alone (two on, so that the FD-OCC of the ports
/// plays no part). The turns, each as a number of magnitude 1, add up; where the sequence is not in them
/// their directions are random. So level_of() has the exponential distribution of mean 1 on noise, on data
/// and on other sequences, whatever their power: exp(-level) is its false-alarm rate.
class dmrs_map {
public:
  /// taken  [prb] PRBs that are explained already and left out; empty: none
  void make(const slot_spectrum& spectrum,
            std::int32_t slot,
            dmrs_identity identity,
            const std::vector<bool>& taken = {});

  /// Nothing is known again: nof_prb() is 0.
  void clear() { nof_prb_ = 0; }

  struct evidence {
    cf32 turn;          ///< sum of unit numbers
    float count = 0.0F; ///< how many

    float level() const { return level_of(turn, count); }
  };
  /// Of the PRBs [begin, end) of one symbol and comb.
  evidence of(std::int32_t symbol, std::int32_t comb, prb_range prbs) const;
  /// Added up over the symbols of a mask: they have the same delay.
  evidence of_mask(std::uint32_t symbols, std::int32_t comb, prb_range prbs) const;

  /// Of all PRBs below one, with or without the products that lead from them into it: of(begin, end) is what
  /// lies below end, without, less what lies below begin, with.
  evidence before_mask(std::uint32_t symbols, std::int32_t comb, std::int32_t prb, bool leads_on) const;

  std::int32_t nof_prb() const { return nof_prb_; }

private:
  struct sums {
    cf32 turn;
    float count = 0.0F;
  };
  const sums* row(std::int32_t symbol, std::int32_t comb) const
  {
    return sums_.data() + static_cast<std::ptrdiff_t>(symbol * 2 + comb) * 2 * (nof_prb_ + 1);
  }

  void add(const slot_spectrum& spectrum, std::int32_t slot, dmrs_identity identity, prb_range prbs);

  std::vector<sums> sums_; ///< [symbol][comb][inside a PRB, into the next one][prb]: sums of all PRBs before
  std::int32_t nof_prb_ = 0;
};

/// What a map would say of one place, without the map: dmrs_map::of_mask().
dmrs_map::evidence dmrs_evidence(const slot_spectrum& spectrum,
                                 std::int32_t slot,
                                 dmrs_identity identity,
                                 std::uint32_t symbols,
                                 std::int32_t comb,
                                 prb_range prbs);

/// What is left of one symbol and comb after division by the sequence.
///
/// out  [port][pilot]  6 a PRB of the range
void divide_by_dmrs(const slot_spectrum& spectrum,
                    std::uint32_t c_init,
                    std::int32_t symbol,
                    std::int32_t comb,
                    prb_range prbs,
                    std::vector<cf32>& out);

} // namespace pado::phy
