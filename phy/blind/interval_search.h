// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/blind/dmrs_runs.h"
#include <vector>

namespace pado::phy {

/// Which PRBs of a run to try as the allocation of one UE, most likely first.
///
/// A UE lies between two edges and has none inside. With the log-likelihood of each edge that is a score for
/// each pair of edges; what is found to be true makes its ends certain and takes its PRBs away.
class interval_search {
public:
  /// edges  [prb of the run]  log-likelihood that a UE begins there, from find_edges()
  interval_search(const dmrs_run& run, const std::vector<float>& edges);

  /// The ends of the run may be off: others are worth less by the level that they lose, more by the step of
  /// the power there.
  ///
  /// around  PRBs around the run, within the carrier
  /// power   [prb of around]  from find_power_edges()
  void
  add_ends(const run_levels& levels, prb_range carrier, prb_range around, const std::vector<float>& power);

  /// The ends of what was asked for: a grant may well begin there.
  void add_asked(prb_range prbs);

  /// The next PRBs to try; none left: an empty range.
  prb_range next();
  /// These PRBs are explained.
  void take(prb_range prbs);
  bool is_taken(prb_range prbs) const;
  /// Whether hardly anything of the run is left to explain.
  bool is_done() const;
  /// Forgets what was tried, not what was taken.
  void start_again() { tried_.clear(); }

private:
  struct edge {
    std::int32_t prb;
    float likelihood;
    bool is_end; ///< another place for an end of the run: says nothing about what it lies in
  };
  void add(std::int32_t prb, float likelihood, bool is_end);
  float score(std::size_t from, std::size_t to) const;
  bool is_tried(prb_range prbs) const;
  prb_range next_likely() const;
  prb_range next_half() const;
  void add_moved(prb_range piece, std::vector<prb_range>& to) const;

  dmrs_run run_;
  prb_range widened_;       ///< the run up to the ends of the carrier, where they are near; tried once
  std::vector<edge> edges_; ///< ascending
  std::vector<prb_range> taken_;
  std::vector<prb_range> tried_;
  bool is_halving_ = false;
};

} // namespace pado::phy
