// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/dmrs_runs.h"
#include "phy/ue/dmrs_positions.h"
#include <algorithm>
#include <cmath>
#include <optional>

namespace pado::phy {

namespace {

constexpr std::size_t max_runs = 64;
constexpr float active_level = 5.0F; ///< a symbol with more in some window may carry DM-RS
constexpr float margin = 4.0F;       ///< of the level above what the best of all tries has by chance
constexpr std::int32_t wide_carrier = 64;

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

/// DM-RS symbols that show something in some window, and every mask within them.
std::vector<std::uint16_t>
plausible_masks(const dmrs_map& map, std::int32_t comb, const std::vector<std::uint16_t>& favoured)
{
  std::uint32_t active = 0;
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    for (std::int32_t width = 1;; width = std::min(2 * width, map.nof_prb())) {
      const std::int32_t step = std::max(1, width / 2);
      for (std::int32_t begin = 0; begin + width <= map.nof_prb(); begin += step) {
        if (map.of(symbol, comb, {begin, begin + width}).level() > active_level) {
          active |= 1U << symbol;
        }
      }
      if (width == map.nof_prb()) {
        break;
      }
    }
  }
  std::vector<std::uint16_t> masks(favoured);
  for (const time_layout& layout : usable_layouts()) {
    if ((layout.dmrs_mask & ~active) == 0) {
      masks.push_back(layout.dmrs_mask);
    }
  }
  std::sort(masks.begin(), masks.end());
  masks.erase(std::unique(masks.begin(), masks.end()), masks.end());
  return masks;
}

/// What is not yet part of a run, summed over the symbols of one mask, for many intervals.
class free_part {
public:
  free_part(const dmrs_map& map, std::uint16_t mask, std::int32_t comb)
      : mask_(mask), comb_(comb), inside_(static_cast<std::size_t>(map.nof_prb() + 1)),
        across_(inside_.size())
  {
    const std::int32_t n = map.nof_prb();
    for (std::int32_t prb = 0; prb < n; ++prb) {
      const auto i = static_cast<std::size_t>(prb);
      inside_[i + 1] = sum(inside_[i], map.of_mask(mask, comb, {prb, prb + 1}));
      if (prb + 1 < n) {
        dmrs_map::evidence both = map.of_mask(mask, comb, {prb, prb + 2});
        both = difference(both, map.of_mask(mask, comb, {prb, prb + 1}));
        both = difference(both, map.of_mask(mask, comb, {prb + 1, prb + 2}));
        across_[i + 1] = sum(across_[i], both);
      }
    }
  }

  std::uint16_t mask() const { return mask_; }
  std::int32_t comb() const { return comb_; }
  dmrs_map::evidence of(prb_range prbs) const
  {
    const auto a = static_cast<std::size_t>(prbs.begin);
    const auto b = static_cast<std::size_t>(prbs.end);
    return sum(difference(inside_[b], inside_[a]), difference(across_[b - 1], across_[a]));
  }

private:
  static dmrs_map::evidence sum(const dmrs_map::evidence& a, const dmrs_map::evidence& b)
  {
    return {a.turn + b.turn, a.count + b.count};
  }
  static dmrs_map::evidence difference(const dmrs_map::evidence& a, const dmrs_map::evidence& b)
  {
    return {a.turn - b.turn, a.count - b.count};
  }

  std::uint16_t mask_;
  std::int32_t comb_;
  std::vector<dmrs_map::evidence> inside_;
  std::vector<dmrs_map::evidence> across_;
};

/// The interval of [low, high) with the highest level, on multiples of `step`.
prb_range best_interval(const free_part& part, prb_range from, prb_range to, std::int32_t step, float& level)
{
  prb_range best;
  level = 0.0F;
  for (std::int32_t begin = from.begin; begin < from.end; begin += step) {
    for (std::int32_t end = std::max(to.begin, begin + 1); end <= to.end; end += step) {
      const float one = part.of({begin, end}).level();
      if (one > level) {
        level = one;
        best = {begin, end};
      }
    }
  }
  return best;
}

/// PRBs of the mask's symbols that no run holds, as stretches.
std::vector<prb_range>
free_stretches(const std::vector<dmrs_run>& runs, const free_part& part, std::int32_t n)
{
  std::vector<prb_range> out;
  std::int32_t begin = -1;
  for (std::int32_t prb = 0; prb <= n; ++prb) {
    const bool is_free = prb < n && std::none_of(runs.begin(), runs.end(), [&](const dmrs_run& run) {
                           return run.comb == part.comb() && (run.dmrs_mask & part.mask()) != 0 &&
                                  prb >= run.prbs.begin && prb < run.prbs.end;
                         });
    if (is_free && begin < 0) {
      begin = prb;
    } else if (!is_free && begin >= 0) {
      out.push_back({begin, prb});
      begin = -1;
    }
  }
  return out;
}

std::optional<dmrs_run>
next_run(const std::vector<free_part>& parts, const std::vector<dmrs_run>& runs, std::int32_t n)
{
  std::optional<dmrs_run> best;
  for (const free_part& part : parts) {
    for (const prb_range& stretch : free_stretches(runs, part, n)) {
      const std::int32_t step = stretch.size() > wide_carrier ? 4 : 1;
      float level = 0.0F;
      prb_range found = best_interval(part, stretch, {stretch.begin + 1, stretch.end}, step, level);
      if (step > 1 && level > 0.0F) {
        const prb_range begins = {std::max(stretch.begin, found.begin - step), found.begin + step};
        const prb_range ends = {std::max(begins.begin + 1, found.end - step),
                                std::min(stretch.end, found.end + step)};
        found = best_interval(part, begins, ends, 1, level);
      }
      if (!best || level > best->level) {
        best = dmrs_run{part.mask(), part.comb(), found, level, arg(part.of(found).turn)};
      }
    }
  }
  return best;
}

} // namespace

const std::vector<time_layout>& usable_layouts()
{
  static const std::vector<time_layout> layouts = make_layouts();
  return layouts;
}

std::vector<dmrs_run> find_dmrs_runs(const dmrs_map& map, const std::vector<std::uint16_t>& favoured)
{
  std::vector<free_part> parts;
  for (std::int32_t comb = 0; comb < 2; ++comb) {
    for (const std::uint16_t mask : plausible_masks(map, comb, favoured)) {
      parts.emplace_back(map, mask, comb);
    }
  }
  const auto n = static_cast<float>(map.nof_prb());
  const float tries = 0.5F * n * (n + 1.0F) * static_cast<float>(std::max<std::size_t>(parts.size(), 1));
  const float least = std::log(tries) + margin;
  std::vector<dmrs_run> runs;
  while (runs.size() < max_runs) {
    const std::optional<dmrs_run> run = next_run(parts, runs, map.nof_prb());
    if (!run || run->level < least) {
      break;
    }
    runs.push_back(*run);
  }
  return runs;
}

} // namespace pado::phy
