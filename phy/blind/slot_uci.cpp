// SPDX-License-Identifier: Apache-2.0
// The part of slot_search for a PUSCH whose sender is sure and whose block does not decode: HARQ-ACK may lie
// on it.
#include "phy/blind/slot_search.h"
#include "phy/blind/uci_search.h"

namespace pado::phy {

namespace {

constexpr std::size_t max_codes = 4; ///< of one PUSCH that are tried with HARQ-ACK

} // namespace

void apply_code(pusch_pdu& pdu, const code_match& match)
{
  pdu.rnti = match.match.rnti;
  pdu.data_scrambling_id = match.match.data_id;
  pdu.qam_mod_order = match.option.qam_mod_order;
  pdu.mcs_table = match.option.mcs_table;
  pdu.mcs_index = match.option.mcs_index;
  pdu.target_code_rate = match.option.target_code_rate;
  pdu.tb_size_bytes = static_cast<std::uint32_t>(match.option.tb_size_bits / 8);
  pdu.rv_index = match.rv;
}

blind_finding finding_of(const pusch_pdu& pdu, const code_match& match, float dmrs_level, bool is_proven)
{
  return {pdu, match.match, match.code, dmrs_level, match.is_known, is_proven, match.evidence};
}

void slot_search::try_harq_ack(const std::vector<pusch_pdu>& pdus,
                               std::size_t at,
                               const std::vector<code_match>& codes,
                               blind_finding& best)
{
  if (best.is_proven || best.match.z < (best.is_known ? least_z_known : least_z_with_crc16)) {
    return;
  }
  slot_plan plan;
  plan.slot = slot_;
  plan.pusch = pdus;
  std::int32_t received = 0; ///< modulation order of what the receiver holds
  for (std::size_t i = 0; i < codes.size() && i < max_codes; ++i) {
    apply_code(plan.pusch[at], codes[i]);
    if (received != plan.pusch[at].qam_mod_order) {
      if (!receiver_.run(grid_, slot_, plan.pusch)) {
        return;
      }
      received = plan.pusch[at].qam_mod_order;
    }
    for (const uci_guess& guess : find_harq_ack(plan.pusch[at], receiver_.of(at), known_->uci)) {
      plan.pusch[at].uci = guess.uci;
      if (hooks_.prove(grid_, plan)[at]) {
        best = finding_of(plan.pusch[at], codes[i], best.dmrs_level, true);
        return;
      }
    }
    plan.pusch[at].uci = {};
  }
}

} // namespace pado::phy
