// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include <cstddef>
#include <cstdint>
#include <span>

namespace pado::phy {

/// The cyclic redundancy checks of TS 38.212, 5.1. All registers start at zero, nothing is reflected or
/// inverted.
enum class crc_kind : std::int32_t { crc24a, crc24b, crc24c, crc16, crc11, crc6 };
inline constexpr int nof_crc_kinds = 6;

struct crc_polynomial {
  std::int32_t length; ///< degree: number of parity bits
  std::uint32_t low;   ///< coefficients below the leading one
};

PADO_HD constexpr crc_polynomial polynomial_of(crc_kind kind)
{
  switch (kind) {
  case crc_kind::crc24a:
    return {24, 0x864cfb};
  case crc_kind::crc24b:
    return {24, 0x800063};
  case crc_kind::crc24c:
    return {24, 0xb2b117};
  case crc_kind::crc16:
    return {16, 0x1021};
  case crc_kind::crc11:
    return {11, 0x621};
  case crc_kind::crc6:
    return {6, 0x21};
  }
  return {0, 0};
}

/// a(x) b(x) modulo the polynomial, a of up to 32 bits, b reduced.
PADO_HD constexpr std::uint32_t crc_multiply(crc_polynomial p, std::uint32_t a, std::uint32_t b)
{
  const std::uint32_t top = std::uint32_t{1} << (p.length - 1);
  const std::uint32_t mask = top | (top - 1);
  std::uint32_t product = 0;
  for (int bit = 31; bit >= 0; --bit) {
    product =
        ((product << 1) & mask) ^ ((product & top) != 0 ? p.low : 0U) ^ (((a >> bit) & 1U) != 0 ? b : 0U);
  }
  return product;
}

/// x^n modulo the polynomial.
PADO_HD constexpr std::uint32_t crc_power(crc_polynomial p, std::uint32_t n)
{
  std::uint32_t square = p.length == 1 ? p.low : 2U; // x
  std::uint32_t power = 1;
  for (; n != 0; n >>= 1) {
    if ((n & 1U) != 0) {
      power = crc_multiply(p, power, square);
    }
    square = crc_multiply(p, square, square);
  }
  return power;
}

/// Parity bits of whole bytes, bit 7 of byte 0 first. The result has polynomial_of(kind).length bits.
///
/// Of a message with its parity appended it is 0.
///
/// previous   the parity of the bytes before these, to compute it piece by piece
///
/// \spec    TS 38.212, 5.1
std::uint32_t crc_of_bytes(crc_kind kind, std::span<const std::uint8_t> bytes, std::uint32_t previous = 0);

/// Parity bits of the first nof_bits bits of packed bytes.
std::uint32_t crc_of_bits(crc_kind kind, std::span<const std::uint8_t> bytes, std::size_t nof_bits);

/// The same by tables only: the reference of the carry-less multiplication that the two above use where the
/// CPU has it.
std::uint32_t
crc_of_bytes_portable(crc_kind kind, std::span<const std::uint8_t> bytes, std::uint32_t previous = 0);

} // namespace pado::phy
