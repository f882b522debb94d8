// SPDX-License-Identifier: Apache-2.0
#include "phy/gold/c_init.h"
#include "phy/slot_program/block_tasks.h"
#include "phy/slot_program/slot_program.h"
#include "phy/slot_program/tiles.h"
#include "phy/slot_program/uci_tasks.h"
#include "phy/uci_mux/pusch_cut.h"
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace pado::phy {

namespace {

std::int32_t words_for(std::int32_t nof_bits)
{
  return (nof_bits + 31) / 32;
}

prb_range grid_prbs(const slot_limits& limits, const pusch_pdu& pdu)
{
  const std::int32_t begin = pdu.bwp_start + pdu.rb_start - limits.grid_start_crb;
  return {begin, begin + pdu.rb_size};
}

const char* refuse_dmrs(const pusch_pdu& pdu)
{
  const std::uint32_t span = ((1U << pdu.nof_symbols) - 1U) << pdu.start_symbol;
  const int nof_dmrs = std::popcount(static_cast<std::uint32_t>(pdu.dmrs_symbol_mask));
  if (pdu.dmrs_config_type != 1) {
    return "DM-RS type 2 is not decoded yet";
  }
  if (nof_dmrs < 1 || nof_dmrs > max_nof_dmrs_symbols || (pdu.dmrs_symbol_mask & ~span) != 0) {
    return "DM-RS needs 1 to 4 symbols inside the allocation";
  }
  if ((pdu.dmrs_symbol_mask & (pdu.dmrs_symbol_mask >> 1U)) != 0) {
    return "double-symbol DM-RS is not decoded yet";
  }
  if (pdu.nof_cdm_groups_no_data < 1 || pdu.nof_cdm_groups_no_data > 2 || pdu.scid > 1) {
    return "DM-RS type 1 has 1 or 2 CDM groups without data and n_SCID 0 or 1";
  }
  if (std::popcount(static_cast<std::uint32_t>(pdu.dmrs_ports)) != pdu.nof_layers ||
      pdu.dmrs_ports >= (pdu.nof_cdm_groups_no_data == 1 ? 4 : 16)) {
    return "DM-RS ports do not fit the layers and CDM groups";
  }
  return nullptr;
}

/// Why this receiver cannot decode the PDU; null when it can.
const char* refuse(const slot_limits& limits, const pusch_pdu& pdu)
{
  const prb_range prbs = grid_prbs(limits, pdu);
  if (pdu.rb_size < 1 || prbs.begin < 0 || prbs.end > limits.nof_prb) {
    return "its PRBs lie outside the carrier";
  }
  if (pdu.nof_symbols < 1 || pdu.start_symbol + pdu.nof_symbols > nof_symbols_per_slot) {
    return "its symbols lie outside the slot";
  }
  if (pdu.transform_precoding) {
    return "transform precoding is not decoded yet";
  }
  if (pdu.nof_layers < 1 || pdu.nof_layers > max_nof_layers) {
    return "it needs 1 to 4 layers";
  }
  if (pdu.qam_mod_order != 2 && pdu.qam_mod_order != 4 && pdu.qam_mod_order != 6 && pdu.qam_mod_order != 8) {
    return "its modulation order is none of 2, 4, 6, 8";
  }
  if (pdu.rv_index > 3 || pdu.target_code_rate == 0 || pdu.target_code_rate > 10240) {
    return "its redundancy version or code rate is out of range";
  }
  if (const char* why = refuse_dmrs(pdu)) {
    return why;
  }
  const std::int64_t coded = pusch_code_bits(pdu);
  if (pdu.tb_size_bytes < 1 || coded < 1) {
    return "it carries no transport block";
  }
  // Code rates above 1 decode in no transmission; two retransmissions could still bring them below.
  if (static_cast<std::int64_t>(pdu.tb_size_bytes) * 8 + 24 > coded) {
    return "its transport block is larger than the soft bits it sends";
  }
  return nullptr;
}

/// Layers of the slot's PDUs on each PRB and symbol: more than 4 cannot be told apart.
class layer_map {
public:
  bool add(prb_range prbs, const pusch_pdu& pdu)
  {
    for (std::int32_t symbol = pdu.start_symbol; symbol < pdu.start_symbol + pdu.nof_symbols; ++symbol) {
      for (std::int32_t prb = prbs.begin; prb < prbs.end; ++prb) {
        if (count(symbol, prb) + pdu.nof_layers > max_nof_layers) {
          return false;
        }
      }
    }
    for (std::int32_t symbol = pdu.start_symbol; symbol < pdu.start_symbol + pdu.nof_symbols; ++symbol) {
      for (std::int32_t prb = prbs.begin; prb < prbs.end; ++prb) {
        count(symbol, prb) = static_cast<std::uint8_t>(count(symbol, prb) + pdu.nof_layers);
      }
    }
    return true;
  }

private:
  std::uint8_t& count(std::int32_t symbol, std::int32_t prb)
  {
    return counts_[static_cast<std::size_t>(symbol * max_nof_prb + prb)];
  }
  std::array<std::uint8_t, nof_symbols_per_slot* max_nof_prb> counts_ = {};
};

std::int32_t
add_sequence(slot_program& out, std::uint32_t c_init, std::uint32_t first_bit, std::int32_t nof_bits)
{
  const std::int32_t words_begin = out.nof_words;
  out.gold.push({c_init, first_bit, words_begin, nof_bits});
  out.nof_words += words_for(nof_bits);
  return words_begin;
}

/// The estimate task of a PDU and the least-squares tasks that feed it.
void add_estimate(const slot_limits& limits, std::int32_t slot, const pusch_pdu& pdu, slot_program& out)
{
  channel_estimate_task task = {};
  task.prbs = grid_prbs(limits, pdu);
  task.nof_layers = pdu.nof_layers;
  task.slot_in_subframe = slot % limits.scs.slots_per_subframe();
  task.amplitude = std::sqrt(static_cast<float>(pdu.nof_cdm_groups_no_data));
  task.ls_begin = out.nof_pilots;
  task.h_begin = out.nof_estimates;
  std::array<std::int32_t, max_nof_dmrs_symbols> words = {};
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    if (has_dmrs(pdu, symbol)) {
      const std::int32_t first_crb = pdu.bwp_start + pdu.rb_start;
      words[static_cast<std::size_t>(task.nof_dmrs)] =
          add_sequence(out,
                       pusch_dmrs_c_init(slot, symbol, pdu.dmrs_scrambling_id, pdu.scid),
                       static_cast<std::uint32_t>(12 * first_crb),
                       12 * pdu.rb_size);
      task.dmrs_symbols[task.nof_dmrs++] = symbol;
    }
  }
  std::int32_t layer = 0;
  for (std::int32_t port = 0; port < 4; ++port) {
    if (((pdu.dmrs_ports >> port) & 1U) == 0) {
      continue;
    }
    task.delta[layer] = port / 2;
    task.second_sign[layer] = port % 2 == 0 ? 1.0F : -1.0F;
    task.peer_task[layer] = task.peer_layer[layer] = -1;
    for (std::int32_t d = 0; d < task.nof_dmrs; ++d) {
      out.dmrs_ls.push({task.dmrs_symbols[d],
                        task.prbs,
                        words[static_cast<std::size_t>(d)],
                        task.delta[layer],
                        task.second_sign[layer],
                        task.amplitude,
                        out.nof_pilots});
      out.nof_pilots += 6 * task.prbs.size();
      out.nof_estimates += nof_subcarriers_per_prb * task.prbs.size();
    }
    ++layer;
  }
  out.estimates.push(task);
}

/// Where the PDU's soft bits go. Returns their number.
std::int32_t add_soft_bits(const pusch_pdu& pdu, prb_range prbs, slot_program& out)
{
  equalise_pdu task = {};
  task.qam_mod_order = pdu.qam_mod_order;
  task.nof_layers = pdu.nof_layers;
  task.prbs = prbs;
  task.dmrs_mask = pdu.dmrs_symbol_mask;
  task.data_res_on_dmrs = data_res_on_dmrs(pdu);
  task.llr_begin = out.nof_llrs;
  std::int32_t nof_res = 0;
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    const bool is_inside = symbol >= pdu.start_symbol && symbol < pdu.start_symbol + pdu.nof_symbols;
    const std::int32_t per_prb = has_dmrs(pdu, symbol) ? task.data_res_on_dmrs : nof_subcarriers_per_prb;
    task.re_offset[symbol] = is_inside && per_prb > 0 ? nof_res : -1;
    nof_res += is_inside ? per_prb * pdu.rb_size : 0;
  }
  const std::int32_t nof_llrs = nof_res * pdu.nof_layers * pdu.qam_mod_order;
  task.words_begin = add_sequence(out, pusch_data_c_init(pdu.rnti, pdu.data_scrambling_id), 0, nof_llrs);
  out.pdus.push(task);
  out.nof_llrs += nof_llrs;
  return nof_llrs;
}

