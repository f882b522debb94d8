// SPDX-License-Identifier: Apache-2.0
#include "core/limits.h"
#include "phy/channel_estimate/channel_estimate.h"
#include "phy/uci_mux/pusch_cut.h"
#include "phy/ue/pusch_transmit.h"
#include <bit>

namespace pado::phy {
namespace {

struct field_range {
  const char* field;
  std::int64_t value;
  std::int64_t low;
  std::int64_t high;
};

std::uint32_t symbols_of(const pusch_pdu& pdu)
{
  return ((1U << pdu.nof_symbols) - 1U) << pdu.start_symbol;
}

result<nothing> check_dmrs(const pusch_pdu& pdu)
{
  if (pdu.dmrs_config_type != 1) {
    return error{"dmrs_config_type", "is 2, only type 1 is sent"};
  }
  if (pdu.dmrs_symbol_mask == 0 || (pdu.dmrs_symbol_mask & ~symbols_of(pdu)) != 0) {
    return error{"dmrs_symbol_mask", "must name 1..4 symbols inside the allocation"};
  }
  if (auto bad = check_range("DM-RS symbols", std::popcount(pdu.dmrs_symbol_mask), 1, max_nof_dmrs_symbols)) {
    return *bad;
  }
  if (std::popcount(pdu.dmrs_ports) != pdu.nof_layers || pdu.dmrs_ports > 0xF) {
    return error{"dmrs_ports", "must name one port of 0..3 for each layer"};
  }
  if (pdu.nof_cdm_groups_no_data == 1 && pdu.dmrs_ports > 3) {
    return error{"nof_cdm_groups_no_data", "is 1, must be 2 with DM-RS ports 2 and 3"};
  }
  return nothing{};
}

} // namespace

result<pusch_transmit_plan> plan_pusch_transmit(const pusch_transmit_config& config)
{
  const field_range ranges[] = {
      {"pusch_transmit.mu", config.scs.mu, 0, 4},
      {"pusch_transmit.nof_prb", config.nof_prb, 1, max_nof_prb},
      {"pusch_transmit.grid_start_crb", config.grid_start_crb, 0, 2199},
  };
  for (const field_range& r : ranges) {
    if (auto bad = check_range(r.field, r.value, r.low, r.high)) {
      return *bad;
    }
  }
  return pusch_transmit_plan{config};
}

result<nothing> check_pusch_pdu(const pusch_pdu& pdu, const pusch_transmit_plan& plan)
{
  const int last_crb = plan.config.grid_start_crb + plan.config.nof_prb;
  const field_range ranges[] = {
      {"bwp_start", pdu.bwp_start, plan.config.grid_start_crb, last_crb - 1},
      {"bwp_size", pdu.bwp_size, 1, last_crb - pdu.bwp_start},
      {"rb_start", pdu.rb_start, 0, pdu.bwp_size - 1},
      {"rb_size", pdu.rb_size, 1, pdu.bwp_size - pdu.rb_start},
      {"start_symbol", pdu.start_symbol, 0, nof_symbols_per_slot - 1},
      {"nof_symbols", pdu.nof_symbols, 1, nof_symbols_per_slot - pdu.start_symbol},
      {"nof_layers", pdu.nof_layers, 1, max_nof_layers},
      {"nof_cdm_groups_no_data", pdu.nof_cdm_groups_no_data, 1, 2},
      {"rv_index", pdu.rv_index, 0, 3},
      {"data_scrambling_id", pdu.data_scrambling_id, 0, 1023},
      {"scid", pdu.scid, 0, 1},
      {"target_code_rate", pdu.target_code_rate, 1, 10239},
      {"tb_size_bytes", pdu.tb_size_bytes, 1, 200000},
  };
  for (const field_range& r : ranges) {
    if (auto bad = check_range(r.field, r.value, r.low, r.high)) {
      return *bad;
    }
  }
  if (pdu.transform_precoding) {
    return error{"transform_precoding", "is on, only CP-OFDM is sent"};
  }
  if (pdu.qam_mod_order % 2 != 0 || pdu.qam_mod_order < 2 || pdu.qam_mod_order > 8) {
    return error{"qam_mod_order", "must be 2, 4, 6 or 8"};
  }
  if (auto dmrs = check_dmrs(pdu); !dmrs) {
    return dmrs;
  }
  if (pusch_code_bits(pdu) <= 0) {
    return error{"dmrs_symbol_mask", "leaves no resource element for data"};
  }
  if (pdu.uci.is_present()) {
    if (const auto cut = cut_pusch(pdu); !cut) {
      return cut.failure();
    }
  }
  return nothing{};
}

} // namespace pado::phy
