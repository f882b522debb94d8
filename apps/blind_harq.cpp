// SPDX-License-Identifier: Apache-2.0
#include "apps/blind_harq.h"
#include <algorithm>

namespace pado::apps {

namespace {

constexpr std::size_t max_earlier = 12;      ///< transmissions of a UE that a retransmission may follow
constexpr std::size_t max_transmissions = 4; ///< of a block

bool is_same_slot(const found_pusch& a, const found_pusch& b)
{
  return a.slot == b.slot && a.sample == b.sample;
}

/// Whether two findings can be transmissions of one block.
bool can_combine(const found_pusch& a, const found_pusch& b)
{
  const pusch_pdu& x = a.finding.pdu;
  const pusch_pdu& y = b.finding.pdu;
  return x.rnti == y.rnti && x.tb_size_bytes == y.tb_size_bytes && !is_same_slot(a, b) &&
         (x.target_code_rate <= 2560) == (y.target_code_rate <= 2560) &&
         (x.target_code_rate <= 6860) == (y.target_code_rate <= 6860);
}

/// Chains of places in `earlier` that end before its end: the last `steps` ones, each `distance` apart.
std::vector<std::vector<std::size_t>> chains_to(const std::vector<std::size_t>& earlier, std::size_t last)
{
  std::vector<std::vector<std::size_t>> out;
  const std::size_t count = earlier.size();
  for (std::size_t links = 1; links < max_transmissions; ++links) {
    for (std::size_t distance = 1; links * distance <= std::min(count, max_earlier); ++distance) {
      std::vector<std::size_t> chain;
      for (std::size_t link = links; link > 0; --link) {
        chain.push_back(earlier[count - link * distance]);
      }
      chain.push_back(last);
      out.push_back(std::move(chain));
    }
  }
  return out;
}

} // namespace

slot_plan
blind_combiner::plan_of(const std::vector<found_pusch>& pusch, std::size_t target, bool is_first) const
{
  slot_plan plan;
  plan.slot = pusch[target].slot;
  plan.pusch.push_back(pusch[target].finding.pdu);
  plan.pusch.back().harq_process_id = 0;
  plan.pusch.back().new_data = is_first;
  for (std::size_t i = 0; i < pusch.size(); ++i) {
    if (i != target && is_same_slot(pusch[i], pusch[target])) {
      plan.pusch.push_back(pusch[i].finding.pdu); // their layers belong into the equaliser
      plan.pusch.back().harq_process_id = 1;
      plan.pusch.back().new_data = true;
    }
  }
  return plan;
}

bool blind_combiner::try_chain(std::vector<found_pusch>& pusch,
                               const std::vector<std::size_t>& chain,
                               const samples& of)
{
  slot_report last;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const uplink_slot* const slot = of(pusch[chain[i]]);
    if (slot == nullptr) {
      return false;
    }
    last = receiver_.run(*slot, plan_of(pusch, chain[i], i == 0));
  }
  const auto mine = std::find_if(
      last.pusch.begin(), last.pusch.end(), [](const pusch_report& one) { return one.plan_index == 0; });
  const bool holds = mine != last.pusch.end() && mine->tb_crc_ok && mine->combined &&
                     std::any_of(mine->payload.begin(), mine->payload.end(), [](auto b) { return b != 0; });
  if (!holds) {
    return false;
  }
  const std::int32_t known = pusch[chain.front()].block;
  const std::int32_t block = known >= 0 ? known : next_block_++;
  for (const std::size_t i : chain) {
    pusch[i].block = block;
  }
  found_pusch& done = pusch[chain.back()];
  done.finding.is_proven = true;
  done.report = *mine;
  return true;
}

void blind_combiner::run(std::vector<found_pusch>& pusch, const samples& of)
{
  for (std::size_t i = 0; i < pusch.size(); ++i) {
    if (pusch[i].finding.is_proven) {
      continue;
    }
    std::vector<std::size_t> earlier;
    for (std::size_t j = 0; j < i; ++j) {
      // Transmissions of a block go on after it was decoded, where nobody told the UE.
      const bool is_single = pusch[j].finding.is_proven && pusch[j].block < 0;
      if (!is_single && can_combine(pusch[j], pusch[i])) {
        earlier.push_back(j);
      }
    }
    const bool has_long_crc =
        static_cast<std::int32_t>(pusch[i].finding.pdu.tb_size_bytes) * 8 > phy::max_crc16_tb_bits;
    for (const std::vector<std::size_t>& chain : chains_to(earlier, i)) {
      // CRC16 holds by chance once in 65536 tries: few of them.
      const std::int32_t first_rv = pusch[chain.front()].finding.pdu.rv_index;
      const bool is_worth_it = has_long_crc || (first_rv == 0 && pusch[i].finding.pdu.rv_index != 0);
      if (is_worth_it && try_chain(pusch, chain, of)) {
        break;
      }
    }
  }
}

} // namespace pado::apps
