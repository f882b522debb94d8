// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/slot_search.h"
#include <algorithm>
#include <cmath>

namespace pado::phy {

namespace {

constexpr std::int32_t max_attempts = 14; ///< of one cluster: what a place costs where nothing is found
constexpr std::size_t max_frames = 4;
constexpr std::size_t max_steps = 4;
constexpr std::int32_t max_depth = 6;

bool overlap(prb_range a, prb_range b)
{
  return a.begin < b.end && b.begin < a.end;
}

bool all_proven(const std::vector<blind_finding>& found)
{
  return !found.empty() &&
         std::all_of(found.begin(), found.end(), [](const blind_finding& f) { return f.is_proven; });
}

std::size_t nof_proven(const std::vector<blind_finding>& found)
{
  return static_cast<std::size_t>(
      std::count_if(found.begin(), found.end(), [](const blind_finding& f) { return f.is_proven; }));
}

/// The better of two explanations of the same signal.
void keep_better(std::vector<blind_finding>& best, std::vector<blind_finding> other)
{
  const auto worth = [](const std::vector<blind_finding>& all) {
    float sum = 0.0F;
    for (const blind_finding& f : all) {
      sum += f.code.z;
    }
    return sum;
  };
  if (nof_proven(other) > nof_proven(best) ||
      (nof_proven(other) == nof_proven(best) && worth(other) > worth(best))) {
    best = std::move(other);
  }
}

void append(std::vector<blind_finding>& to, std::vector<blind_finding> more)
{
  to.insert(to.end(), more.begin(), more.end());
}

} // namespace

slot_search::slot_search(const slot_program_plan& plan, blind_hooks hooks)
    : plan_(plan), hooks_(std::move(hooks)), receiver_(plan)
{
}

std::vector<blind_finding>
slot_search::run(view<const ch16, 3> grid, slot_id slot, const blind_knowledge& knowledge)
{
  grid_ = grid;
  slot_ = slot;
  known_ = &knowledge;
  nof_unexplained_ = 0;
  spectrum_.load(grid, plan_.limits.grid_start_crb);
  std::vector<blind_finding> found;
  for (const cluster& c : find_clusters()) {
    // Symbols left over of a UE whose DM-RS was first seen under another mask.
    const bool is_covered = std::any_of(found.begin(), found.end(), [&](const blind_finding& f) {
      const std::int32_t begin = f.pdu.bwp_start + f.pdu.rb_start - plan_.limits.grid_start_crb;
      return f.is_proven && (c.dmrs_mask & ~f.pdu.dmrs_symbol_mask) == 0 && c.prbs.begin >= begin &&
             c.prbs.end <= begin + f.pdu.rb_size && f.pdu.dmrs_scrambling_id == c.identity.scrambling_id &&
             f.pdu.scid == c.identity.scid;
    });
    if (is_covered) {
      continue;
    }
    std::vector<blind_finding> here = explain(c);
    nof_unexplained_ += all_proven(here) ? 0 : 1;
    append(found, std::move(here));
  }
  return found;
}

std::vector<slot_search::cluster> slot_search::find_clusters()
{
  std::vector<cluster> clusters;
  dmrs_map map;
  for (const dmrs_identity& identity : known_->identities) {
    map.make(spectrum_, slot_.slot, identity);
    for (const dmrs_run& run : find_dmrs_runs(map, known_->dmrs_masks)) {
      auto home = std::find_if(clusters.begin(), clusters.end(), [&](const cluster& c) {
        return c.dmrs_mask == run.dmrs_mask && overlap(c.prbs, run.prbs);
      });
      if (home == clusters.end()) {
        clusters.push_back({run.dmrs_mask, run.prbs, {}, run, identity});
        home = clusters.end() - 1;
      } else if (run.level > home->strongest.level) {
        home->prbs = run.prbs;
        home->strongest = run;
        home->identity = identity;
      }
      for (const std::int32_t port : find_ports(spectrum_, slot_.slot, identity, run)) {
        home->streams.push_back({identity, port, run.level});
      }
    }
  }
  for (cluster& c : clusters) {
    // The sequence of another n_SCID or identity shows by chance beside a strong one.
    c.streams.erase(std::remove_if(c.streams.begin(),
                                   c.streams.end(),
                                   [&](const stream& s) { return s.level < 0.15F * c.strongest.level; }),
                    c.streams.end());
    std::stable_sort(
        c.streams.begin(), c.streams.end(), [](const stream& a, const stream& b) { return a.port < b.port; });
    if (c.streams.size() > max_nof_layers) {
      c.streams.resize(max_nof_layers);
    }
  }
  return clusters;
}

std::vector<slot_search::frame> slot_search::find_frames(const cluster& c) const
{
  // Power of data symbols beside the DM-RS tells what an occupied symbol looks like.
  float inside = 0.0F;
  std::int32_t count = 0;
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    const std::uint32_t neighbours = (std::uint32_t{c.dmrs_mask} << 1U) | (c.dmrs_mask >> 1U);
    if (((neighbours & ~std::uint32_t{c.dmrs_mask}) >> symbol & 1U) != 0) {
      inside = std::max(inside, spectrum_.power(symbol, c.prbs));
      ++count;
    }
  }
  const float floor = spectrum_.floor();
  const float threshold = floor + 0.35F * std::max(inside - floor, 0.0F);
  std::vector<std::pair<float, frame>> ranked;
  for (const time_layout& layout : usable_layouts()) {
    if (layout.dmrs_mask != c.dmrs_mask) {
      continue;
    }
    float score = 0.0F;
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      if ((c.dmrs_mask >> symbol & 1U) != 0) {
        continue;
      }
      const bool is_in = symbol >= layout.start_symbol && symbol < layout.start_symbol + layout.nof_symbols;
      const bool is_loud = spectrum_.power(symbol, c.prbs) > threshold;
      score += is_in ? (is_loud ? 1.0F : -2.0F) : (is_loud ? -0.5F : 1.0F);
    }
    ranked.push_back({score, {layout, 2}});
  }
  std::stable_sort(
      ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  // REs of the other comb on DM-RS symbols: empty, DM-RS of others, or data.
  float other = 0.0F;
  std::int32_t nof_other = 0;
  const std::int32_t comb = 1 - c.strongest.comb;
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    for (std::int32_t prb = c.prbs.begin; prb < c.prbs.end && (c.dmrs_mask >> symbol & 1U) != 0; ++prb) {
      other += spectrum_.power(symbol, comb, prb);
      ++nof_other;
    }
  }
  other /= static_cast<float>(std::max(nof_other, 1));
  const bool has_both_combs = std::any_of(c.streams.begin(), c.streams.end(), [&](const stream& s) {
    return s.port / 2 != c.streams.front().port / 2;
  });
  const bool has_data_there = !has_both_combs && c.streams.front().port < 2 && other > threshold;
  std::vector<frame> out;
  for (std::size_t i = 0; i < std::min(ranked.size(), max_frames); ++i) {
    frame f = ranked[i].second;
    f.nof_cdm_groups_no_data = has_data_there ? 1 : 2;
    out.push_back(f);
    if (i == 0 && !has_both_combs && c.streams.front().port < 2) {
      f.nof_cdm_groups_no_data = 3 - f.nof_cdm_groups_no_data;
      out.push_back(f);
    }
  }
  return out;
}

