// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/dmrs_map.h"
#include "phy/dmrs_ls/dmrs_ls_body.h"
#include "phy/gold/c_init.h"
#include "phy/gold/gold_sequence.h"
#include <algorithm>

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
  const view<const std::uint32_t, 1> bits(words.data(), static_cast<std::int32_t>(words.size()));
  std::vector<cf32> sequence(static_cast<std::size_t>(nof_pilots)); // conjugate
  for (std::int32_t p = 0; p < nof_pilots; ++p) {
    sequence[static_cast<std::size_t>(p)] = conj(body::dmrs_pilot(bits, 0, p));
  }
  out.resize(static_cast<std::size_t>(spectrum.nof_ports() * nof_pilots));
  cf32* to = out.data();
  for (std::int32_t port = 0; port < spectrum.nof_ports(); ++port) {
    const cf32* const row = spectrum.row(port, symbol) + nof_subcarriers_per_prb * prbs.begin + comb;
    for (std::int32_t p = 0; p < nof_pilots; ++p) {
      *to++ = row[2 * p] * sequence[static_cast<std::size_t>(p)];
    }
  }
}

namespace {

/// 1 / sqrt(x) without a call, so that the loop stays a vector loop: within 1e-5.
float fast_inverse_root(float x)
{
  float y = std::bit_cast<float>(0x5f375a86U - (std::bit_cast<std::uint32_t>(x) >> 1U));
  y *= 1.5F - 0.5F * x * y * y;
  return y * (1.5F - 0.5F * x * y * y);
}

/// Turns of the channel from each pilot to the one after the next, as unit numbers; 0 where nothing is.
class pilot_turns {
public:
  void make(const std::vector<cf32>& pilots, std::int32_t nof_pilots)
  {
    size_ = std::max(0, nof_pilots - 2);
    const auto size = static_cast<std::size_t>(size_);
    re_.assign(size, 0.0F);
    im_.assign(size, 0.0F);
    for (std::size_t begin = 0; begin + size < pilots.size(); begin += static_cast<std::size_t>(nof_pilots)) {
      const cf32* const a = pilots.data() + begin;
      float* const re = re_.data();
      float* const im = im_.data();
      for (std::size_t p = 0; p < size; ++p) {
        const cf32 product = conj(a[p]) * a[p + 2];
        re[p] += product.re;
        im[p] += product.im;
      }
    }
    for (std::size_t p = 0; p < size; ++p) {
      const float power = re_[p] * re_[p] + im_[p] * im_[p];
      const float scale = power > 0.0F ? fast_inverse_root(power) : 0.0F;
      re_[p] *= scale;
      im_[p] *= scale;
    }
  }
  std::int32_t size() const { return size_; }
  cf32 operator[](std::int32_t p) const
  {
    return {re_[static_cast<std::size_t>(p)], im_[static_cast<std::size_t>(p)]};
  }

private:
  std::int32_t size_ = 0;
  std::vector<float> re_;
  std::vector<float> im_;
};

} // namespace

dmrs_map::evidence dmrs_evidence(const slot_spectrum& spectrum,
                                 std::int32_t slot,
                                 dmrs_identity identity,
                                 std::uint32_t symbols,
                                 std::int32_t comb,
                                 prb_range prbs)
{
  dmrs_map::evidence sum;
  std::vector<cf32> pilots;
  pilot_turns turns;
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    if (((symbols >> symbol) & 1U) == 0) {
      continue;
    }
    const std::uint32_t c_init = pusch_dmrs_c_init(slot, symbol, identity.scrambling_id, identity.scid);
    divide_by_dmrs(spectrum, c_init, symbol, comb, prbs, pilots);
    turns.make(pilots, pilots_per_prb * prbs.size());
    for (std::int32_t p = 0; p < turns.size(); ++p) {
      const cf32 turn = turns[p];
      sum.turn += turn;
      sum.count += turn.re != 0.0F || turn.im != 0.0F ? 1.0F : 0.0F;
    }
  }
  return sum;
}

void dmrs_map::make(const slot_spectrum& spectrum,
                    std::int32_t slot,
                    dmrs_identity identity,
                    const std::vector<bool>& taken)
{
  nof_prb_ = spectrum.nof_prb();
  sums_.assign(static_cast<std::size_t>(nof_symbols_per_slot) * 4 * static_cast<std::size_t>(nof_prb_ + 1),
               sums{});
  const auto is_free = [&](std::int32_t prb) {
    return taken.empty() || !taken[static_cast<std::size_t>(prb)];
  };
  for (std::int32_t begin = 0; begin < nof_prb_;) {
    std::int32_t end = begin;
    while (end < nof_prb_ && is_free(end)) {
      ++end;
    }
    if (end > begin) {
      add(spectrum, slot, identity, {begin, end});
    }
    begin = end + 1;
  }
  for (std::int32_t row = 0; row < nof_symbols_per_slot * 4; ++row) {
    sums* const part = sums_.data() + static_cast<std::ptrdiff_t>(row) * (nof_prb_ + 1);
    for (std::int32_t prb = 0; prb < nof_prb_; ++prb) {
      part[prb + 1].turn += part[prb].turn;
      part[prb + 1].count += part[prb].count;
    }
  }
}

void dmrs_map::add(const slot_spectrum& spectrum, std::int32_t slot, dmrs_identity identity, prb_range prbs)
{
  std::vector<cf32> pilots;
  pilot_turns turns;
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    const std::uint32_t c_init = pusch_dmrs_c_init(slot, symbol, identity.scrambling_id, identity.scid);
    for (std::int32_t comb = 0; comb < 2; ++comb) {
      divide_by_dmrs(spectrum, c_init, symbol, comb, prbs, pilots);
      turns.make(pilots, pilots_per_prb * prbs.size());
      sums* const inside = sums_.data() + static_cast<std::ptrdiff_t>(symbol * 2 + comb) * 2 * (nof_prb_ + 1);
      sums* const across = inside + nof_prb_ + 1;
      for (std::int32_t p = 0; p < turns.size(); ++p) {
        const cf32 turn = turns[p];
        if (turn.re != 0.0F || turn.im != 0.0F) {
          const std::int32_t prb = p / pilots_per_prb;
          sums& to = ((p + 2) / pilots_per_prb == prb ? inside : across)[prbs.begin + prb + 1];
          to.turn += turn;
          to.count += 1.0F;
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
