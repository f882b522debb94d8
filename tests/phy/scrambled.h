// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/gold/c_init.h"
#include "phy/gold/gold_sequence.h"
#include <cstdint>
#include <vector>

namespace pado::test {

/// As the equaliser leaves a code word: bits of the common part of the sequence taken out, those of c_init
/// in.
inline std::vector<std::int8_t> scrambled(std::vector<std::int8_t> llr, std::uint16_t rnti, std::uint16_t id)
{
  std::vector<std::uint32_t> mine(llr.size() / 32 + 1);
  std::vector<std::uint32_t> common(mine.size());
  phy::gold_bits(phy::pusch_data_c_init(rnti, id), 0, mine);
  phy::gold_bits(0, 0, common);
  for (std::size_t i = 0; i < llr.size(); ++i) {
    if ((((mine[i / 32] ^ common[i / 32]) >> (i % 32)) & 1U) != 0) {
      llr[i] = static_cast<std::int8_t>(-llr[i]);
    }
  }
  return llr;
}

} // namespace pado::test