std::vector<prb_range> slot_search::cut(const cluster& c) const
{
  // Unused PRBs inside, then steps of the channel that no single UE has.
  std::vector<std::int32_t> edges = {c.prbs.begin, c.prbs.end};
  const float floor = spectrum_.floor();
  const auto is_quiet = [&](std::int32_t prb) {
    float power = 0.0F;
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      power = std::max(power, spectrum_.power(symbol, {prb, prb + 1}));
    }
    return power < 2.5F * floor;
  };
  std::vector<bool> quiet;
  for (std::int32_t prb = c.prbs.begin; prb < c.prbs.end; ++prb) {
    quiet.push_back(is_quiet(prb));
    if (prb > c.prbs.begin && quiet.back() != quiet[quiet.size() - 2]) {
      edges.push_back(prb);
    }
  }
  for (const channel_step& step : find_steps(spectrum_, slot_.slot, c.identity, c.strongest)) {
    if (step.is_strong) {
      edges.push_back(step.prb);
    }
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  const bool all_quiet = std::all_of(quiet.begin(), quiet.end(), [](bool one) { return one; });
  std::vector<prb_range> out;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    if (all_quiet || !quiet[static_cast<std::size_t>(edges[i] - c.prbs.begin)]) {
      out.push_back({edges[i], edges[i + 1]});
    }
  }
  return out;
}

