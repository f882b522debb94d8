// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/slot_plan.h"
#include "phy/segmentation/segmentation.h"
#include "phy/uci_mux/uci_layout.h"
#include <cstdint>

namespace pado::phy {

/// How the code word of a PUSCH is made up.
struct pusch_cut {
  segmentation ulsch; ///< of the bits that UCI leaves
  uci_layout uci;     ///< only with pdu.uci.is_present()
};

/// Whether a symbol of the slot carries DM-RS.
inline bool has_dmrs(const pusch_pdu& pdu, std::int32_t symbol)
{
  return ((pdu.dmrs_symbol_mask >> symbol) & 1U) != 0;
}
/// Data REs per PRB of a DM-RS symbol.
std::int32_t data_res_on_dmrs(const pusch_pdu& pdu);
/// Data REs of the allocation, over all symbols.
std::int32_t count_data_res(const pusch_pdu& pdu);
/// Bits of the code word of a PDU, G of TS 38.212: data REs x layers x modulation order.
std::int32_t pusch_code_bits(const pusch_pdu& pdu);

/// The coding of UL-SCH, as if it had all bits of the code word.
ulsch_config ulsch_config_of(const pusch_pdu& pdu);

/// \errors  "segmentation.FIELD", "uci.FIELD", "uci_polar.FIELD": UCI that no decoder takes
result<pusch_cut> cut_pusch(const pusch_pdu& pdu);

} // namespace pado::phy
