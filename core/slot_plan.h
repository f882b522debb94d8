// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot.h"
#include <cstdint>
#include <string>
#include <vector>

namespace pado {

/// Uplink control information that a PUSCH carries: FAPI's puschUci. 0 bits: there is none of the kind.
struct pusch_uci {
  std::uint16_t harq_ack_bits = 0;       ///< 0..1706
  std::uint16_t csi1_bits = 0;           ///< CSI part 1, 0..1706
  std::uint16_t csi2_bits = 0;           ///< CSI part 2, 0..1706
  std::uint8_t alpha_scaling = 0;        ///< index 0..3: 0.5, 0.65, 0.8, 1
  std::uint8_t beta_offset_harq_ack = 0; ///< index of TS 38.213, Table 9.3-1: 0..20
  std::uint8_t beta_offset_csi1 = 0;     ///< index of TS 38.213, Table 9.3-2: 0..18
  std::uint8_t beta_offset_csi2 = 0;

  bool is_present() const { return harq_ack_bits + csi1_bits + csi2_bits > 0; }
  bool operator==(const pusch_uci&) const = default;
};

/// PUSCH PDU of SCF FAPI 222 UL_TTI.request: its names in snake case, its encodings unless said.
struct pusch_pdu {
  std::uint16_t rnti = 0;
  std::uint16_t bwp_start = 0; ///< CRB
  std::uint16_t bwp_size = 0;
  std::uint16_t rb_start = 0; ///< in the bandwidth part; resource allocation type 1
  std::uint16_t rb_size = 0;
  std::uint8_t start_symbol = 0;
  std::uint8_t nof_symbols = 14;
  std::uint8_t qam_mod_order = 2;     ///< 2, 4, 6, 8
  std::uint16_t target_code_rate = 0; ///< 1024 R x 10
  std::uint8_t mcs_index = 0;         ///< 0..31
  std::uint8_t mcs_table = 0;         ///< 0 64QAM, 1 256QAM, 2 64QAM low SE, 3 and 4 with transform precoding
  bool transform_precoding = false;   ///< plain meaning here; on the wire 0 is on
  std::uint16_t data_scrambling_id = 0;
  std::uint8_t nof_layers = 1;
  std::uint16_t dmrs_symbol_mask = 0; ///< bit l: symbol l of the slot carries DM-RS
  std::uint8_t dmrs_config_type = 1;  ///< 1 or 2; on the wire 0 is type 1
  std::uint16_t dmrs_scrambling_id = 0;
  std::uint8_t scid = 0;
  std::uint8_t nof_cdm_groups_no_data = 2;
  std::uint16_t dmrs_ports = 1; ///< bit p: port p; layer i is the i-th lowest
  std::uint8_t rv_index = 0;
  std::uint8_t harq_process_id = 0;
  bool new_data = true;
  std::uint32_t tb_size_bytes = 0;
  std::int32_t tb_size_lbrm_bits = 0; ///< TBS_LBRM of TS 38.212, 5.4.2.1; 0: no limited-buffer rate matching
  pusch_uci uci;
};

/// In the bandwidth part.
inline prb_range prbs_of(const pusch_pdu& pdu)
{
  return {pdu.rb_start, pdu.rb_start + pdu.rb_size};
}

/// A PDU that this build does not decode: named in the report, counted, never silently lost.
struct unsupported_pdu {
  std::string kind; ///< "PUCCH", "PUSCH"
  std::string why;  ///< "format 1", "PT-RS"
  std::uint16_t rnti = 0;
};

/// What to decode in one slot of one cell.
struct slot_plan {
  std::int32_t cell = 0;
  slot_id slot;
  std::vector<pusch_pdu> pusch;
  std::vector<unsupported_pdu> unsupported;
};

} // namespace pado
