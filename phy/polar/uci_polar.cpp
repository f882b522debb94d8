// SPDX-License-Identifier: Apache-2.0
#include "phy/polar/uci_polar.h"
#include "core/limits.h"
#include <algorithm>
#include <vector>

namespace pado::phy {

result<uci_polar_layout> plan_uci_polar(std::int32_t nof_bits, std::int32_t nof_coded)
{
  if (auto bad = check_range("uci_polar.nof_bits", nof_bits, 12, 1706)) {
    return *bad;
  }
  const bool is_cut = (nof_bits >= 360 && nof_coded >= 1088) || nof_bits >= 1013;
  uci_polar_layout layout;
  layout.nof_segments = is_cut ? 2 : 1;
  layout.pad_bits = is_cut ? nof_bits % 2 : 0;
  layout.crc = nof_bits <= 19 ? polar_crc::crc6 : polar_crc::crc11;
  layout.code.nof_bits = (nof_bits + layout.pad_bits) / layout.nof_segments + crc_bits(layout.crc);
  layout.code.nof_coded = nof_coded / layout.nof_segments;
  layout.code.n_max = 10;
  layout.code.is_channel_interleaved = true;
  if (auto bad =
          check_range("uci_polar.nof_coded", layout.code.nof_coded, layout.code.nof_bits, max_polar_coded)) {
    return *bad;
  }
  return layout;
}

result<nothing> encode_uci_polar(view<const std::uint8_t, 1> payload, view<std::uint8_t, 1> coded)
{
  const auto layout = plan_uci_polar(payload.extent(0), coded.extent(0));
  if (!layout) {
    return layout.failure();
  }
  const uci_polar_layout& uci = layout.value();
  const auto code = plan_polar_code(uci.code);
  if (!code) {
    return code.failure();
  }
  std::fill_n(coded.data(), coded.size(), std::uint8_t{0});
  const int segment_bits = uci.segment_bits();
  std::vector<std::uint8_t> bits(static_cast<std::size_t>(uci.code.nof_bits));
  const view<std::uint8_t, 1> block(bits.data(), uci.code.nof_bits);
  for (int segment = 0; segment < uci.nof_segments; ++segment) {
    for (int i = 0; i < segment_bits; ++i) {
      const int from = segment * segment_bits + i - uci.pad_bits;
      block(i) = from >= 0 ? payload(from) : std::uint8_t{0};
    }
    attach_crc(block, uci.crc);
    const int begin = segment * uci.code.nof_coded;
    polar_encode(code.value(), block, coded.part(begin, begin + uci.code.nof_coded));
  }
  return nothing{};
}

} // namespace pado::phy
