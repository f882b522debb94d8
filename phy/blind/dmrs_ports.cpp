// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/dmrs_ports.h"
#include "phy/gold/c_init.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>

namespace pado::phy {

namespace {

constexpr std::int32_t pilots_per_prb = 6;
constexpr float two_pi = 2.0F * std::numbers::pi_v<float>;

/// Pilots of a run without their sequence, one row a symbol of the mask and port.
struct pilot_rows {
  std::vector<cf32> values;
  std::int32_t nof_pilots = 0;

  std::size_t size() const { return values.size() / static_cast<std::size_t>(nof_pilots); }
  const cf32* row(std::size_t i) const { return values.data() + i * static_cast<std::size_t>(nof_pilots); }
};

pilot_rows pilots_of(const slot_spectrum& spectrum,
                     std::int32_t slot,
                     dmrs_identity identity,
                     std::uint32_t mask,
                     std::int32_t comb,
                     prb_range prbs)
{
  pilot_rows out;
  out.nof_pilots = pilots_per_prb * prbs.size();
  std::vector<cf32> pilots;
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    if ((mask >> symbol & 1U) != 0) {
      const std::uint32_t c_init = pusch_dmrs_c_init(slot, symbol, identity.scrambling_id, identity.scid);
      divide_by_dmrs(spectrum, c_init, symbol, comb, prbs, pilots);
      out.values.insert(out.values.end(), pilots.begin(), pilots.end());
    }
  }
  return out;
}

/// Delays at which the power is looked at, as turns of the channel from pilot to pilot.
class delay_bins {
public:
  static constexpr std::size_t most = 48; ///< two ports of 17 bins, noise of 5 at two places
  using row = std::array<float, most>;
  /// Eight bins: written out, because of loops over plain arrays the compiler keeps no sum in a register.
  using lanes = float __attribute__((vector_size(32)));
  static constexpr std::size_t nof_lanes = most / 8;

  explicit delay_bins(const std::vector<float>& window)
      : window_(window), re_(window.size()), im_(window.size())
  {
  }

  /// Bins 1 / window turns apart, every step'th from -half to half around `turns`. Returns the first.
  std::size_t add(float turns, std::int32_t half, std::int32_t step_bins = 1)
  {
    const std::size_t first = size_;
    for (std::int32_t bin = -half; bin <= half; bin += step_bins) {
      const cf32 step =
          polar(-two_pi * (turns + static_cast<float>(bin) / static_cast<float>(window_.size())));
      step_re_[size_ / 8][size_ % 8] = step.re;
      step_im_[size_ / 8][size_ % 8] = step.im;
      ++size_;
    }
    return first;
  }

  /// After the last add().
  void prepare()
  {
    for (std::size_t k = 0; k < nof_lanes; ++k) {
      lanes at_re = lanes{} + 1.0F;
      lanes at_im = {};
      for (std::size_t p = 0; p < window_.size(); ++p) {
        re_[p][k] = window_[p] * at_re;
        im_[p][k] = window_[p] * at_im;
        const lanes next = at_re * step_re_[k] - at_im * step_im_[k];
        at_im = at_re * step_im_[k] + at_im * step_re_[k];
        at_re = next;
      }
    }
  }