/// Code blocks of the PDU, whose soft bits lie from llr_begin on: rate dematching, decoding, assembly.
void add_blocks(const slot_limits& limits,
                const pusch_pdu& pdu,
                const segmentation& cut,
                harq_place place,
                std::int32_t llr_begin,
                slot_program& out)
{
  const auto payload_bytes = static_cast<std::int32_t>(pdu.tb_size_bytes);
  tb_assemble_task assemble = assemble_task_of(cut, payload_bytes);
  assemble.first_block = out.blocks.size();
  assemble.bytes_begin = out.nof_block_bytes;
  assemble.payload_begin = out.nof_payload_bytes;
  out.tbs.push(assemble);
  for (std::int32_t block = 0; block < cut.nof_blocks; ++block) {
    const block_place at = {
        llr_begin, place.soft_begin + static_cast<std::int64_t>(block) * soft_stride, place.is_combined};
    out.rate_dematch.push(dematch_task_of(cut, block, pdu.qam_mod_order, at));
    out.blocks.push(decode_task_of(cut, limits.max_ldpc_iterations, at, out.nof_block_bytes));
    out.nof_block_bytes += block_stride(cut);
  }
  out.nof_payload_bytes += payload_bytes;
}

/// Whether two PDUs send the same DM-RS sequence on the same REs, told apart by their ports alone.
bool shares_dmrs(const pusch_pdu& a, const pusch_pdu& b)
{
  return a.dmrs_symbol_mask == b.dmrs_symbol_mask && a.dmrs_scrambling_id == b.dmrs_scrambling_id &&
         a.scid == b.scid && a.bwp_start + a.rb_start == b.bwp_start + b.rb_start && a.rb_size == b.rb_size;
}

