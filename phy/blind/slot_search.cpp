// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/slot_search.h"
#include "phy/blind/interval_search.h"
#include <algorithm>
#include <cmath>

namespace pado::phy {

namespace {

constexpr std::size_t max_frames = 4;
constexpr float max_doubt = 1.5F;        ///< of a time layout: less than one symbol that is clearly in or out
constexpr std::int32_t max_shallow = 10; ///< attempts of a place until something is found, and after each
constexpr std::int32_t max_deep = 2;     ///< what a place costs where nothing is found
constexpr std::int64_t max_transforms = 1500;     ///< the same bound in time: of the work of attempts
constexpr std::int64_t max_trial_bits = 20000000; ///< of long lists: a quarter of a second
constexpr float sure_of_ue = 9.0F;                ///< z that no wrong hypothesis reaches
constexpr float loud_identity = 0.1F;             ///< of the strongest one on the same PRBs

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

void append(std::vector<blind_finding>& to, std::vector<blind_finding> more)
{
  to.insert(to.end(), more.begin(), more.end());
}

/// So good a score that only the size can be wrong, or the signal too weak to decode.
bool is_sure(const std::vector<blind_finding>& found)
{
  return std::any_of(found.begin(), found.end(), [](const blind_finding& f) {
    return f.match.z > sure_of_ue && f.code.z > sure_of_ue;
  });
}

} // namespace

bool proves_ue(const blind_finding& one)
{
  const bool has_crc24 = static_cast<std::int32_t>(one.pdu.tb_size_bytes) * 8 > max_crc16_tb_bits;
  return one.is_proven && (has_crc24 || one.evidence >= least_evidence || one.match.z >= least_z_with_crc16);
}

void keep_better(std::vector<blind_finding>& best, std::vector<blind_finding> other)
{
  const auto worth = [](const std::vector<blind_finding>& all) {
    float sum = 0.0F;
    for (const blind_finding& f : all) {
      sum += f.code.z + f.match.z; // that of the code says little where repeated bits found the RNTI
    }
    return sum;
  };
  if (nof_proven(other) > nof_proven(best) ||
      (nof_proven(other) == nof_proven(best) && worth(other) > worth(best))) {
    best = std::move(other);
  }
}

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
  evidence_.clear();
  spectrum_.load(grid, plan_.limits.grid_start_crb);
  maps_.resize(knowledge.identities.size());
  for (std::size_t i = 0; i < maps_.size(); ++i) {
    maps_[i].identity = knowledge.identities[i];
    maps_[i].map.clear();
  }
  std::vector<prb_range> taken;
  std::vector<blind_finding> found = check_grants(taken);
  std::vector<bool> is_taken(static_cast<std::size_t>(spectrum_.nof_prb()), false);
  for (const prb_range prbs : taken) {
    std::fill(is_taken.begin() + prbs.begin, is_taken.begin() + prbs.end, true);
  }
  take_not_asked(is_taken);
  if (std::all_of(is_taken.begin(), is_taken.end(), [](bool one) { return one; })) {
    return found;
  }
  for (identity_map& one : maps_) {
    one.map.make(spectrum_, slot.slot, one.identity, is_taken);
  }
  std::vector<dmrs_run> runs = find_dmrs_runs(maps_, knowledge.dmrs_masks, is_taken);
  std::stable_sort(
      runs.begin(), runs.end(), [](const dmrs_run& a, const dmrs_run& b) { return a.level > b.level; });
  for (const dmrs_run& run : runs) {
    append(found, explain(run, taken));
  }
  return found;
}

/// PRBs on which the C-plane asked for nothing are none that a UE sends on.
void slot_search::take_not_asked(std::vector<bool>& taken) const
{
  if (known_->asked.empty()) {
    return;
  }
  std::vector<bool> is_asked(taken.size(), false);
  for (const asked_prbs& one : known_->asked) {
    const std::int32_t end = std::min(one.prbs.end, spectrum_.nof_prb());
    for (std::int32_t prb = std::max(one.prbs.begin, 0); prb < end; ++prb) {
      is_asked[static_cast<std::size_t>(prb)] = true;
    }
  }
  for (std::size_t prb = 0; prb < taken.size(); ++prb) {
    taken[prb] = taken[prb] || !is_asked[prb];
  }
}

