// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/dmrs_map.h"
#include "phy/gold/c_init.h"
#include "phy/gold/gold_sequence.h"
#include <algorithm>
#include <cmath>

namespace pado::phy {

namespace {
constexpr std::int32_t pilots_per_prb = 6;
} // namespace

void divide_by_dmrs(const slot_spectrum& spectrum,
                    std::uint32_t c_init,
                    std::int32_t symbol,
                    std::int32_t comb,
                    prb_range prbs,
                    std::vector<cf32>& out)
{
  const std::int32_t nof_pilots = pilots_per_prb * prbs.size();
  std::vector<std::uint32_t> words(static_cast<std::size_t>((2 * nof_pilots + 31) / 32));
  const std::int32_t first_bit = 2 * pilots_per_prb * (spectrum.grid_start_crb() + prbs.begin);
  gold_bits(c_init, static_cast<std::uint32_t>(first_bit), words);
  out.resize(static_cast<std::size_t>(spectrum.nof_ports() * nof_pilots));
  cf32* to = out.data();
  for (std::int32_t port = 0; port < spectrum.nof_ports(); ++port) {
    const cf32* const row = spectrum.row(port, symbol) + nof_subcarriers_per_prb * prbs.begin + comb;
    for (std::int32_t p = 0; p < nof_pilots; ++p) {
      const std::uint32_t bits = words[static_cast<std::size_t>(p / 16)] >> (2 * (p % 16));
      const float unit = 0.70710678F;
      const cf32 r = {(bits & 1U) != 0 ? -unit : unit, (bits & 2U) != 0 ? unit : -unit}; // conjugate
      *to++ = row[2 * p] * r;
    }
  }
}

void dmrs_map::make(const slot_spectrum& spectrum, std::int32_t slot, dmrs_identity identity)
{
  nof_prb_ = spectrum.nof_prb();
  sums_.assign(static_cast<std::size_t>(nof_symbols_per_slot) * 4 * static_cast<std::size_t>(nof_prb_ + 1),
               sums{});
  const std::int32_t nof_pilots = pilots_per_prb * nof_prb_;
  std::vector<cf32> pilots;
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    const std::uint32_t c_init = pusch_dmrs_c_init(slot, symbol, identity.scrambling_id, identity.scid);
    for (std::int32_t comb = 0; comb < 2; ++comb) {
      divide_by_dmrs(spectrum, c_init, symbol, comb, {0, nof_prb_}, pilots);
      sums* const inside = sums_.data() + static_cast<std::ptrdiff_t>(symbol * 2 + comb) * 2 * (nof_prb_ + 1);
      sums* const across = inside + nof_prb_ + 1;
      for (std::int32_t p = 0; p + 2 < nof_pilots; ++p) {
        cf32 product;
        for (std::int32_t port = 0; port < spectrum.nof_ports(); ++port) {
          const cf32* const a = pilots.data() + static_cast<std::ptrdiff_t>(port) * nof_pilots + p;
          product += conj(a[0]) * a[2];
        }
        const float power = norm(product);
        if (power > 0.0F) {
          const std::int32_t prb = p / pilots_per_prb;
          sums& to = ((p + 2) / pilots_per_prb == prb ? inside : across)[prb + 1];
          to.turn += (1.0F / std::sqrt(power)) * product;
          to.count += 1.0F;
        }
      }
      for (std::int32_t prb = 0; prb < nof_prb_; ++prb) {
        for (sums* const part : {inside, across}) {
          part[prb + 1].turn += part[prb].turn;
          part[prb + 1].count += part[prb].count;
        }
      }
    }
  }
}

dmrs_map::evidence dmrs_map::of(std::int32_t symbol, std::int32_t comb, prb_range prbs) const
{
  const sums* const inside = row(symbol, comb);
  const sums* const across = inside + nof_prb_ + 1;
  const sums& a = inside[prbs.begin];
  const sums& b = inside[prbs.end];
  const sums& c = across[prbs.begin];
  const sums& d = across[prbs.end - 1];
  return {b.turn - a.turn + (d.turn - c.turn), b.count - a.count + (d.count - c.count)};
}

dmrs_map::evidence
dmrs_map::before_mask(std::uint32_t symbols, std::int32_t comb, std::int32_t prb, bool leads_on) const
{
  evidence sum;
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    if (((symbols >> symbol) & 1U) != 0) {
      const sums* const inside = row(symbol, comb);
      const sums* const across = inside + nof_prb_ + 1;
      const sums& next = across[leads_on ? prb : std::max(prb - 1, 0)];
      sum.turn += inside[prb].turn + next.turn;
      sum.count += inside[prb].count + next.count;
    }
  }
  return sum;
}

dmrs_map::evidence dmrs_map::of_mask(std::uint32_t symbols, std::int32_t comb, prb_range prbs) const
{
  evidence sum;
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    if (((symbols >> symbol) & 1U) != 0) {
      const evidence one = of(symbol, comb, prbs);
      sum.turn += one.turn;
      sum.count += one.count;
    }
  }
  return sum;
}

} // namespace pado::phy