slot_search::cluster slot_search::part_of(const cluster& c, prb_range prbs)
{
  // UEs side by side may differ in their DM-RS symbols and ports, though one mask fits all of them a little.
  cluster out = c;
  out.prbs = prbs;
  dmrs_map map;
  map.make(spectrum_, slot_.slot, c.identity);
  dmrs_run run = c.strongest;
  run.prbs = prbs;
  run.level = 0.0F;
  for (const time_layout& layout : usable_layouts()) {
    const dmrs_map::evidence one = map.of_mask(layout.dmrs_mask, run.comb, prbs);
    if (one.level() > run.level) {
      run.level = one.level();
      run.dmrs_mask = layout.dmrs_mask;
      run.turn_rad = arg(one.turn);
    }
  }
  out.strongest = run;
  out.dmrs_mask = run.dmrs_mask;
  out.streams.erase(
      std::remove_if(out.streams.begin(),
                     out.streams.end(),
                     [&](const stream& s) { return s.identity == c.identity && s.port / 2 == run.comb; }),
      out.streams.end());
  for (const std::int32_t port : find_ports(spectrum_, slot_.slot, c.identity, run)) {
    out.streams.push_back({c.identity, port, run.level});
  }
  std::stable_sort(out.streams.begin(), out.streams.end(), [](const stream& a, const stream& b) {
    return a.port < b.port;
  });
  out.streams.resize(std::min<std::size_t>(out.streams.size(), max_nof_layers));
  return out;
}

std::vector<blind_finding> slot_search::explain(const cluster& c)
{
  const std::vector<prb_range> parts = cut(c);
  attempts_left_ = max_attempts;
  if (parts.size() == 1) {
    return explain_range(c, parts[0], 0);
  }
  std::vector<blind_finding> found;
  std::vector<prb_range> open; // parts without an explanation, neighbours together
  for (const prb_range& part : parts) {
    attempts_left_ = std::max(attempts_left_, 3);
    std::vector<blind_finding> here = try_frames(part_of(c, part), part, false);
    if (all_proven(here)) {
      append(found, std::move(here));
    } else if (!open.empty() && open.back().end == part.begin) {
      open.back().end = part.end;
    } else {
      open.push_back(part);
    }
  }
  for (const prb_range& part : open) {
    attempts_left_ = max_attempts;
    append(found, explain_range(part_of(c, part), part, 0));
  }
  return found;
}

std::vector<blind_finding> slot_search::explain_range(const cluster& c, prb_range prbs, std::int32_t depth)
{
  std::vector<blind_finding> best = try_frames(c, prbs, true);
  if (all_proven(best) || depth == max_depth) {
    return best;
  }
  // Several UEs side by side: begin where the channel changes most.
  dmrs_run part = c.strongest;
  part.prbs = prbs;
  const std::vector<channel_step> steps = find_steps(spectrum_, slot_.slot, c.identity, part);
  for (std::size_t i = 0; i < std::min(steps.size(), max_steps) && attempts_left_ > 0; ++i) {
    const prb_range left = {prbs.begin, steps[i].prb};
    const prb_range right = {steps[i].prb, prbs.end};
    std::vector<blind_finding> here = try_frames(c, left, false);
    if (nof_proven(here) > 0) {
      attempts_left_ = std::max(attempts_left_, max_attempts);
      append(here, explain_range(c, right, depth + 1));
      return here;
    }
    here = try_frames(c, right, false);
    if (nof_proven(here) > 0) {
      attempts_left_ = std::max(attempts_left_, max_attempts);
      append(here, explain_range(c, left, depth + 1));
      return here;
    }
  }
  // The edge of a weak run may be off by a PRB.
  constexpr prb_range moves[] = {{0, -1}, {0, 1}, {1, 0}, {-1, 0}};
  for (const prb_range& move : moves) {
    const prb_range moved = {std::max(prbs.begin + move.begin, 0),
                             std::min(prbs.end + move.end, plan_.limits.nof_prb)};
    if (moved.size() < 1 || moved == prbs || attempts_left_ <= 0 || all_proven(best)) {
      continue;
    }
    keep_better(best, try_frames(c, moved, false));
  }
  return best;
}

std::vector<blind_finding> slot_search::try_frames(const cluster& c, prb_range prbs, bool is_deep)
{
  cluster here = c;
  here.prbs = prbs;
  std::vector<blind_finding> best;
  const std::vector<frame> frames = find_frames(here);
  for (std::size_t i = 0; i < (is_deep ? frames.size() : std::min<std::size_t>(frames.size(), 1)); ++i) {
    is_first_attempt_ = is_deep && i == 0;
    if (attempts_left_-- <= 0) {
      break;
    }
    keep_better(best, try_groups(here, prbs, frames[i]));
    if (all_proven(best)) {
      break;
    }
  }
  return best;
}

} // namespace pado::phy