const dmrs_map& slot_search::map_of(dmrs_identity identity) const
{
  const auto at = std::find_if(
      maps_.begin(), maps_.end(), [&](const identity_map& one) { return one.identity == identity; });
  return at->map;
}

dmrs_map::evidence
slot_search::evidence_of(const identity_map& one, std::uint16_t dmrs_mask, std::int32_t comb, prb_range prbs)
{
  if (one.map.nof_prb() > 0) {
    return one.map.of_mask(dmrs_mask, comb, prbs);
  }
  const auto known = std::find_if(evidence_.begin(), evidence_.end(), [&](const kept_evidence& e) {
    return e.identity == one.identity && e.dmrs_mask == dmrs_mask && e.comb == comb && e.prbs == prbs;
  });
  if (known != evidence_.end()) {
    return known->value;
  }
  const dmrs_map::evidence value = dmrs_evidence(spectrum_, slot_.slot, one.identity, dmrs_mask, comb, prbs);
  evidence_.push_back({one.identity, dmrs_mask, comb, prbs, value});
  return value;
}

slot_search::cluster slot_search::cluster_of(const dmrs_run& run, prb_range prbs)
{
  cluster out = {run.dmrs_mask, prbs, {}, run, run.identity};
  for (const identity_map& one : maps_) {
    dmrs_run part = run;
    part.prbs = prbs;
    part.identity = one.identity;
    const dmrs_map::evidence combs[2] = {evidence_of(one, run.dmrs_mask, 0, prbs),
                                         evidence_of(one, run.dmrs_mask, 1, prbs)};
    part.comb = combs[0].level() >= combs[1].level() ? 0 : 1;
    part.level = combs[part.comb].level();
    part.turn_rad = arg(combs[part.comb].turn);
    const bool is_own = one.identity == run.identity;
    if (!is_own && (part.level < least_level || part.level < loud_identity * run.level)) {
      continue;
    }
    for (const port_level& port : find_ports(spectrum_, slot_.slot, one.identity, part)) {
      out.streams.push_back({one.identity, port.port, part.level});
    }
    out.strongest = is_own ? part : out.strongest;
  }
  std::stable_sort(out.streams.begin(), out.streams.end(), [](const stream& a, const stream& b) {
    return a.port < b.port;
  });
  out.streams.resize(std::min<std::size_t>(out.streams.size(), max_nof_layers));
  return out;
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
  const float share = (other - floor) / std::max(inside - floor, 1e-12F);
  const bool is_ambiguous = inside < 2.0F * floor || (share > 0.15F && share < 0.7F);
  std::vector<frame> out;
  for (std::size_t i = 0; i < std::min(ranked.size(), max_frames); ++i) {
    if (ranked[i].first < ranked[0].first - max_doubt) {
      break;
    }
    frame f = ranked[i].second;
    f.nof_cdm_groups_no_data = has_data_there ? 1 : 2;
    f.is_ambiguous = is_ambiguous;
    out.push_back(f);
    if (i == 0 && !has_both_combs && c.streams.front().port < 2) {
      f.nof_cdm_groups_no_data = 3 - f.nof_cdm_groups_no_data;
      out.push_back(f);
    }
  }
  return out;
}