  /// Mean power in each bin over all rows, and over parts of a run as long as the window. Bins lie in the
  /// inner loop: there the compiler makes vector code without reordering a sum.
  row power_of(const pilot_rows& rows) const
  {
    const auto nof_parts = static_cast<std::size_t>(rows.nof_pilots) / window_.size();
    row power = {};
    for (std::size_t part = 0; part < nof_parts * rows.size(); ++part) {
      const cf32* const from = rows.row(part / nof_parts) + part % nof_parts * window_.size();
      std::array<lanes, nof_lanes> sum_re = {};
      std::array<lanes, nof_lanes> sum_im = {};
      for (std::size_t p = 0; p < window_.size(); ++p) {
        const float x_re = from[p].re;
        const float x_im = from[p].im;
        const lanes* const r = re_[p].data();
        const lanes* const i = im_[p].data();
        for (std::size_t k = 0; k < nof_lanes; ++k) {
          sum_re[k] += x_re * r[k] - x_im * i[k];
          sum_im[k] += x_re * i[k] + x_im * r[k];
        }
      }
      for (std::size_t bin = 0; bin < most; ++bin) {
        const float re = sum_re[bin / 8][bin % 8];
        const float im = sum_im[bin / 8][bin % 8];
        power[bin] += re * re + im * im;
      }
    }
    for (float& one : power) {
      one /= static_cast<float>(nof_parts * rows.size());
    }
    return power;
  }

private:
  const std::vector<float>& window_;
  std::vector<std::array<lanes, nof_lanes>> re_; ///< [pilot][bin] window times what turns a bin back
  std::vector<std::array<lanes, nof_lanes>> im_;
  std::array<lanes, nof_lanes> step_re_ = {}; ///< [bin] turn from pilot to pilot
  std::array<lanes, nof_lanes> step_im_ = {};
  std::size_t size_ = 0;
};

float mean_of(std::span<const float> values)
{
  float sum = 0.0F;
  for (const float one : values) {
    sum += one;
  }
  return sum / static_cast<float>(values.size());
}

/// Highest mean of three neighbours.
float peak_of(std::span<const float> values)
{
  float best = 0.0F;
  for (std::size_t i = 1; i + 1 < values.size(); ++i) {
    best = std::max(best, (values[i - 1] + values[i] + values[i + 1]) / 3.0F);
  }
  return best;
}

/// Of a Hann window, unit power.
std::vector<float> window_of(std::int32_t size)
{
  std::vector<float> out(static_cast<std::size_t>(size));
  float power = 0.0F;
  for (std::int32_t p = 0; p < size; ++p) {
    const float x = (static_cast<float>(p) + 0.5F) / static_cast<float>(size);
    const float value = 0.5F - 0.5F * std::cos(two_pi * x);
    out[static_cast<std::size_t>(p)] = value;
    power += value * value;
  }
  for (float& value : out) {
    value /= std::sqrt(power);
  }
  return out;
}

} // namespace

std::vector<port_level>
find_ports(const slot_spectrum& spectrum, std::int32_t slot, dmrs_identity identity, const dmrs_run& run)
{
  constexpr float least_evidence = 14.0F;               ///< log-likelihood
  constexpr float leak = 0.001F;                        ///< of a port into the other's band
  constexpr std::int32_t longest = 16 * pilots_per_prb; ///< window: more only costs time
  const std::vector<float> window = window_of(std::min(pilots_per_prb * run.prbs.size(), longest));
  // UEs on the same PRBs differ in their delay, by a microsecond at most.
  const auto half =
      static_cast<std::int32_t>(std::ceil(std::max(1.0F, 0.08F * static_cast<float>(window.size()))));
  const float turns = 0.5F * run.turn_rad / two_pi;
  delay_bins bins(window);
  const auto width = static_cast<std::size_t>(2 * half + 1);
  const std::int32_t noise_half = 2 * ((half / 2 + 1) / 2); // neighbouring bins are not independent
  const auto noise_width = static_cast<std::size_t>(noise_half + 1);
  const std::array<std::size_t, 2> port_at = {bins.add(turns, half), bins.add(turns + 0.5F, half)};
  const std::array<std::size_t, 2> noise_at = {bins.add(turns + 0.25F, noise_half, 2),
                                               bins.add(turns + 0.75F, noise_half, 2)};
  bins.prepare();
  std::array<port_level, 4> all;
  std::array<bool, 4> is_there = {};
  float strongest = 0.0F;
  std::size_t strongest_port = static_cast<std::size_t>(2 * run.comb);
  for (std::int32_t comb = 0; comb < 2; ++comb) {
    const pilot_rows rows = pilots_of(spectrum, slot, identity, run.dmrs_mask, comb, run.prbs);
    const delay_bins::row by_delay = bins.power_of(rows);
    const std::span<const float> at(by_delay);
    float power[2];
    for (const int sign : {0, 1}) {
      power[sign] = peak_of(at.subspan(port_at[static_cast<std::size_t>(sign)], width));
    }
    const float noise = 0.5F * (mean_of(at.subspan(noise_at[0], noise_width)) +
                                mean_of(at.subspan(noise_at[1], noise_width)));
    // Neighbouring bins of the window are not independent.
    const auto nof_parts = static_cast<std::size_t>(rows.nof_pilots) / window.size();
    const float freedom = 1.5F * static_cast<float>(rows.size() * nof_parts);
    for (const int sign : {0, 1}) {
      const auto port = static_cast<std::size_t>(2 * comb + sign);
      all[port] = {static_cast<std::int32_t>(port), noise > 0.0F ? power[sign] / noise - 1.0F : 0.0F};
      const float ratio = (power[sign] - leak * power[1 - sign]) / std::max(noise, 1e-20F);
      is_there[port] = ratio > 1.0F && freedom * (ratio - 1.0F - std::log(ratio)) > least_evidence;
      if (comb == run.comb && power[sign] > strongest) {
        strongest = power[sign];
        strongest_port = port;
      }
    }
  }
  is_there[strongest_port] = true;
  std::vector<port_level> out;
  for (std::size_t port = 0; port < all.size(); ++port) {
    if (is_there[port]) {
      out.push_back(all[port]);
    }
  }
  return out;
}