/// Notes the layers of `other` that share the REs of a layer of `one`.
void link_layers(channel_estimate_task& one, const channel_estimate_task& other, std::int32_t other_index)
{
  for (std::int32_t i = 0; i < one.nof_layers; ++i) {
    for (std::int32_t j = 0; j < other.nof_layers; ++j) {
      if (one.delta[i] == other.delta[j] && one.second_sign[i] * other.second_sign[j] < 0.0F) {
        one.peer_task[i] = other_index;
        one.peer_layer[i] = j;
      }
    }
  }
}

/// Layers whose DM-RS share REs by FD-OCC, so that each can be taken out of the other's noise.
void link_peers(const slot_plan& slot, slot_program& out)
{
  for (std::int32_t a = 0; a < out.estimates.size(); ++a) {
    const pusch_pdu& one = slot.pusch[static_cast<std::size_t>(out.plan_index[a])];
    for (std::int32_t b = 0; b < out.estimates.size(); ++b) {
      if (shares_dmrs(one, slot.pusch[static_cast<std::size_t>(out.plan_index[b])])) {
        link_layers(out.estimates[a], out.estimates[b], b);
      }
    }
  }
}

} // namespace

result<std::int32_t> nof_code_blocks(const slot_program_plan& plan, const pusch_pdu& pdu)
{
  if (const char* why = refuse(plan.limits, pdu)) {
    return error{"PUSCH of RNTI " + std::to_string(pdu.rnti), why};
  }
  const result<pusch_cut> cut = cut_pusch(pdu);
  if (!cut) {
    return cut.failure();
  }
  return cut.value().ulsch.nof_blocks;
}

void compile_slot(const slot_program_plan& plan,
                  const slot_plan& slot,
                  std::span<const harq_place> places,
                  slot_program& out)
{
  out.clear();
  layer_map layers;
  for (std::size_t index = 0; index < slot.pusch.size(); ++index) {
    const pusch_pdu& pdu = slot.pusch[index];
    const char* why = out.pdus.size() == plan.limits.max_pdus ? "the slot has more PDUs than cell.max_pdus"
                                                              : refuse(plan.limits, pdu);
    result<pusch_cut> cut = why == nullptr ? cut_pusch(pdu) : error{};
    if (why == nullptr && !cut) {
      why = pdu.uci.is_present()
                ? "its transport block, UCI and soft bits do not fit together (TS 38.212, 5.2.2 and 6.3.2.4)"
                : "its transport block size, code rate and soft bits do not fit together (TS 38.212, 5.2.2)";
    }
    if (why == nullptr && places[index].soft_begin < 0) {
      why = "the HARQ memory has no room for it";
    }
    const prb_range prbs = grid_prbs(plan.limits, pdu);
    if (why == nullptr && !layers.add(prbs, pdu)) {
      why = "more than 4 layers meet on one PRB";
    }
    if (why != nullptr) {
      if (out.refused.size() < out.refused.capacity()) {
        out.refused.push_back({static_cast<std::int32_t>(index), why});
      }
      continue;
    }
    add_estimate(plan.limits, slot.slot.slot, pdu, out);
    add_soft_bits(pdu, prbs, out);
    const std::int32_t ulsch_begin = pdu.uci.is_present() ? add_uci(plan, pdu, cut.value().uci, out)
                                                          : out.pdus[out.pdus.size() - 1].llr_begin;
    add_blocks(plan.limits, pdu, cut.value().ulsch, places[index], ulsch_begin, out);
    out.plan_index.push(static_cast<std::int32_t>(index));
  }
  link_peers(slot, out);
  [[maybe_unused]] const bool fits = make_tiles(plan, out);
  assert(fits && "layer_map keeps every tile within 4 layers, max_nof_tiles bounds their number");
}

} // namespace pado::phy
