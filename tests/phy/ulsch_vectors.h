// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/segmentation/segmentation.h"
#include "tests/support/shared.h"
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace pado::test {

/// One case of testvectors/ulsch.
struct ulsch_vector {
  phy::ulsch_config config; ///< with the redundancy version of the first transmission
  std::int32_t rv_second;   ///< -1: there is none
  std::vector<std::uint8_t> payload;
  std::vector<std::vector<std::int8_t>> llr; ///< [transmission][bit]
  std::vector<std::int8_t> soft;             ///< after all transmissions
};

/// folder   testvectors/ulsch
inline std::vector<ulsch_vector> read_ulsch_vectors(const std::string& folder)
{
  const auto bytes = [&folder](const char* name) { return read_bytes(folder + "/ulsch_" + name + ".bin"); };
  const auto config = bytes("config");
  const auto payload = bytes("payload");
  const auto llr = bytes("llr");
  const auto soft = bytes("soft");
  std::size_t payload_at = 0;
  std::size_t llr_at = 0;
  std::size_t soft_at = 0;
  const auto take = [](const std::vector<unsigned char>& from, std::size_t& at, std::size_t n) {
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(at);
    at += n;
    return std::vector<std::int8_t>(begin, begin + static_cast<std::ptrdiff_t>(n));
  };
  std::vector<ulsch_vector> out;
  for (std::size_t at = 0; at + 32 <= config.size(); at += 32) {
    std::int32_t field[8];
    std::memcpy(field, config.data() + at, sizeof field);
    ulsch_vector v;
    v.config = {field[0], field[1], field[6], field[2], field[3], field[4], field[5]};
    v.rv_second = field[7];
    const auto hard = take(payload, payload_at, static_cast<std::size_t>(field[0] / 8));
    v.payload.assign(hard.begin(), hard.end());
    for (int t = 0; t < (v.rv_second < 0 ? 1 : 2); ++t) {
      v.llr.push_back(take(llr, llr_at, static_cast<std::size_t>(field[2])));
    }
    const auto planned = phy::segment_ulsch(v.config);
    const phy::segmentation& s = planned.value();
    v.soft = take(soft, soft_at, static_cast<std::size_t>(s.nof_blocks * (2 * s.z + s.nof_coded)));
    out.push_back(v);
  }
  return payload_at == payload.size() && llr_at == llr.size() && soft_at == soft.size()
             ? out
             : std::vector<ulsch_vector>();
}

} // namespace pado::test
