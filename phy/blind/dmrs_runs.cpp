// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/dmrs_runs.h"
#include "phy/ue/dmrs_positions.h"
#include <algorithm>
#include <array>
#include <cmath>

namespace pado::phy {

namespace {

constexpr float margin = 4.0F;          ///< of the level above what the best of all tries has by chance
constexpr std::int32_t widest_fade = 2; ///< PRBs
constexpr float both_combs = 3.0F;      ///< what a second comb must add
constexpr float least_share = 0.3F; ///< of the mean level of a mask's symbols: the least one that is there

std::vector<time_layout> make_layouts()
{
  std::vector<time_layout> out;
  for (std::int32_t length = nof_symbols_per_slot; length >= 1; --length) {
    for (std::int32_t start = 0; start + length <= nof_symbols_per_slot; ++start) {
      for (std::int32_t kind = 0; kind < 12; ++kind) {
        dmrs_layout layout;
        layout.mapping = kind < 8 ? mapping_type::a : mapping_type::b;
        layout.type_a_position = kind / 4 == 1 ? 3 : 2;
        layout.additional_positions = kind % 4;
        layout.start_symbol = start;
        layout.nof_symbols = length;
        const result<std::uint16_t> mask = dmrs_symbol_mask(layout);
        if (!mask) {
          continue;
        }
        const time_layout one = {
            mask.value(), static_cast<std::uint8_t>(start), static_cast<std::uint8_t>(length)};
        if (std::find(out.begin(), out.end(), one) == out.end()) {
          out.push_back(one);
        }
      }
    }
  }
  return out;
}

/// Windows of all widths, each moved on by half of itself.
std::vector<prb_range> windows_of(std::int32_t nof_prb)
{
  std::vector<prb_range> out;
  for (std::int32_t width = std::min(2, nof_prb);; width = std::min(2 * width, nof_prb)) {
    for (std::int32_t begin = 0; begin + width <= nof_prb; begin += std::max(1, width / 2)) {
      out.push_back({begin, begin + width});
    }
    if (width == nof_prb) {
      return out;
    }
  }
}

/// Whether a mask explains what some window holds: more than chance does, and all of its symbols take part.
bool is_plausible(const std::array<float, nof_symbols_per_slot>& levels, std::uint32_t mask, float least)
{
  float sum = 0.0F;
  float smallest = INFINITY;
  float count = 0.0F;
  for (std::size_t symbol = 0; symbol < levels.size(); ++symbol) {
    if ((mask >> symbol & 1U) != 0) {
      sum += levels[symbol];
      smallest = std::min(smallest, levels[symbol]);
      count += 1.0F;
    }
  }
  return sum > least && smallest > least_share * sum / count;
}

std::vector<std::uint16_t> plausible_masks(const dmrs_map& map, const std::vector<std::uint16_t>& favoured)
{
  std::vector<std::uint16_t> all;
  for (const time_layout& layout : usable_layouts()) {
    if (std::find(all.begin(), all.end(), layout.dmrs_mask) == all.end()) {
      all.push_back(layout.dmrs_mask);
    }
  }
  const std::vector<prb_range> windows = windows_of(map.nof_prb());
  const float least = std::log(static_cast<float>(2 * windows.size() * all.size()));
  std::vector<bool> is_in(all.size(), false);
  for (const prb_range& window : windows) {
    for (std::int32_t comb = 0; comb < 2; ++comb) {
      std::array<float, nof_symbols_per_slot> levels;
      float best = 0.0F;
      for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
        levels[static_cast<std::size_t>(symbol)] = map.of(symbol, comb, window).level();
        best = std::max(best, levels[static_cast<std::size_t>(symbol)]);
      }
      if (4.0F * best < least) { // of at most 4 symbols
        continue;
      }
      for (std::size_t i = 0; i < all.size(); ++i) {
        is_in[i] = is_in[i] || is_plausible(levels, all[i], least);
      }
    }
  }
  std::vector<std::uint16_t> masks(favoured);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (is_in[i]) {
      masks.push_back(all[i]);
    }
  }
  std::sort(masks.begin(), masks.end());
  masks.erase(std::unique(masks.begin(), masks.end()), masks.end());
  return masks;
}

