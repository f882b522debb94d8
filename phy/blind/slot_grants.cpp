// SPDX-License-Identifier: Apache-2.0
// The part of slot_search that asks whether a slot repeats grants of slots before it: a check, not a search.
#include "phy/blind/slot_search.h"
#include <algorithm>

namespace pado::phy {

namespace {

constexpr std::int32_t max_rounds = 2; ///< sets of grants that are decoded before the slot is searched

bool overlaps(const std::vector<prb_range>& some, prb_range prbs)
{
  return std::any_of(some.begin(), some.end(), [&](prb_range one) { return overlap(one, prbs); });
}

/// Same PRBs and DM-RS symbols.
bool is_same_place(const pusch_pdu& a, const pusch_pdu& b)
{
  return a.rb_start == b.rb_start && a.rb_size == b.rb_size && a.dmrs_symbol_mask == b.dmrs_symbol_mask;
}

} // namespace

bool is_same_grant(const pusch_pdu& a, const pusch_pdu& b)
{
  return a.rnti == b.rnti && is_same_place(a, b) && a.dmrs_ports == b.dmrs_ports &&
         a.tb_size_bytes == b.tb_size_bytes && a.qam_mod_order == b.qam_mod_order &&
         a.rv_index == b.rv_index && a.uci == b.uci;
}

/// The newest grants on the PRBs and symbols of one, when exactly their DM-RS ports send there now.
std::vector<pusch_pdu> slot_search::grants_at(const pusch_pdu& newest)
{
  dmrs_run run;
  run.identity = {newest.dmrs_scrambling_id, newest.scid};
  run.dmrs_mask = newest.dmrs_symbol_mask;
  run.prbs = prbs_of(newest);
  run.comb = (newest.dmrs_ports & 3U) != 0 ? 0 : 1;
  const auto own = std::find_if(
      maps_.begin(), maps_.end(), [&](const identity_map& one) { return one.identity == run.identity; });
  if (own == maps_.end()) {
    return {};
  }
  run.level = evidence_of(*own, run.dmrs_mask, run.comb, run.prbs).level();
  if (run.level < least_level) {
    return {};
  }
  // One bit for each stream: 4 ports of up to 8 identities.
  const auto bit_of = [&](dmrs_identity identity, std::int32_t port) {
    const auto at = std::find_if(
        maps_.begin(), maps_.end(), [&](const identity_map& one) { return one.identity == identity; });
    return std::uint32_t{1} << ((4 * (at - maps_.begin()) + port) & 31);
  };
  std::uint32_t sending = 0;
  for (const stream& s : cluster_of(run, run.prbs).streams) {
    sending |= bit_of(s.identity, s.port);
  }
  std::vector<pusch_pdu> out;
  std::uint32_t granted = 0;
  for (auto grant = known_->grants.rbegin(); grant != known_->grants.rend(); ++grant) {
    std::uint32_t ports = 0;
    for (std::int32_t port = 0; port < 4; ++port) {
      const bool is_used = (grant->dmrs_ports >> port & 1U) != 0;
      ports |= is_used ? bit_of({grant->dmrs_scrambling_id, grant->scid}, port) : 0;
    }
    if (is_same_place(*grant, newest) && (ports & granted) == 0 && (ports & ~sending) == 0) {
      out.push_back(*grant);
      granted |= ports;
    }
  }
  return granted == sending ? out : std::vector<pusch_pdu>{};
}

std::vector<blind_finding> slot_search::check_grants(std::vector<prb_range>& taken)
{
  failed_grants_.clear();
  std::vector<blind_finding> found;
  std::vector<pusch_pdu> seen;
  for (std::int32_t round = 0; round < max_rounds; ++round) {
    slot_plan plan;
    plan.slot = slot_;
    std::vector<prb_range> places;
    for (auto grant = known_->grants.rbegin(); grant != known_->grants.rend(); ++grant) {
      const bool is_seen =
          std::any_of(seen.begin(), seen.end(), [&](const auto& one) { return is_same_place(one, *grant); });
      if (is_seen || overlaps(taken, prbs_of(*grant)) || overlaps(places, prbs_of(*grant))) {
        continue;
      }
      seen.push_back(*grant);
      const std::vector<pusch_pdu> here = grants_at(*grant);
      plan.pusch.insert(plan.pusch.end(), here.begin(), here.end());
      if (!here.empty()) {
        places.push_back(prbs_of(*grant));
      }
    }
    if (plan.pusch.empty()) {
      break;
    }
    const std::vector<bool> holds = hooks_.prove(grid_, plan);
    for (const prb_range place : places) {
      keep_grants(plan.pusch, holds, place, found, taken);
    }
  }
  return found;
}

/// Takes the PRBs of a place when every grant there decodes; else the search looks for other blocks.
void slot_search::keep_grants(const std::vector<pusch_pdu>& pdus,
                              const std::vector<bool>& holds,
                              prb_range place,
                              std::vector<blind_finding>& found,
                              std::vector<prb_range>& taken)
{
  std::vector<blind_finding> here;
  bool is_all = true;
  for (std::size_t i = 0; i < pdus.size(); ++i) {
    if (prbs_of(pdus[i]) == place) {
      const rnti_match match = {pdus[i].rnti, pdus[i].data_scrambling_id};
      here.push_back({pdus[i], match, match, 0.0F, true, true});
      is_all = is_all && holds[i];
    }
  }
  if (is_all) {
    found.insert(found.end(), here.begin(), here.end());
    taken.push_back(place);
    return;
  }
  for (const blind_finding& one : here) {
    failed_grants_.push_back(one.pdu);
  }
}

} // namespace pado::phy
