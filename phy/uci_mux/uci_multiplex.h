// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "phy/uci_mux/uci_layout.h"
#include <cstdint>
#include <span>

namespace pado::phy {

/// Bits of UCI that a UE sends on a PUSCH, 0 or 1 each: as many as pusch_pdu.uci says.
struct uci_payload {
  std::span<const std::uint8_t> harq_ack;
  std::span<const std::uint8_t> csi1;
  std::span<const std::uint8_t> csi2;
};

/// Codes UCI and writes it with UL-SCH into a code word, for transmitters and tests.
///
/// ulsch       [bit]   layout.ulsch_bits() coded bits, 0 or 1
/// scrambling  [word]  the PDU's scrambling bits, 32 a word: what placeholders become depends on them
/// code        [word]  the code word before scrambling; 0 on entry
///
/// \spec    TS 38.212, 6.2.7 and 6.3.2; TS 38.211, 6.3.1.1
/// \errors  "uci.FIELD": a payload of another length; what encode_uci_polar refuses
result<nothing> multiplex_uci(const uci_layout& layout,
                              std::int32_t qam_mod_order,
                              std::span<const std::uint8_t> ulsch,
                              const uci_payload& uci,
                              std::span<const std::uint32_t> scrambling,
                              std::span<std::uint32_t> code);

} // namespace pado::phy
