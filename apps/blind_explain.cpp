// SPDX-License-Identifier: Apache-2.0
#include "apps/blind_explain.h"
#include <algorithm>
#include <fmt/format.h>

namespace pado::apps {

std::string bits_text(std::uint32_t mask)
{
  std::string out;
  for (int bit = 0; bit < 16; ++bit) {
    if ((mask >> bit & 1U) != 0) {
      out += (out.empty() ? "" : ",") + std::to_string(bit);
    }
  }
  return out;
}

std::string allocation_text(const pusch_pdu& pdu)
{
  return fmt::format("PRB {}-{} symbols {}-{} DM-RS {} id {}.{} port {} CDM groups {}",
                     pdu.rb_start,
                     pdu.rb_start + pdu.rb_size - 1,
                     pdu.start_symbol,
                     pdu.start_symbol + pdu.nof_symbols - 1,
                     bits_text(pdu.dmrs_symbol_mask),
                     pdu.dmrs_scrambling_id,
                     pdu.scid,
                     bits_text(pdu.dmrs_ports),
                     pdu.nof_cdm_groups_no_data);
}

std::string blind_step_text(const phy::blind_step& step)
{
  std::string out;
  const bool is_place = step.what == phy::blind_step::kind::place;
  for (const pusch_pdu& pdu : step.pdus) {
    out += fmt::format("{}{}.{} {} {}",
                       out.empty() ? "" : "\n",
                       step.slot.sfn,
                       step.slot.slot,
                       is_place ? "place  " : "attempt",
                       allocation_text(pdu));
    if (is_place) {
      out += fmt::format(" level {:.0f}", static_cast<double>(step.level));
      continue;
    }
    const auto match = std::find_if(step.found.begin(), step.found.end(), [&](const phy::blind_finding& f) {
      return f.pdu.dmrs_ports == pdu.dmrs_ports;
    });
    if (match == step.found.end()) {
      out += ": no RNTI fits";
      continue;
    }
    out += fmt::format(": RNTI 0x{:04x} z {:.1f}, MCS {} of table {} rv {} {} bytes z {:.1f} fit {:.2f}, {}",
                       match->pdu.rnti,
                       static_cast<double>(match->match.z),
                       match->pdu.mcs_index,
                       match->pdu.mcs_table,
                       match->pdu.rv_index,
                       match->pdu.tb_size_bytes,
                       static_cast<double>(match->code.z),
                       static_cast<double>(match->code.fit),
                       match->is_proven ? "CRC holds" : "CRC fails");
  }
  return out;
}

} // namespace pado::apps
