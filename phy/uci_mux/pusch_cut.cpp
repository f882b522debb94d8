// SPDX-License-Identifier: Apache-2.0
#include "phy/uci_mux/pusch_cut.h"
#include "phy/polar/uci_polar.h"
#include "phy/small_block/small_block.h"
#include <optional>
#include <utility>

namespace pado::phy {

namespace {

result<uci_layout> layout_of(const pusch_pdu& pdu, std::int32_t nof_info_bits)
{
  uci_layout_config config;
  config.nof_prb = pdu.rb_size;
  config.start_symbol = pdu.start_symbol;
  config.nof_symbols = pdu.nof_symbols;
  config.dmrs_mask = pdu.dmrs_symbol_mask;
  config.data_res_on_dmrs = data_res_on_dmrs(pdu);
  config.nof_layers = pdu.nof_layers;
  config.qam_mod_order = pdu.qam_mod_order;
  config.target_code_rate = pdu.target_code_rate;
  config.nof_info_bits = nof_info_bits;
  config.uci = pdu.uci;
  return plan_uci_layout(config);
}

/// UCI of more than 11 bits whose coded bits no polar code gives.
std::optional<error> check_polar(const pusch_uci& uci, const uci_layout& layout)
{
  const std::pair<std::int32_t, std::int32_t> streams[] = {{uci.harq_ack_bits, layout.ack_res},
                                                           {uci.csi1_bits, layout.csi1_res},
                                                           {uci.csi2_bits, layout.csi2_res}};
  for (const auto& [nof_bits, nof_res] : streams) {
    if (nof_bits <= max_small_block_bits) {
      continue;
    }
    const auto planned = plan_uci_polar(nof_bits, nof_res * layout.re_bits);
    if (!planned) {
      return planned.failure();
    }
    if (const auto code = plan_polar_code(planned.value().code); !code) {
      return code.failure();
    }
  }
  return std::nullopt;
}

} // namespace

std::int32_t data_res_on_dmrs(const pusch_pdu& pdu)
{
  return nof_subcarriers_per_prb - 6 * pdu.nof_cdm_groups_no_data;
}

std::int32_t count_data_res(const pusch_pdu& pdu)
{
  std::int32_t per_prb = 0;
  for (std::int32_t symbol = pdu.start_symbol; symbol < pdu.start_symbol + pdu.nof_symbols; ++symbol) {
    per_prb += has_dmrs(pdu, symbol) ? data_res_on_dmrs(pdu) : nof_subcarriers_per_prb;
  }
  return per_prb * pdu.rb_size;
}

std::int32_t pusch_code_bits(const pusch_pdu& pdu)
{
  return count_data_res(pdu) * pdu.nof_layers * pdu.qam_mod_order;
}

ulsch_config ulsch_config_of(const pusch_pdu& pdu)
{
  ulsch_config config;
  config.tb_size_bits = static_cast<std::int32_t>(pdu.tb_size_bytes) * 8;
  config.target_code_rate = pdu.target_code_rate;
  config.rv = pdu.rv_index;
  config.nof_coded_bits = pusch_code_bits(pdu);
  config.nof_layers = pdu.nof_layers;
  config.qam_mod_order = pdu.qam_mod_order;
  config.tb_size_lbrm_bits = pdu.tb_size_lbrm_bits;
  return config;
}

result<pusch_cut> cut_pusch(const pusch_pdu& pdu)
{
  ulsch_config config = ulsch_config_of(pdu);
  auto whole = segment_ulsch(config);
  if (!whole) {
    return whole.failure();
  }
  pusch_cut out = {whole.value(), {}};
  if (!pdu.uci.is_present()) {
    return out;
  }
  // The size of the UCI's part follows from the code blocks, and they do not depend on the part.
  const auto layout = layout_of(pdu, out.ulsch.nof_blocks * out.ulsch.nof_info_bits);
  if (!layout) {
    return layout.failure();
  }
  out.uci = layout.value();
  if (auto bad = check_polar(pdu.uci, out.uci)) {
    return *bad;
  }
  config.nof_coded_bits = out.uci.ulsch_bits();
  auto rest = segment_ulsch(config);
  if (!rest) {
    return rest.failure();
  }
  out.ulsch = rest.value();
  return out;
}

} // namespace pado::phy