/// One identity and mask.
struct candidate {
  std::size_t map;
  run_levels levels;
};

/// The best way to cut [0, end): its last stretch.
struct best_cut {
  float score = 0.0F;
  std::int32_t begin = -1; ///< of the last stretch; -1: PRB end - 1 belongs to none
  std::size_t candidate = 0;
};

/// Scores of all ends, from which the stretches can be read backwards.
std::vector<best_cut>
cut_carrier(const std::vector<candidate>& candidates, std::int32_t nof_prb, const std::vector<bool>& taken)
{
  const auto n = static_cast<float>(nof_prb);
  const auto nof_tries =
      0.5F * n * (n + 1.0F) * 2.0F * static_cast<float>(std::max<std::size_t>(candidates.size(), 1));
  const float cost = std::log(nof_tries) + margin;
  std::vector<best_cut> cuts(static_cast<std::size_t>(nof_prb) + 1);
  std::vector<float> scores(cuts.size(), 0.0F); // of the cuts so far
  std::int32_t first = 0;                       // behind the last PRB that is taken
  for (std::int32_t end = 1; end <= nof_prb; ++end) {
    const auto at = static_cast<std::size_t>(end);
    cuts[at] = {scores[at - 1], -1, 0};
    if (!taken.empty() && taken[at - 1]) {
      first = end;
    }
    for (std::size_t i = 0; i < candidates.size() && first < end; ++i) {
      const auto [level, begin] = candidates[i].levels.best_begin(first, end, scores);
      if (level - cost > cuts[at].score) {
        cuts[at] = {level - cost, begin, i};
      }
    }
    scores[at] = cuts[at].score;
  }
  return cuts;
}

} // namespace

run_levels::run_levels(const dmrs_map& map, std::uint16_t mask) : mask_(mask)
{
  const std::int32_t n = map.nof_prb();
  for (std::int32_t comb = 0; comb < 2; ++comb) {
    comb_sums& to = comb_[comb];
    for (std::vector<float>* row :
         {&to.begin_re, &to.begin_im, &to.begin_count, &to.end_re, &to.end_im, &to.end_count}) {
      row->resize(static_cast<std::size_t>(n) + 1);
    }
    for (std::int32_t prb = 0; prb <= n; ++prb) {
      const auto i = static_cast<std::size_t>(prb);
      // Everything below `prb` with all that leads on, and without what leads into `prb` itself.
      const dmrs_map::evidence with = map.before_mask(mask, comb, prb, true);
      const dmrs_map::evidence without = map.before_mask(mask, comb, prb, false);
      to.begin_re[i] = with.turn.re;
      to.begin_im[i] = with.turn.im;
      to.begin_count[i] = with.count;
      to.end_re[i] = without.turn.re;
      to.end_im[i] = without.turn.im;
      to.end_count[i] = without.count;
    }
  }
}

float run_levels::at(std::int32_t begin, std::size_t end) const
{
  const auto b = static_cast<std::size_t>(begin);
  float level[2];
  for (int comb = 0; comb < 2; ++comb) {
    const comb_sums& from = comb_[comb];
    const float re = from.end_re[end] - from.begin_re[b];
    const float im = from.end_im[end] - from.begin_im[b];
    level[comb] = level_of({re, im}, from.end_count[end] - from.begin_count[b]);
  }
  return std::max(std::max(level[0], level[1]), level[0] + level[1] - both_combs);
}

