// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot_plan.h"
#include <cstdint>
#include <span>
#include <vector>

namespace pado::phy {

/// HARQ-ACK that a PUSCH may carry.
struct uci_guess {
  pusch_uci uci;
  float level = 0.0F; ///< -ln of how often noise looks as much like it, at its best place
};

/// Level from which a guess is worth a decoding attempt.
inline constexpr float least_uci_level = 3.0F;

/// Looks for HARQ-ACK in a code word: wherever 38.213's offsets may have put it, its own code must show.
///
/// A bit repeated over its REs, the placeholders that are 1 after scrambling and the 32 coded bits of larger
/// payloads agree with one word; elsewhere they do so by chance alone, exp(-sum^2 / (2 sum of squares)) for
/// each word, whatever the soft bits are. One guess for each set of places, those of `known` first among
/// equals.
///
/// pdu    with RNTI, scrambling identity, modulation and code; its UCI is not looked at
/// llr    [bit] the code word as the equaliser writes it, the scrambling of c_init = 0 taken out (soft_bits)
/// known  UCI that UEs were seen with
///
/// Returns guesses of at least least_uci_level, highest first, at most 4.
///
/// \spec    TS 38.212, 5.3.3 and 6.2.7; TS 38.213, Table 9.3-1
std::vector<uci_guess>
find_harq_ack(const pusch_pdu& pdu, std::span<const std::int8_t> llr, std::span<const pusch_uci> known);

} // namespace pado::phy
