// SPDX-License-Identifier: Apache-2.0
#include "phy/rate_match/rate_match.h"
#include <cassert>

namespace pado::phy {

void rate_match(const segmentation& code,
                std::int32_t qam_mod_order,
                std::span<const std::uint8_t> coded,
                std::span<std::uint8_t> out)
{
  const auto e = static_cast<std::int32_t>(out.size());
  assert(e % qam_mod_order == 0 && code.nof_sendable() > 0);
  const std::int32_t nof_symbols = e / qam_mod_order;
  const std::uint8_t* d = coded.data() + 2 * code.z;
  std::int32_t position = code.k0;
  // Selected bit i * nof_symbols + j becomes bit i of modulation symbol j.
  for (std::int32_t i = 0; i < qam_mod_order; ++i) {
    for (std::int32_t j = 0; j < nof_symbols; ++j) {
      while (position >= code.filler_begin && position < code.filler_end) {
        position = code.filler_end;
      }
      if (position >= code.nof_circular) {
        position = code.filler_begin > 0 || code.filler_end <= 0 ? 0 : code.filler_end;
      }
      assert(2 * code.z + position < static_cast<std::int32_t>(coded.size()));
      out[static_cast<std::size_t>(j * qam_mod_order + i)] = d[position++];
    }
  }
}

} // namespace pado::phy