std::pair<float, std::int32_t>
run_levels::best_begin(std::int32_t first, std::int32_t end, std::span<const float> bonus) const
{
  // All scores before the largest is looked for: so the compiler makes vector code of the logarithms.
  constexpr std::size_t most = max_nof_prb;
  std::array<float, most> score;
  const auto low = static_cast<std::size_t>(first);
  const auto high = std::min(static_cast<std::size_t>(end), most);
  const auto level = [at = static_cast<std::size_t>(end)](const comb_sums& from, std::size_t begin) {
    const cf32 turn = {from.end_re[at] - from.begin_re[begin], from.end_im[at] - from.begin_im[begin]};
    return level_of(turn, from.end_count[at] - from.begin_count[begin]);
  };
  for (std::size_t begin = low; begin < high; ++begin) {
    score[begin] = level(comb_[0], begin);
  }
  for (std::size_t begin = low; begin < high; ++begin) {
    const float one = score[begin];
    const float other = level(comb_[1], begin);
    const float larger = one > other ? one : other;
    const float both = one + other - both_combs;
    score[begin] = (larger > both ? larger : both) + bonus[begin];
  }
  const auto best = std::max_element(score.begin() + static_cast<std::ptrdiff_t>(low),
                                     score.begin() + static_cast<std::ptrdiff_t>(high));
  return {*best, static_cast<std::int32_t>(best - score.begin())};
}

float run_levels::of(prb_range prbs) const
{
  return prbs.size() < 1 ? 0.0F : at(prbs.begin, static_cast<std::size_t>(prbs.end));
}

const std::vector<time_layout>& usable_layouts()
{
  static const std::vector<time_layout> layouts = make_layouts();
  return layouts;
}

std::vector<dmrs_run> find_dmrs_runs(std::span<const identity_map> maps,
                                     const std::vector<std::uint16_t>& favoured,
                                     const std::vector<bool>& taken)
{
  std::vector<candidate> candidates;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    for (const std::uint16_t mask : plausible_masks(maps[i].map, favoured)) {
      candidates.push_back({i, run_levels(maps[i].map, mask)});
    }
  }
  std::vector<dmrs_run> runs;
  if (candidates.empty()) {
    return runs;
  }
  const std::int32_t nof_prb = maps[0].map.nof_prb();
  const std::vector<best_cut> cuts = cut_carrier(candidates, nof_prb, taken);
  const auto is_free = [&](std::int32_t from, std::int32_t to) {
    return taken.empty() ||
           std::none_of(taken.begin() + from, taken.begin() + to, [](bool one) { return one; });
  };
  std::int32_t end = nof_prb;
  while (end > 0) {
    const best_cut& cut = cuts[static_cast<std::size_t>(end)];
    if (cut.begin < 0) {
      --end;
      continue;
    }
    const candidate& c = candidates[cut.candidate];
    const identity_map& of = maps[c.map];
    dmrs_run run = {of.identity, c.levels.mask(), 0, {cut.begin, end}, 0.0F, 0.0F};
    end = cut.begin;
    if (!runs.empty() && runs.back().identity == run.identity && runs.back().dmrs_mask == run.dmrs_mask &&
        runs.back().prbs.begin - run.prbs.end <= widest_fade &&
        is_free(run.prbs.end, runs.back().prbs.begin)) {
      run.borders = std::move(runs.back().borders);
      if (runs.back().prbs.begin > run.prbs.end) {
        run.borders.insert(run.borders.end(), {run.prbs.end, runs.back().prbs.begin});
      }
      run.prbs.end = runs.back().prbs.end;
      runs.pop_back();
    }
    const dmrs_map::evidence one = of.map.of_mask(run.dmrs_mask, 0, run.prbs);
    const dmrs_map::evidence other = of.map.of_mask(run.dmrs_mask, 1, run.prbs);
    run.comb = one.level() >= other.level() ? 0 : 1;
    run.turn_rad = arg(run.comb == 0 ? one.turn : other.turn);
    run.level = c.levels.of(run.prbs);
    runs.push_back(run);
  }
  std::reverse(runs.begin(), runs.end());
  return runs;
}

} // namespace pado::phy
