// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/gnb_log.h"
#include "core/result.h"
#include <nlohmann/json_fwd.hpp>

namespace pado::apps {

/// A PUSCH, PUCCH or PRACH of a gNB's log as an entry of `pdus` of a schedule: pdu, fapi, expected (what the
/// gNB found, keys gnb_...; payload_hex when its CRC held and all bytes are there), gnb_figures (what it
/// measured).
///
/// mcsIndex and mcsTable of a PUSCH are not in the log: set_mcs() finds them.
/// \errors a field is missing, is not what it should be; the field is named, never filled in
result<nlohmann::ordered_json> schedule_pdu(const gnb_log_entry& entry);

/// Bit t: MCS table t (0 64QAM, 1 256QAM, 2 64QAM low SE) has the modulation and code rate of this PUSCH.
unsigned mcs_tables_of(const nlohmann::ordered_json& fapi);

/// Writes mcsTable, and the mcsIndex that the PUSCH has in it.
void set_mcs(nlohmann::ordered_json& fapi, int table);

/// A place of a slot in the gNB's file of received symbols, of RX_SYMBOL or RX_PRACH. In complex values.
struct symbol_place {
  std::int64_t sector = 0;
  std::int64_t offset = 0;
  std::int64_t size = 0;
};
result<symbol_place> place_of(const gnb_log_entry& entry);

} // namespace pado::apps