std::vector<blind_finding> slot_search::explain(const dmrs_run& run, std::vector<prb_range>& taken)
{
  interval_search intervals(run, find_edges(spectrum_, slot_.slot, map_of(run.identity), run));
  const prb_range around = {std::max(0, run.prbs.begin - 3),
                            std::min(plan_.limits.nof_prb, run.prbs.end + 3)};
  intervals.add_ends(run_levels(map_of(run.identity), run.dmrs_mask),
                     {0, plan_.limits.nof_prb},
                     around,
                     find_power_edges(spectrum_, run.dmrs_mask, around));
  for (const asked_prbs& one : known_->asked) {
    if ((one.symbol_mask & run.dmrs_mask) == run.dmrs_mask) {
      intervals.add_asked(one.prbs);
    }
  }
  for (const prb_range& prbs : taken) {
    intervals.take(prbs);
  }
  if (intervals.is_done()) {
    return {};
  }
  report_place(run);
  std::vector<blind_finding> found;
  std::vector<blind_finding> likely;
  trials_until_ = trial_.nof_decoded_bits() + max_trial_bits;
  for (const effort how : {effort::shallow, effort::deep}) {
    intervals.start_again();
    std::int32_t attempts_left = how == effort::shallow ? max_shallow : max_deep;
    std::int64_t most = search_.nof_transforms() + max_transforms;
    while (attempts_left-- > 0 && search_.nof_transforms() < most && !intervals.is_done()) {
      const prb_range prbs = intervals.next();
      if (prbs.size() < 1) {
        break;
      }
      std::vector<blind_finding> here = attempt(run, prbs, how);
      if (nof_proven(here) > 0 || is_sure(here)) {
        intervals.take(prbs);
        taken.push_back(prbs);
        attempts_left = std::max(attempts_left, max_shallow);
        most = search_.nof_transforms() + max_transforms;
        append(found, std::move(here));
      } else {
        keep_better(likely, std::move(here));
      }
    }
  }
  nof_unexplained_ += intervals.is_done() && all_proven(found) ? 0 : 1;
  const bool is_free = std::none_of(likely.begin(), likely.end(), [&](const blind_finding& f) {
    return intervals.is_taken({f.pdu.rb_start, f.pdu.rb_start + f.pdu.rb_size});
  });
  if (is_free) {
    append(found, std::move(likely));
  }
  return found;
}

void slot_search::report_place(const dmrs_run& run) const
{
  if (!hooks_.explain) {
    return;
  }
  pusch_pdu pdu;
  pdu.rb_start = static_cast<std::uint16_t>(run.prbs.begin);
  pdu.rb_size = static_cast<std::uint16_t>(run.prbs.size());
  pdu.dmrs_symbol_mask = run.dmrs_mask;
  pdu.dmrs_scrambling_id = static_cast<std::uint16_t>(run.identity.scrambling_id);
  pdu.scid = static_cast<std::uint8_t>(run.identity.scid);
  pdu.dmrs_ports = static_cast<std::uint16_t>(1U << 2 * run.comb);
  hooks_.explain({blind_step::kind::place, slot_, run.level, {pdu}, {}});
}

std::vector<blind_finding> slot_search::attempt(const dmrs_run& run, prb_range prbs, effort how)
{
  is_deep_ = how == effort::deep;
  cluster here = cluster_of(run, prbs);
  std::vector<blind_finding> best = try_cluster(here);
  // Data on the other comb may look like one more port.
  const std::size_t nof_streams = here.streams.size();
  here.streams.erase(std::remove_if(here.streams.begin(),
                                    here.streams.end(),
                                    [&](const stream& s) { return s.port / 2 != here.strongest.comb; }),
                     here.streams.end());
  if (nof_proven(best) == 0 && !here.streams.empty() && here.streams.size() < nof_streams) {
    keep_better(best, try_cluster(here));
  }
  return best;
}

std::vector<blind_finding> slot_search::try_cluster(const cluster& c)
{
  std::vector<blind_finding> best;
  const std::vector<frame> frames = find_frames(c);
  std::size_t most = is_deep_ ? frames.size() : std::min<std::size_t>(frames.size(), 1);
  if (!frames.empty() && frames[0].is_ambiguous) {
    most = std::max(most, std::min<std::size_t>(frames.size(), 2));
  }
  for (std::size_t i = 0; i < most && nof_proven(best) == 0; ++i) {
    keep_better(best, try_groups(c, c.prbs, frames[i]));
  }
  return best;
}

} // namespace pado::phy
