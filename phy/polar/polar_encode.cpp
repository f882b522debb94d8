// SPDX-License-Identifier: Apache-2.0
#include "phy/polar/polar_encode.h"
#include "phy/polar/polar_crc_body.h"
#include <array>

namespace pado::phy {
namespace {

using code_bits = std::array<std::uint8_t, max_polar_size>;

/// The encoder's input u: information, parity-check and frozen bits (5.3.1.2).
code_bits place_bits(const polar_code& code, view<const std::uint8_t, 1> bits)
{
  code_bits u{};
  for (int i = 0; i < code.config.nof_bits; ++i) {
    u[code.index_of_bit[i]] = bits(i);
  }
  std::array<std::uint8_t, 5> shift{}; // register y of the spec; index n mod 5 instead of a rotation
  for (int n = 0; n < code.size(); ++n) {
    if (code.bits[n] == polar_bit::parity) {
      u[n] = shift[n % 5];
    } else {
      shift[n % 5] ^= u[n];
    }
  }
  return u;
}

void transform(code_bits& u, int size)
{
  for (int half = 1; half < size; half *= 2) {
    for (int i = 0; i < size; ++i) {
      if ((i & half) == 0) {
        u[i] ^= u[i + half];
      }
    }
  }
}

/// Bit e of the rate-matched block before channel interleaving.
std::uint8_t matched_bit(const polar_code& code, const code_bits& d, int e)
{
  const int size = code.size();
  const int m = code.matching == polar_matching::puncture ? e + size - code.config.nof_coded : e % size;
  return d[code.subblock_index(m)];
}

} // namespace

void attach_crc(view<std::uint8_t, 1> bits, polar_crc crc)
{
  const int length = crc_bits(crc);
  const int nof_payload = bits.extent(0) - length;
  assert(nof_payload > 0);
  const std::uint32_t remainder = body::polar_crc_remainder(crc, nof_payload, [=](int i) { return bits(i); });
  for (int i = 0; i < length; ++i) {
    bits(nof_payload + i) = (remainder >> (length - 1 - i)) & 1U;
  }
}

void polar_encode(const polar_code& code, view<const std::uint8_t, 1> bits, view<std::uint8_t, 1> coded)
{
  assert(bits.extent(0) == code.config.nof_bits && coded.extent(0) == code.config.nof_coded);
  code_bits d = place_bits(code, bits);
  transform(d, code.size());
  const int nof_coded = code.config.nof_coded;
  if (!code.config.is_channel_interleaved) {
    for (int e = 0; e < nof_coded; ++e) {
      coded(e) = matched_bit(code, d, e);
    }
    return;
  }
  int out = 0;
  for (int column = 0; column < code.nof_rows; ++column) {
    for (int row = 0; row < code.nof_rows - column; ++row) {
      const int e = row * code.nof_rows - row * (row - 1) / 2 + column;
      if (e < nof_coded) {
        coded(out++) = matched_bit(code, d, e);
      }
    }
  }
}

} // namespace pado::phy
