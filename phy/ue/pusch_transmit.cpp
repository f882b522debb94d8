// SPDX-License-Identifier: Apache-2.0
#include "phy/ue/pusch_transmit.h"
#include "phy/gold/c_init.h"
#include "phy/gold/gold_sequence.h"
#include "phy/rate_match/encode_ulsch.h"
#include "phy/uci_mux/pusch_cut.h"
#include "phy/ue/pusch_modulate.h"
#include <bit>
#include <cmath>
#include <vector>

namespace pado::phy {

/// What send() works in, kept for its memory.
struct pusch_transmitter::state {
  pusch_transmit_plan plan;
  pusch_modulate<backend::cpu> modulate;
  std::vector<std::uint32_t> code;     ///< code word, packed
  std::vector<std::uint32_t> sequence; ///< scrambling bits, then DM-RS bits
  std::vector<pusch_modulate_task> tasks;
};

namespace {

std::int32_t words_for(std::int32_t nof_bits)
{
  return (nof_bits + 31) / 32;
}

/// The code word of a PDU, 32 bits a word.
///
/// sequence  its scrambling bits: placeholders of UCI depend on them
result<nothing> encode(const pusch_pdu& pdu,
                       std::span<const std::uint8_t> payload,
                       const uci_payload& uci,
                       std::span<const std::uint32_t> sequence,
                       std::vector<std::uint32_t>& code)
{
  const auto cut = cut_pusch(pdu);
  if (!cut) {
    return cut.failure();
  }
  const bool has_uci = pdu.uci.is_present();
  ulsch_config config = ulsch_config_of(pdu);
  config.nof_coded_bits = has_uci ? cut.value().uci.ulsch_bits() : config.nof_coded_bits;
  const auto bits = encode_ulsch(payload, config);
  if (!bits) {
    return bits.failure();
  }
  const std::vector<std::uint8_t>& b = bits.value();
  code.assign(static_cast<std::size_t>(words_for(pusch_code_bits(pdu))), 0);
  if (has_uci) {
    return multiplex_uci(cut.value().uci, pdu.qam_mod_order, b, uci, sequence, code);
  }
  for (std::size_t i = 0; i < b.size(); ++i) {
    code[i / 32] |= std::uint32_t{b[i]} << (i % 32);
  }
  return nothing{};
}

std::span<std::uint32_t> part(std::vector<std::uint32_t>& words, std::int32_t begin, std::int32_t count)
{
  return std::span(words).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count));
}

/// What all symbols of a PDU share.
pusch_modulate_task common_task(const pusch_pdu& pdu, const pusch_transmit_config& config)
{
  pusch_modulate_task task = {};
  task.prbs.begin = pdu.bwp_start + pdu.rb_start - config.grid_start_crb;
  task.prbs.end = task.prbs.begin + pdu.rb_size;
  task.nof_layers = pdu.nof_layers;
  task.qam_mod_order = pdu.qam_mod_order;
  task.dmrs_amplitude = std::sqrt(static_cast<float>(pdu.nof_cdm_groups_no_data));
  int layer = 0;
  for (int port = 0; port < 4; ++port) {
    if ((pdu.dmrs_ports >> port & 1) != 0) {
      task.delta[layer] = port / 2;
      task.second_sign[layer] = port % 2 == 0 ? 1.0F : -1.0F;
      ++layer;
    }
  }
  return task;
}

} // namespace

pusch_transmitter::pusch_transmitter(const pusch_transmit_plan& plan)
    : state_(new state{plan,
                       pusch_modulate<backend::cpu>(
                           pusch_modulate_plan{{max_nof_layers, plan.config.nof_prb, nof_symbols_per_slot}}),
                       {},
                       {},
                       {}})
{
}
pusch_transmitter::~pusch_transmitter() = default;
pusch_transmitter::pusch_transmitter(pusch_transmitter&&) noexcept = default;
pusch_transmitter& pusch_transmitter::operator=(pusch_transmitter&&) noexcept = default;

result<nothing> pusch_transmitter::send(const pusch_pdu& pdu,
                                        std::int32_t slot_in_frame,
                                        std::span<const std::uint8_t> payload,
                                        view<cf32, 3> grid,
                                        const uci_payload& uci)
{
  state& s = *state_;
  if (auto checked = check_pusch_pdu(pdu, s.plan); !checked) {
    return checked;
  }
  if (payload.size() != pdu.tb_size_bytes) {
    return error{"payload", "must have tb_size_bytes bytes"};
  }
  if (uci.harq_ack.size() != pdu.uci.harq_ack_bits || uci.csi1.size() != pdu.uci.csi1_bits ||
      uci.csi2.size() != pdu.uci.csi2_bits) {
    return error{"uci", "must have as many bits of each kind as the PDU"};
  }
  if (grid.extent(0) < pdu.nof_layers || grid.extent(1) != nof_symbols_per_slot ||
      grid.extent(2) != nof_subcarriers_per_prb * s.plan.config.nof_prb) {
    return error{"grid", "must have a port for every layer, 14 symbols and 12 nof_prb subcarriers"};
  }
  const std::int32_t code_words = words_for(pusch_code_bits(pdu));
  const std::int32_t dmrs_words = words_for(2 * 6 * pdu.rb_size);
  const int nof_dmrs = std::popcount(pdu.dmrs_symbol_mask);
  s.sequence.resize(static_cast<std::size_t>(code_words + nof_dmrs * dmrs_words));
  gold_bits(pusch_data_c_init(pdu.rnti, pdu.data_scrambling_id), 0, part(s.sequence, 0, code_words));
  if (auto encoded = encode(pdu, payload, uci, part(s.sequence, 0, code_words), s.code); !encoded) {
    return encoded;
  }

  s.tasks.clear();
  pusch_modulate_task task = common_task(pdu, s.plan.config);
  std::int32_t sequence_end = code_words;
  for (int symbol = pdu.start_symbol; symbol < pdu.start_symbol + pdu.nof_symbols; ++symbol) {
    const bool is_dmrs = has_dmrs(pdu, symbol);
    task.symbol = symbol;
    task.data_res_per_prb = is_dmrs ? data_res_on_dmrs(pdu) : 12;
    task.dmrs_words_begin = is_dmrs ? sequence_end : -1;
    if (is_dmrs) {
      // r(n) counts from CRB 0: 6 pilots of 2 bits a PRB.
      const auto first_bit = static_cast<std::uint32_t>(12 * (pdu.bwp_start + pdu.rb_start));
      gold_bits(pusch_dmrs_c_init(slot_in_frame, symbol, pdu.dmrs_scrambling_id, pdu.scid),
                first_bit,
                part(s.sequence, sequence_end, dmrs_words));
      sequence_end += dmrs_words;
    }
    s.tasks.push_back(task);
    task.first_bit += task.data_res_per_prb * pdu.rb_size * pdu.nof_layers * pdu.qam_mod_order;
  }
  s.modulate.run({view<const pusch_modulate_task, 1>(s.tasks.data(), s.tasks.size()),
                  view<const std::uint32_t, 1>(s.code.data(), s.code.size()),
                  view<const std::uint32_t, 1>(s.sequence.data(), s.sequence.size())},
                 {grid},
                 {});
  return nothing{};
}

} // namespace pado::phy
