// SPDX-License-Identifier: Apache-2.0
// The part of slot_search that tries one allocation: who sends which layers, with which modulation and code.
#include "phy/blind/slot_search.h"
#include <algorithm>

namespace pado::phy {

namespace {

constexpr float sure_of_rnti = 8.0F; ///< z from which only the size can be wrong

/// Ways to deal n streams out to UEs, as the UE of each stream: one UE with all of them first, then runs of
/// neighbours, then pairs that cross.
std::vector<std::vector<std::int32_t>> partitions(std::size_t n)
{
  std::vector<std::vector<std::int32_t>> out;
  out.reserve((std::size_t{1} << (n - 1)) + 2);
  for (std::uint32_t cuts = 0; cuts < (1U << (n - 1)); ++cuts) {
    std::vector<std::int32_t> ue(n, 0);
    for (std::size_t i = 1; i < n; ++i) {
      ue[i] = ue[i - 1] + static_cast<std::int32_t>(cuts >> (i - 1) & 1U);
    }
    out.push_back(ue);
  }
  if (n == 3) {
    out.push_back({0, 1, 0});
  }
  if (n == 4) {
    out.push_back({0, 1, 0, 1});
    out.push_back({0, 1, 1, 0});
  }
  return out;
}

} // namespace

std::vector<blind_finding> slot_search::try_groups(const cluster& c, prb_range prbs, const frame& f)
{
  std::vector<blind_finding> best;
  for (const std::vector<std::int32_t>& ue_of : partitions(c.streams.size())) {
    std::vector<pusch_pdu> pdus;
    bool is_possible = true;
    float level = 0.0F;
    for (std::size_t i = 0; i < c.streams.size(); ++i) {
      const stream& s = c.streams[i];
      const auto at = static_cast<std::size_t>(ue_of[i]);
      if (at == pdus.size()) {
        pusch_pdu pdu;
        pdu.bwp_start = static_cast<std::uint16_t>(plan_.limits.grid_start_crb);
        pdu.bwp_size = static_cast<std::uint16_t>(plan_.limits.nof_prb);
        pdu.rb_start = static_cast<std::uint16_t>(prbs.begin);
        pdu.rb_size = static_cast<std::uint16_t>(prbs.size());
        pdu.start_symbol = f.time.start_symbol;
        pdu.nof_symbols = f.time.nof_symbols;
        pdu.dmrs_symbol_mask = f.time.dmrs_mask;
        pdu.dmrs_scrambling_id = static_cast<std::uint16_t>(s.identity.scrambling_id);
        pdu.scid = static_cast<std::uint8_t>(s.identity.scid);
        pdu.nof_cdm_groups_no_data = static_cast<std::uint8_t>(f.nof_cdm_groups_no_data);
        pdu.dmrs_ports = 0;
        pdu.nof_layers = 0;
        pdus.push_back(pdu);
      }
      pusch_pdu& mine = pdus[at];
      is_possible = is_possible && mine.dmrs_scrambling_id == s.identity.scrambling_id &&
                    mine.scid == s.identity.scid && (mine.dmrs_ports >> s.port & 1U) == 0;
      mine.dmrs_ports = static_cast<std::uint16_t>(mine.dmrs_ports | 1U << s.port);
      ++mine.nof_layers;
      level = std::max(level, s.level);
    }
    // What a CRC has proven stays: only the other layers can belong to somebody else.
    const bool agrees = std::all_of(best.begin(), best.end(), [&](const blind_finding& one) {
      return !one.is_proven || std::any_of(pdus.begin(), pdus.end(), [&](const pusch_pdu& pdu) {
        return pdu.dmrs_ports == one.pdu.dmrs_ports;
      });
    });
    if (!is_possible || !agrees) {
      continue;
    }
    std::vector<blind_finding> found = try_partition(pdus, level);
    const bool is_done =
        found.size() == pdus.size() &&
        std::all_of(found.begin(), found.end(), [](const auto& one) { return one.is_proven; });
    if (is_done) {
      return found;
    }
    keep_better(best, std::move(found));
  }
  return best;
}

std::vector<std::uint8_t> slot_search::plausible_modulations(std::span<const equalised_re> res) const
{
  // Far more than the spread of a mean over some hundred REs; a wrong modulation loses more at any SNR at
  // which a block of the right one decodes.
  constexpr float tolerance = 0.04F;
  if (res.size() < 40) {
    return {2, 4, 6, 8};
  }
  const std::array<float, 4> likelihood = modulation_likelihoods(res);
  const float best = *std::max_element(likelihood.begin(), likelihood.end());
  std::vector<std::pair<float, std::uint8_t>> ranked;
  for (std::size_t i = 0; i < likelihood.size(); ++i) {
    if (likelihood[i] > best - tolerance - 10.0F / static_cast<float>(res.size())) {
      ranked.push_back({-likelihood[i], static_cast<std::uint8_t>(2 * (i + 1))});
    }
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::uint8_t> out;
  out.reserve(ranked.size());
  for (const auto& one : ranked) {
    out.push_back(one.second);
  }
  return out;
}

void slot_search::search_codes(const std::vector<pusch_pdu>& pdus,
                               std::span<const known_ue> certain,
                               const std::vector<bool>& is_open,
                               std::vector<std::vector<code_match>>& best)
{
  if (!receiver_.run(grid_, slot_, pdus)) {
    return;
  }
  for (std::size_t i = 0; i < pdus.size(); ++i) {
    if (!is_open[i]) {
      continue;
    }
    std::vector<code_option> options = hooks_.codes(pdus[i]);
    options.erase(
        std::remove_if(options.begin(),
                       options.end(),
                       [&](const code_option& o) { return o.qam_mod_order != pdus[i].qam_mod_order; }),
        options.end());
    std::vector<std::uint16_t> ids = known_->data_ids;
    if (pdus[i].dmrs_scrambling_id < nof_data_ids &&
        std::find(ids.begin(), ids.end(), pdus[i].dmrs_scrambling_id) == ids.end()) {
      ids.push_back(pdus[i].dmrs_scrambling_id);
    }
    code_question question;
    question.options = options;
    question.known = certain.empty() ? std::span<const known_ue>(known_->ues) : certain;
    question.data_ids = ids;
    question.nof_layers = pdus[i].nof_layers;
    question.is_known_only = known_->is_known_only || !certain.empty();
    question.has_rnti_zero = known_->has_rnti_zero;
    question.is_exhaustive = !certain.empty();
    question.is_quick = !is_deep_ && certain.empty();
    question.has_every_rv = is_deep_ || !certain.empty();
    question.has_long_list = is_deep_ && trial_.nof_decoded_bits() < trials_until_;
    std::vector<code_match> found = find_codes(search_, trial_, receiver_.of(i), question);
    best[i].insert(best[i].end(), found.begin(), found.end());
  }
}

std::vector<blind_finding> slot_search::try_partition(const std::vector<pusch_pdu>& pdus, float level)
{
  level_ = level;
  std::vector<std::vector<code_match>> codes(pdus.size());
  std::vector<pusch_pdu> trial(pdus);
  if (!receiver_.run(grid_, slot_, trial)) {
    return {};
  }
  std::vector<std::vector<std::uint8_t>> orders;
  std::size_t most = 0;
  for (const std::vector<equalised_re>& res : receiver_.constellations(grid_)) {
    orders.push_back(plausible_modulations(res));
    most = std::max(most, orders.back().size());
  }
  const auto is_clear = [](const std::vector<code_match>& found) {
    return std::any_of(found.begin(), found.end(), [](const code_match& m) {
      return m.evidence >= least_evidence || (m.code.z > 10.0F && m.code.fit > 0.3F);
    });
  };
  for (std::size_t turn = 0; turn < most; ++turn) {
    std::vector<bool> is_open;
    for (std::size_t i = 0; i < trial.size(); ++i) {
      trial[i].qam_mod_order = orders[i][std::min(turn, orders[i].size() - 1)];
      is_open.push_back(turn < orders[i].size() && !is_clear(codes[i]));
    }
    search_codes(trial, {}, is_open, codes);
  }
  std::vector<blind_finding> found = prove(trial, codes, level);
  if (hooks_.explain) {
    hooks_.explain({blind_step::kind::attempt, slot_, level, trial, found});
  }
  if (std::any_of(found.begin(), found.end(), [](const blind_finding& f) {
        return !f.is_proven && f.match.z > sure_of_rnti;
      })) {
    return try_all_sizes(trial, found, level);
  }
  return found;
}

std::vector<blind_finding>
slot_search::try_all_sizes(std::vector<pusch_pdu> pdus, const std::vector<blind_finding>& first, float level)
{
  std::vector<known_ue> certain;
  for (const blind_finding& f : first) {
    for (pusch_pdu& pdu : pdus) {
      pdu.qam_mod_order = pdu.dmrs_ports == f.pdu.dmrs_ports ? f.pdu.qam_mod_order : pdu.qam_mod_order;
    }
    certain.push_back({f.pdu.rnti, f.pdu.data_scrambling_id, f.pdu.mcs_table});
  }
  std::vector<std::vector<code_match>> codes(pdus.size());
  search_codes(pdus, certain, std::vector<bool>(pdus.size(), true), codes);
  std::vector<blind_finding> found = prove(pdus, codes, level);
  return found.size() >= first.size() ? found : first;
}

std::vector<blind_finding>
slot_search::prove(std::vector<pusch_pdu> pdus, std::vector<std::vector<code_match>> codes, float level)
{
  for (std::vector<code_match>& found : codes) {
    std::stable_sort(found.begin(), found.end(), is_better);
  }
  // A PDU of which nothing is known still has its layers in the equaliser.
  for (std::size_t i = 0; i < pdus.size(); ++i) {
    pdus[i].tb_size_bytes = 3;
    pdus[i].target_code_rate = 1200;
    if (!codes[i].empty()) {
      apply_code(pdus[i], codes[i].front());
    }
  }
  std::vector<blind_finding> found;
  for (std::size_t i = 0; i < pdus.size(); ++i) {
    blind_finding best;
    for (const code_match& match : codes[i]) {
      slot_plan plan;
      plan.slot = slot_;
      plan.pusch = pdus;
      apply_code(plan.pusch[i], match);
      const std::vector<bool> holds = hooks_.prove(grid_, plan);
      if (best.match.nof_equations == 0 || holds[i]) {
        best = finding_of(plan.pusch[i], match, level, holds[i]);
      }
      if (holds[i]) {
        break;
      }
    }
    if (best.match.nof_equations != 0) {
      try_harq_ack(pdus, i, codes[i], best);
      found.push_back(best);
    }
  }
  return found;
}

} // namespace pado::phy