namespace {

float median_of(std::vector<float> values)
{
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

constexpr std::int32_t pilots_a_side = 3; ///< of one parity: those of a PRB

/// Steps of the channel at the borders of the PRBs of a run, summed over the rows. Even and odd pilots are
/// rows of their own: what the two ports of a comb send adds up in one and subtracts in the other.
class border_steps {
public:
  border_steps(const dmrs_map& map, const dmrs_run& run)
      : run_(run), step_(at(run.prbs.size())), power_(step_.size())
  {
    constexpr std::int32_t around = 4;
    for (std::int32_t prb = 1; prb < run.prbs.size(); ++prb) {
      const std::int32_t border = run.prbs.begin + prb;
      const prb_range left = {std::max(run.prbs.begin, border - around), border};
      const prb_range right = {border, std::min(run.prbs.end, border + around)};
      turns_.push_back({0.5F * arg(turn_of(map, left)), 0.5F * arg(turn_of(map, right))});
    }
  }

  void add(const pilot_rows& rows)
  {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      for (std::int32_t parity = 0; parity < 2; ++parity) {
        ++nof_rows_;
        for (std::int32_t prb = 1; prb < run_.prbs.size(); ++prb) {
          const auto [left_turn, right_turn] = turns_[at(prb - 1)];
          cf32 left;
          cf32 right;
          for (std::int32_t i = 0; i < pilots_a_side; ++i) {
            const std::int32_t before = 2 * i + 2 - parity; // pilots from there to the border
            const std::int32_t after = 2 * i + parity;
            left +=
                rows.row(row)[pilots_per_prb * prb - before] * polar(left_turn * static_cast<float>(before));
            right +=
                rows.row(row)[pilots_per_prb * prb + after] * polar(-right_turn * static_cast<float>(after));
          }
          step_[at(prb)] += norm(left - right);
          power_[at(prb)] += norm(left) + norm(right);
        }
      }
    }
  }

  /// Log-likelihood of each border.
  std::vector<float> evidence() const
  {
    constexpr float least_share = 0.02F; // of the power: less may be anything
    std::vector<float> shares;
    for (std::size_t prb = 1; prb < step_.size(); ++prb) {
      shares.push_back(step_[prb] / std::max(power_[prb], 1e-20F));
    }
    std::vector<float> out(step_.size(), 0.0F);
    if (shares.empty()) {
      return out;
    }
    const float share = std::max(median_of(shares), least_share);
    const auto freedom = 0.5F * static_cast<float>(std::min(nof_rows_, 12));
    for (std::size_t prb = 1; prb < step_.size(); ++prb) {
      // In a fade the step is large beside what is left of the power, not beside the steps around it.
      constexpr std::size_t around = 6;
      const auto first = static_cast<std::ptrdiff_t>(prb > around ? prb - around : 1);
      const auto last = static_cast<std::ptrdiff_t>(std::min(prb + around + 1, step_.size()));
      const float usual = median_of({step_.begin() + first, step_.begin() + last});
      const float ratio = step_[prb] / std::max({share * power_[prb], usual, 1e-20F});
      out[prb] = ratio > 1.0F ? freedom * (ratio - 1.0F - std::log(ratio)) : 0.0F;
    }
    return out;
  }

private:
  static std::size_t at(std::int32_t prb) { return static_cast<std::size_t>(prb); }
  cf32 turn_of(const dmrs_map& map, prb_range prbs) const
  {
    return map.of_mask(run_.dmrs_mask, run_.comb, prbs).turn;
  }

  dmrs_run run_;
  std::vector<std::pair<float, float>> turns_; ///< [border]: of the channel from pilot to pilot, both sides
  std::vector<float> step_;
  std::vector<float> power_;
  std::int32_t nof_rows_ = 0;
};

/// Log of the power of each PRB of a run on the symbols without DM-RS.
std::vector<float> power_profile(const slot_spectrum& spectrum, const dmrs_run& run)
{
  std::vector<float> out;
  for (std::int32_t prb = run.prbs.begin; prb < run.prbs.end; ++prb) {
    float sum = 0.0F;
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      sum += (run.dmrs_mask >> symbol & 1U) == 0 ? spectrum.power(symbol, {prb, prb + 1}) : 0.0F;
    }
    out.push_back(std::log(std::max(sum, 1e-20F)));
  }
  return out;
}

