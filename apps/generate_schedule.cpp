// SPDX-License-Identifier: Apache-2.0
#include "apps/generate_schedule.h"
#include "mac/mcs/tbs.h"
#include "phy/ue/pusch_transmit.h"

namespace pado::apps {

namespace {

using phy::random_purpose;

/// A whole number of [0, n) out of a random word.
std::int32_t below(std::uint32_t word, std::int32_t n)
{
  return static_cast<std::int32_t>(std::uint64_t{word} * static_cast<std::uint64_t>(n) >> 32U);
}

/// Which block a UE sends in its occasion number k, and with which place of its rv list.
struct block_turn {
  std::int32_t process;
  std::int64_t block;
  std::size_t transmission;
};
block_turn turn_of(const ue_config& ue, std::int64_t k)
{
  const std::int64_t round = k / ue.harq_processes;
  const auto nof_rv = static_cast<std::int64_t>(ue.rv.size());
  const auto process = static_cast<std::int32_t>(k % ue.harq_processes);
  return {process, round / nof_rv * ue.harq_processes + process, static_cast<std::size_t>(round % nof_rv)};
}

std::vector<std::uint8_t>
payload_of(std::uint64_t seed, std::int32_t ue, std::int64_t block, std::uint32_t nof_bytes)
{
  return draw_payload(
      {seed, random_purpose::payload, static_cast<std::uint32_t>(block), phy::random_item(ue)}, nof_bytes);
}

pusch_pdu grant_of(const scenario_config& scenario, std::int32_t index, const block_turn& turn)
{
  const ue_config& ue = scenario.ues[static_cast<std::size_t>(index)];
  const auto block = static_cast<std::uint32_t>(turn.block);
  const phy::random_words w = phy::draw_words(
      {scenario.simulation.seed, random_purpose::allocation, block, phy::random_item(index)}, 0);
  prb_range prbs = ue.prbs;
  if (ue.is_random_allocation) {
    const std::int32_t size = 1 + below(w.word[0], ue.prbs.size());
    prbs.begin = ue.prbs.begin + below(w.word[1], ue.prbs.size() - size + 1);
    prbs.end = prbs.begin + size;
  }
  pusch_pdu pdu;
  pdu.rnti = ue.rnti;
  pdu.bwp_start = static_cast<std::uint16_t>(scenario.cell.carrier.grid_start_crb);
  pdu.bwp_size = static_cast<std::uint16_t>(scenario.cell.carrier.nof_prb);
  pdu.rb_start = static_cast<std::uint16_t>(prbs.begin);
  pdu.rb_size = static_cast<std::uint16_t>(prbs.size());
  pdu.start_symbol = static_cast<std::uint8_t>(ue.start_symbol);
  pdu.nof_symbols = static_cast<std::uint8_t>(ue.nof_symbols);
  pdu.mcs_table = static_cast<std::uint8_t>(ue.mcs_table);
  pdu.mcs_index =
      static_cast<std::uint8_t>(ue.mcs_lowest + below(w.word[2], ue.mcs_highest - ue.mcs_lowest + 1));
  pdu.data_scrambling_id = static_cast<std::uint16_t>(ue.data_scrambling_id);
  pdu.nof_layers = static_cast<std::uint8_t>(ue.nof_layers);
  pdu.dmrs_symbol_mask = ue.dmrs_symbol_mask;
  pdu.dmrs_scrambling_id = static_cast<std::uint16_t>(ue.dmrs_scrambling_id);
  pdu.scid = static_cast<std::uint8_t>(ue.scid);
  pdu.nof_cdm_groups_no_data = static_cast<std::uint8_t>(ue.nof_cdm_groups_no_data);
  pdu.dmrs_ports = ue.dmrs_ports;
  pdu.rv_index = static_cast<std::uint8_t>(ue.rv[turn.transmission]);
  pdu.harq_process_id = static_cast<std::uint8_t>(turn.process);
  pdu.new_data = turn.transmission == 0;
  mac::set_transport_block(pdu, 0);
  return pdu;
}

/// Random bits of one kind of UCI; absent when there are none.
std::optional<std::vector<std::uint8_t>>
uci_bits_of(const phy::random_stream& stream, std::int32_t kind, std::int32_t nof_bits)
{
  if (nof_bits == 0) {
    return std::nullopt;
  }
  phy::random_stream of_kind = stream;
  of_kind.item = phy::random_item(0, 0, kind) | stream.item;
  std::vector<std::uint8_t> bits = draw_payload(of_kind, static_cast<std::uint32_t>(nof_bits));
  for (std::uint8_t& bit : bits) {
    bit &= 1U;
  }
  return bits;
}

void add_grant(const scenario_config& scenario,
               std::int32_t index,
               std::int64_t nof_uplink_before,
               planned_slot& to)
{
  const ue_config& ue = scenario.ues[static_cast<std::size_t>(index)];
  const std::int64_t since = nof_uplink_before - ue.offset;
  if (since < 0 || since % ue.every != 0) {
    return;
  }
  const std::uint64_t seed = scenario.simulation.seed;
  const block_turn turn = turn_of(ue, since / ue.every);
  pusch_pdu pdu = grant_of(scenario, index, turn);
  const auto slot = static_cast<std::uint32_t>(to.slot);
  const phy::random_words w =
      phy::draw_words({seed, random_purpose::allocation, slot, phy::random_item(index, 1)}, 0);
  pdu_expectation expected;
  expected.transmitted = !(100.0 * static_cast<double>(w.word[0]) < ue.silent_percent * 4294967296.0);
  expected.payload = payload_of(seed, index, turn.block, pdu.tb_size_bytes);
  if (since / ue.every % ue.uci_every == 0) {
    const phy::random_stream bits = {seed, random_purpose::payload, slot, phy::random_item(index, 1)};
    pdu.uci = ue.uci;
    expected.harq_ack = uci_bits_of(bits, 1, ue.uci.harq_ack_bits);
    expected.csi1 = uci_bits_of(bits, 2, ue.uci.csi1_bits);
    expected.csi2 = uci_bits_of(bits, 3, ue.uci.csi2_bits);
  }
  to.schedule.plan.pusch.push_back(pdu);
  to.schedule.expected.push_back(std::move(expected));
  to.schedule.pdu_index.push_back(static_cast<std::int32_t>(to.ue.size()));
  to.ue.push_back(index);
}

bool is_uplink(const cell_config& cell, std::int64_t slot)
{
  if (!cell.tdd || cell.tdd->slots.empty()) {
    return true;
  }
  // The pattern divides a frame, and the simulation begins with slot 0 of one.
  return cell.tdd->slots[static_cast<std::size_t>(slot) % cell.tdd->slots.size()] == slot_kind::uplink;
}

} // namespace

std::vector<std::uint8_t> draw_payload(const phy::random_stream& stream, std::uint32_t nof_bytes)
{
  std::vector<std::uint8_t> bytes(nof_bytes);
  for (std::size_t i = 0; i < bytes.size(); i += 16) {
    const phy::random_words w = phy::draw_words(stream, static_cast<std::uint32_t>(i / 16));
    for (std::size_t j = 0; j < 16 && i + j < bytes.size(); ++j) {
      bytes[i + j] = static_cast<std::uint8_t>(w.word[j / 4] >> (8 * (j % 4)));
    }
  }
  return bytes;
}

result<std::vector<planned_slot>> plan_slots(const scenario_config& scenario)
{
  const carrier_config& carrier = scenario.cell.carrier;
  const auto transmit = phy::plan_pusch_transmit({carrier.scs, carrier.nof_prb, carrier.grid_start_crb});
  if (!transmit) {
    return transmit.failure();
  }
  std::vector<planned_slot> slots;
  std::int64_t nof_uplink = 0;
  for (std::int64_t slot = 0; slot < scenario.simulation.nof_slots; ++slot) {
    if (!is_uplink(scenario.cell, slot)) {
      continue;
    }
    planned_slot planned;
    planned.slot = slot;
    const std::int64_t cycle = std::int64_t{nof_sfn} * carrier.scs.slots_per_frame();
    planned.schedule.plan.slot =
        advance({scenario.simulation.first_sfn, 0}, static_cast<std::int32_t>(slot % cycle), carrier.scs);
    for (std::size_t i = 0; i < scenario.ues.size(); ++i) {
      add_grant(scenario, static_cast<std::int32_t>(i), nof_uplink, planned);
    }
    for (std::size_t i = 0; i < planned.ue.size(); ++i) {
      if (const auto checked = phy::check_pusch_pdu(planned.schedule.plan.pusch[i], transmit.value());
          !checked) {
        return error{"ues[" + std::to_string(planned.ue[i]) + "]: " + checked.failure().field,
                     checked.failure().what};
      }
    }
    ++nof_uplink;
    if (!planned.ue.empty()) {
      slots.push_back(std::move(planned));
    }
  }
  if (slots.empty()) {
    return error{"simulation.slots", "hold no uplink slot with a grant: more slots, or a pattern with U"};
  }
  return slots;
}

} // namespace pado::apps
