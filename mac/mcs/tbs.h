// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot_plan.h"
#include <cstdint>

namespace pado::mac {

/// What a transport block size depends on.
struct tbs_parameters {
  std::int32_t nof_re_per_prb = 0; ///< N'_RE before the cap of 156
  std::int32_t nof_prb = 0;
  std::int32_t qam_mod_order = 2;
  std::int32_t rate_times_2048 = 0;
  std::int32_t nof_layers = 1;
};

/// Transport block size in bits, by integers only: N_info is never rounded before the steps that round it.
///
/// \spec    TS 38.214, 5.1.3.2 steps 2 to 4 (uplink by 6.1.4.2)
/// \errors  none: 1..275 PRB, rates above 0 and 1..4 layers are asserted
std::int32_t tbs_bits(const tbs_parameters& parameters);

/// Data resource elements of one PRB of a PUSCH allocation, N'_RE: symbols less the REs of all CDM groups
/// without data.
///
/// pdu            start_symbol, nof_symbols, dmrs_symbol_mask, dmrs_config_type, nof_cdm_groups_no_data are
/// read overhead_re    xOverhead: 0, 6, 12 or 18
///
/// \spec    TS 38.214, 6.1.4.2
std::int32_t nof_re_per_prb(const pusch_pdu& pdu, std::int32_t overhead_re);

/// Fills qam_mod_order, target_code_rate and tb_size_bytes of a grant from its mcs_table, mcs_index and
/// allocation.
///
/// \errors  none: a reserved mcs_index is asserted against
void set_transport_block(pusch_pdu& pdu, std::int32_t overhead_re);

/// TBS_LBRM: the largest transport block that a limited soft buffer is made for.
///
/// max_bwp_prb    of the largest uplink bandwidth part
///
/// \spec    TS 38.212, 5.4.2.1
std::int32_t tbs_lbrm_bits(std::int32_t max_bwp_prb, std::int32_t max_layers, bool has_qam256);

} // namespace pado::mac