/// Log-likelihood of a step in the power at each border.
std::vector<float> power_evidence(const slot_spectrum& spectrum, const dmrs_run& run)
{
  const std::vector<float> power = power_profile(spectrum, run);
  std::vector<float> steps(power.size(), 0.0F);
  std::vector<float> sorted;
  for (std::size_t prb = 1; prb < power.size(); ++prb) {
    // Between the lines through what lies on both sides: fading is a slope.
    const float left = prb >= 2 ? power[prb - 1] + 0.5F * (power[prb - 1] - power[prb - 2]) : power[prb - 1];
    const float right =
        prb + 1 < power.size() ? power[prb] - 0.5F * (power[prb + 1] - power[prb]) : power[prb];
    const float step = std::abs(power[prb] - power[prb - 1]);
    steps[prb] = std::min(step, std::abs(left - right));
    sorted.push_back(steps[prb]);
  }
  if (sorted.empty()) {
    return steps;
  }
  const float scale = std::max(median_of(sorted) / 0.67F, 0.1F);
  const float most = std::clamp(1.5F / scale, 3.0F, 15.0F); // where the channel fades steps say little
  for (float& step : steps) {
    const float ratio = step * step / (scale * scale);
    step = ratio > 1.0F ? std::min(0.5F * (ratio - 1.0F - std::log(ratio)), most) : 0.0F;
  }
  return steps;
}

} // namespace

std::vector<float> find_power_edges(const slot_spectrum& spectrum, std::uint16_t dmrs_mask, prb_range prbs)
{
  dmrs_run run;
  run.dmrs_mask = dmrs_mask;
  run.prbs = prbs;
  return power_evidence(spectrum, run);
}

std::vector<float>
find_edges(const slot_spectrum& spectrum, std::int32_t slot, const dmrs_map& map, const dmrs_run& run)
{
  border_steps steps(map, run);
  const float levels[2] = {map.of_mask(run.dmrs_mask, 0, run.prbs).level(),
                           map.of_mask(run.dmrs_mask, 1, run.prbs).level()};
  for (std::int32_t comb = 0; comb < 2; ++comb) {
    if (comb == run.comb || levels[comb] > 0.3F * levels[run.comb]) {
      steps.add(pilots_of(spectrum, slot, run.identity, run.dmrs_mask, comb, run.prbs));
    }
  }
  std::vector<float> out = steps.evidence();
  const std::vector<float> power = power_evidence(spectrum, run);
  for (std::size_t prb = 0; prb < out.size(); ++prb) {
    out[prb] += power[prb];
  }
  return out;
}

} // namespace pado::phy
