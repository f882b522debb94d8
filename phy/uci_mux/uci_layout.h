// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include "core/result.h"
#include "core/slot.h"
#include "core/slot_plan.h"
#include <cstdint>

namespace pado::phy {

/// What the places of UCI on a PUSCH depend on.
struct uci_layout_config {
  std::int32_t nof_prb = 0;
  std::int32_t start_symbol = 0;
  std::int32_t nof_symbols = 0;
  std::uint32_t dmrs_mask = 0;       ///< bit l: symbol l of the slot carries DM-RS
  std::int32_t data_res_on_dmrs = 0; ///< data REs per PRB on a DM-RS symbol: 0 or 6
  std::int32_t nof_layers = 1;
  std::int32_t qam_mod_order = 2;
  std::int32_t target_code_rate = 0; ///< 1024 R x 10; used without UL-SCH
  std::int32_t nof_info_bits = 0;    ///< sum of K_r over the code blocks; 0: a PUSCH without UL-SCH
  pusch_uci uci;
};

/// REs 0, stride, 2 stride, ... of a list; `count` of them.
struct re_comb {
  std::int32_t count = 0;
  std::int32_t stride = 1;
  std::int32_t begin = 0; ///< REs of the same stream on earlier symbols

  /// Which of the comb's REs the list's entry is, -1: none.
  PADO_HD std::int32_t index_of(std::int32_t entry) const
  {
    if (count == 0 || entry % stride != 0) {
      return -1;
    }
    const std::int32_t index = entry / stride;
    return index < count ? index : -1;
  }
  /// How many of the comb's REs are among the list's first n.
  PADO_HD std::int32_t nof_among(std::int32_t n) const
  {
    if (count == 0) {
      return 0;
    }
    const std::int32_t index = (n + stride - 1) / stride;
    return index < count ? index : count;
  }
};

/// What the data REs of one symbol carry. Each comb counts on what the ones above it leave.
struct uci_symbol {
  std::int32_t re_begin = 0; ///< data REs of the PUSCH on earlier symbols
  std::int32_t nof_re = 0;
  re_comb reserved;             ///< of all data REs: kept free of CSI part 1 for up to 2 HARQ-ACK bits
  re_comb ack;                  ///< of the reserved ones when HARQ-ACK punctures, else of all data REs
  re_comb csi1;                 ///< of those neither reserved nor HARQ-ACK
  re_comb csi2;                 ///< of those with neither CSI part 1 nor HARQ-ACK that does not puncture
  std::int32_t ulsch_begin = 0; ///< UL-SCH REs on earlier symbols; UL-SCH takes what is left

  PADO_HD bool has_uci() const { return ack.count + csi1.count + csi2.count > 0; }
};

/// The place of every RE of a PUSCH among HARQ-ACK, CSI parts and UL-SCH. An RE carries layers x modulation
/// order bits of one stream, or HARQ-ACK over bits of another that are lost. Plain data, the same on host and
/// device.
struct uci_layout {
  uci_symbol symbols[nof_symbols_per_slot];
  std::int32_t is_punctured = 0; ///< 1: up to 2 HARQ-ACK bits, written over UL-SCH and CSI part 2
  std::int32_t re_bits = 0;      ///< layers x modulation order
  std::int32_t ack_res = 0;      ///< Q' of each stream; times re_bits its coded bits G
  std::int32_t reserved_res = 0;
  std::int32_t csi1_res = 0;
  std::int32_t csi2_res = 0;
  std::int32_t ulsch_res = 0;

  std::int32_t ulsch_bits() const { return re_bits * ulsch_res; }
};

/// What one RE carries: indices into the streams, -1 where a stream has nothing on it.
struct uci_re {
  std::int32_t ack = -1;
  std::int32_t csi1 = -1;
  std::int32_t csi2 = -1;
  std::int32_t ulsch = -1;
};

/// The content of data RE k of a symbol. With ack >= 0 in a punctured layout, csi2 or ulsch names the RE that
/// is written over.
PADO_HD inline uci_re content_of(const uci_symbol& symbol, bool is_punctured, std::int32_t k)
{
  uci_re out;
  const re_comb& first = is_punctured ? symbol.reserved : symbol.ack;
  const std::int32_t of_first = first.index_of(k);
  if (of_first >= 0) {
    const std::int32_t ack = is_punctured ? symbol.ack.index_of(of_first) : of_first;
    out.ack = ack < 0 ? -1 : symbol.ack.begin + ack;
    if (!is_punctured) {
      return out;
    }
  }
  const std::int32_t before_csi1 = k - first.nof_among(k);
  if (of_first < 0) {
    const std::int32_t csi1 = symbol.csi1.index_of(before_csi1);
    if (csi1 >= 0) {
      out.csi1 = symbol.csi1.begin + csi1;
      return out;
    }
  }
  const std::int32_t before_csi2 = (is_punctured ? k : before_csi1) - symbol.csi1.nof_among(before_csi1);
  const std::int32_t csi2 = symbol.csi2.index_of(before_csi2);
  if (csi2 >= 0) {
    out.csi2 = symbol.csi2.begin + csi2;
    return out;
  }
  out.ulsch = symbol.ulsch_begin + before_csi2 - symbol.csi2.nof_among(before_csi2);
  return out;
}

/// Places UCI on a PUSCH of one hop without transform precoding. Integers only; allocates nothing but the
/// text of a refusal.
///
/// \spec    TS 38.212, 6.2.7 and 6.3.2.4; TS 38.213, 9.3
/// \errors  an index or a count out of range; no room for the UCI
result<uci_layout> plan_uci_layout(const uci_layout_config& config);

} // namespace pado::phy
