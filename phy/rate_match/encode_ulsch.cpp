// SPDX-License-Identifier: Apache-2.0
#include "phy/rate_match/encode_ulsch.h"
#include "phy/crc/crc.h"
#include "phy/ldpc/ldpc_encode.h"
#include "phy/rate_match/rate_match.h"
#include <algorithm>
#include <string>

namespace pado::phy {

namespace {

void append_parity(std::vector<std::uint8_t>& bytes, std::size_t begin, crc_kind kind)
{
  const std::uint32_t parity = crc_of_bytes(kind, std::span(bytes).subspan(begin));
  for (int shift = polynomial_of(kind).length - 8; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::uint8_t>(parity >> shift));
  }
}

} // namespace

result<std::vector<std::uint8_t>> encode_ulsch(std::span<const std::uint8_t> payload,
                                               const ulsch_config& config)
{
  const auto planned = segment_ulsch(config);
  if (!planned) {
    return planned.failure();
  }
  const segmentation& code = planned.value();
  if (8 * payload.size() != static_cast<std::size_t>(config.tb_size_bits)) {
    return error{"encode_ulsch.payload",
                 "has " + std::to_string(payload.size()) + " bytes, the transport block " +
                     std::to_string(config.tb_size_bits / 8)};
  }
  std::vector<std::uint8_t> tb(payload.begin(), payload.end());
  append_parity(tb, 0, code.tb_crc);

  std::vector<std::uint8_t> out(static_cast<std::size_t>(config.nof_coded_bits));
  const std::int32_t nof_rows = code.nof_rows();
  std::vector<std::uint8_t> coded(static_cast<std::size_t>(code.nof_info_bits + nof_rows * code.z));
  const auto block_bytes = static_cast<std::size_t>((code.nof_block_bits - code.block_crc_bits) / 8);
  std::vector<std::uint8_t> info;
  for (std::int32_t r = 0; r < code.nof_blocks; ++r) {
    const auto begin = tb.begin() + static_cast<std::ptrdiff_t>(block_bytes * static_cast<std::size_t>(r));
    info.assign(begin, begin + static_cast<std::ptrdiff_t>(block_bytes));
    if (code.block_crc_bits != 0) {
      append_parity(info, 0, crc_kind::crc24b);
    }
    info.resize(static_cast<std::size_t>((code.nof_info_bits + 7) / 8)); // fillers are 0 while encoding
    ldpc_encode(code.base_graph, code.z, nof_rows, info, coded);
    rate_match(code,
               config.qam_mod_order,
               coded,
               std::span(out).subspan(static_cast<std::size_t>(code.sent_begin(r)),
                                      static_cast<std::size_t>(code.nof_sent(r))));
  }
  return out;
}

} // namespace pado::phy
