// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/interval_search.h"
#include <algorithm>
#include <cmath>
#include <utility>

namespace pado::phy {

namespace {

constexpr float prior = 3.0F;           ///< a UE hardly ever begins at a given PRB
constexpr float certain = 10.0F;        ///< no edge is worth more
constexpr float others_inside = 0.3F;   ///< of an edge inside that is not the strongest: fades have several
constexpr float longer = 1.0F;          ///< a run whose end lies inside: weak DM-RS ends too early
constexpr float least_edge = 1.0F;      ///< below: no edge
constexpr std::size_t max_inside = 14;  ///< edges of a run
constexpr std::size_t max_pieces = 16;  ///< of a run, by halving
constexpr std::int32_t max_move = 2;    ///< of an end
constexpr std::int32_t max_unseen = 8;  ///< PRBs between a run and the end of the carrier
constexpr std::int32_t least_usual = 3; ///< PRBs of the smallest usual grants
constexpr float least_score = -11.0F;   ///< what is less likely is not tried

} // namespace

interval_search::interval_search(const dmrs_run& run, const std::vector<float>& edges) : run_(run)
{
  std::vector<std::pair<float, std::int32_t>> ranked;
  for (std::int32_t prb = 1; prb < run.prbs.size(); ++prb) {
    const float one = edges[static_cast<std::size_t>(prb)];
    if (one > least_edge) {
      ranked.push_back({-one, prb});
    }
  }
  std::sort(ranked.begin(), ranked.end());
  ranked.resize(std::min(ranked.size(), max_inside));
  for (const auto& [likelihood, prb] : ranked) {
    add(run.prbs.begin + prb, std::min(-likelihood, certain), false);
  }
  for (const std::int32_t prb : run.borders) {
    add(prb, prior + least_edge, false);
  }
}

void interval_search::add(std::int32_t prb, float likelihood, bool is_end)
{
  const auto at = std::find_if(edges_.begin(), edges_.end(), [&](const edge& e) { return e.prb >= prb; });
  if (at != edges_.end() && at->prb == prb) {
    at->likelihood = std::max(at->likelihood, likelihood);
    return;
  }
  edges_.insert(at, {prb, likelihood, is_end});
}

void interval_search::add_ends(const run_levels& levels,
                               prb_range carrier,
                               prb_range around,
                               const std::vector<float>& power)
{
  const float best = levels.of(run_.prbs);
  const auto add_end = [&](std::int32_t prb, prb_range prbs, bool is_moved) {
    if (prbs.size() < 1 || prbs.begin < around.begin || prbs.end > around.end) {
      return;
    }
    const float step = prb < around.end ? power[static_cast<std::size_t>(prb - around.begin)] : 0.0F;
    const float loss = std::max(0.0F, best - levels.of(prbs)) + (is_moved ? prior : 0.0F);
    add(prb, std::min(certain, certain - loss + step), is_moved);
  };
  for (std::int32_t move = -max_move; move <= max_move; ++move) {
    add_end(run_.prbs.begin + move, {run_.prbs.begin + move, run_.prbs.end}, move != 0);
    add_end(run_.prbs.end + move, {run_.prbs.begin, run_.prbs.end + move}, move != 0);
  }
  // Many a grant begins or ends with the carrier, and of weak DM-RS only a part is seen.
  const auto add_carrier_end = [&](std::int32_t prb, prb_range prbs) {
    add(prb, certain - std::max(0.0F, best - levels.of(prbs)), false);
  };
  widened_ = run_.prbs;
  if (run_.prbs.begin - carrier.begin <= max_unseen) {
    widened_.begin = carrier.begin;
    add_carrier_end(carrier.begin, {carrier.begin, run_.prbs.end});
  }
  if (carrier.end - run_.prbs.end <= max_unseen) {
    widened_.end = carrier.end;
    add_carrier_end(carrier.end, {run_.prbs.begin, carrier.end});
  }
}

void interval_search::add_asked(prb_range prbs)
{
  for (const std::int32_t prb : {prbs.begin, prbs.end}) {
    if (prb > run_.prbs.begin && prb < run_.prbs.end) {
      add(prb, certain, false);
    }
  }
}

float interval_search::score(std::size_t from, std::size_t to) const
{
  float sum =
      std::min(0.0F, edges_[from].likelihood - certain) + std::min(0.0F, edges_[to].likelihood - certain);
  float strongest = 0.0F;
  for (std::size_t i = from + 1; i < to; ++i) {
    const bool is_run_end = edges_[i].prb == run_.prbs.begin || edges_[i].prb == run_.prbs.end;
    const float inside = edges_[i].is_end ? 0.0F
                         : is_run_end     ? longer
                                          : std::max(0.0F, edges_[i].likelihood - prior);
    strongest = std::max(strongest, inside);
    sum -= others_inside * inside;
  }
  return sum - (1.0F - others_inside) * strongest;
}

prb_range interval_search::next()
{
  if (tried_.size() == 1 && taken_.empty() && widened_.size() > 0 && !is_tried(widened_)) {
    tried_.push_back(widened_);
    return std::exchange(widened_, {});
  }
  // Fades look like edges: every other try trusts the strongest edges alone.
  prb_range best = is_halving_ ? next_half() : next_likely();
  is_halving_ = !is_halving_;
  if (best.size() < 1) {
    best = is_halving_ ? next_half() : next_likely();
  }
  tried_.push_back(best);
  return best;
}

bool interval_search::is_tried(prb_range prbs) const
{
  return std::find(tried_.begin(), tried_.end(), prbs) != tried_.end();
}

prb_range interval_search::next_likely() const
{
  prb_range best;
  float best_score = least_score;
  for (std::size_t from = 0; from < edges_.size(); ++from) {
    for (std::size_t to = from + 1; to < edges_.size(); ++to) {
      const prb_range prbs = {edges_[from].prb, edges_[to].prb};
      const std::int32_t inside = std::min(prbs.end, run_.prbs.end) - std::max(prbs.begin, run_.prbs.begin);
      if (2 * inside < prbs.size() || inside < 1) {
        continue;
      }
      const bool is_sliver = prbs.size() < least_usual && !(prbs == run_.prbs);
      const float one = score(from, to) - (is_sliver ? prior : 0.0F);
      const bool is_better = one > best_score || (one == best_score && prbs.size() > best.size());
      if (is_better && !is_taken(prbs) && !is_tried(prbs)) {
        best = prbs;
        best_score = one;
      }
    }
  }
  return best;
}

prb_range interval_search::next_half() const
{
  std::vector<prb_range> pieces; // what is left of the run, then the halves of each, breadth first
  std::int32_t begin = -1;
  for (std::int32_t prb = run_.prbs.begin; prb <= run_.prbs.end; ++prb) {
    const bool is_free = prb < run_.prbs.end && !is_taken({prb, prb + 1});
    if (is_free && begin < 0) {
      begin = prb;
    } else if (!is_free && begin >= 0) {
      pieces.push_back({begin, prb});
      begin = -1;
    }
  }
  if (!taken_.empty()) {
    // One side of what is left is certain then, so that its other side is worth a second guess.
    for (std::size_t i = 0, count = pieces.size(); i < count; ++i) {
      add_moved(pieces[i], pieces);
    }
  }
  for (std::size_t i = 0; i < pieces.size() && i < max_pieces; ++i) {
    const prb_range piece = pieces[i];
    if (piece.size() >= least_usual && !is_tried(piece)) {
      return piece;
    }
    const edge* strongest = nullptr;
    for (const edge& one : edges_) {
      const bool is_inside = one.prb > piece.begin && one.prb < piece.end && !one.is_end;
      if (is_inside && (strongest == nullptr || one.likelihood > strongest->likelihood)) {
        strongest = &one;
      }
    }
    if (strongest != nullptr) {
      pieces.push_back({piece.begin, strongest->prb});
      pieces.push_back({strongest->prb, piece.end});
    }
  }
  return {};
}

void interval_search::add_moved(prb_range piece, std::vector<prb_range>& to) const
{
  const edge* other = nullptr;
  for (const edge& one : edges_) {
    const bool is_near =
        std::abs(one.prb - piece.begin) <= max_move || std::abs(one.prb - piece.end) <= max_move;
    if (one.is_end && is_near && (other == nullptr || one.likelihood > other->likelihood)) {
      other = &one;
    }
  }
  if (other != nullptr) {
    const bool is_begin = std::abs(other->prb - piece.begin) <= max_move;
    const prb_range moved = {is_begin ? other->prb : piece.begin, is_begin ? piece.end : other->prb};
    if (!is_taken(moved)) {
      to.push_back(moved);
    }
  }
}

void interval_search::take(prb_range prbs)
{
  taken_.push_back(prbs);
  add(prbs.begin, certain, false);
  add(prbs.end, certain, false);
}

bool interval_search::is_taken(prb_range prbs) const
{
  return std::any_of(taken_.begin(), taken_.end(), [&](prb_range one) { return overlap(one, prbs); });
}

bool interval_search::is_done() const
{
  std::int32_t left = 0;
  for (std::int32_t prb = run_.prbs.begin; prb < run_.prbs.end; ++prb) {
    left += is_taken({prb, prb + 1}) ? 0 : 1;
  }
  // What is left at the end of something found is most likely its own.
  return left == 0 || (left < run_.prbs.size() && left <= max_move);
}

} // namespace pado::phy
