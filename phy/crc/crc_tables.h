// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/crc/crc.h"
#include <array>

namespace pado::phy::table_data {

/// One polynomial shifted up to degree 32, so that all kinds run in the same 32-bit register: parity =
/// register >> (32 - L).
struct crc_table {
  std::uint32_t slice[8][256]; ///< slice[k][b]: byte b followed by k zero bytes
  std::uint64_t fold[4];       ///< x^576, x^512, x^192, x^128 modulo the shifted polynomial
};

/// x^n modulo Q(x) = P(x) x^(32 - L) is x^(32 - L) (x^(n - 32 + L) modulo P).
constexpr std::uint32_t shifted_power(crc_polynomial p, std::uint32_t n)
{
  const auto shift = static_cast<std::uint32_t>(32 - p.length);
  return crc_power(p, n - shift) << shift;
}

constexpr crc_table make_crc_table(crc_kind kind)
{
  const crc_polynomial p = polynomial_of(kind);
  const std::uint32_t low = p.low << (32 - p.length);
  crc_table table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t r = byte << 24;
    for (int bit = 0; bit < 8; ++bit) {
      r = (r << 1) ^ ((r & 0x80000000U) != 0 ? low : 0U);
    }
    table.slice[0][byte] = r;
  }
  for (int k = 1; k < 8; ++k) {
    for (int byte = 0; byte < 256; ++byte) {
      const std::uint32_t r = table.slice[k - 1][byte];
      table.slice[k][byte] = (r << 8) ^ table.slice[0][r >> 24];
    }
  }
  table.fold[0] = shifted_power(p, 576);
  table.fold[1] = shifted_power(p, 512);
  table.fold[2] = shifted_power(p, 192);
  table.fold[3] = shifted_power(p, 128);
  return table;
}

/// The register after some bytes, by tables of 8 bytes at a time.
std::uint32_t crc_slices(const crc_table& table, std::uint32_t r, const std::uint8_t* data, std::size_t n);

/// The register after n bytes, n a multiple of 16, by carry-less multiplication. Only where has_clmul().
std::uint32_t crc_fold(const crc_table& table, std::uint32_t r, const std::uint8_t* data, std::size_t n);

/// True when this CPU runs crc_fold.
bool has_clmul();

} // namespace pado::phy::table_data
