// SPDX-License-Identifier: Apache-2.0
#include "phy/crc/crc.h"
#include "phy/crc/crc_tables.h"
#include <cassert>

namespace pado::phy {

namespace table_data {
namespace {

// One constant each: clang counts the steps of a constant expression.
constexpr crc_table table_24a = make_crc_table(crc_kind::crc24a);
constexpr crc_table table_24b = make_crc_table(crc_kind::crc24b);
constexpr crc_table table_24c = make_crc_table(crc_kind::crc24c);
constexpr crc_table table_16 = make_crc_table(crc_kind::crc16);
constexpr crc_table table_11 = make_crc_table(crc_kind::crc11);
constexpr crc_table table_6 = make_crc_table(crc_kind::crc6);
constexpr const crc_table* tables[nof_crc_kinds] = {
    &table_24a, &table_24b, &table_24c, &table_16, &table_11, &table_6};

std::uint32_t be32(const std::uint8_t* p)
{
  return (std::uint32_t{p[0]} << 24) | (std::uint32_t{p[1]} << 16) | (std::uint32_t{p[2]} << 8) | p[3];
}

} // namespace

std::uint32_t crc_slices(const crc_table& table, std::uint32_t r, const std::uint8_t* data, std::size_t n)
{
  for (; n >= 8; n -= 8, data += 8) {
    const std::uint32_t a = r ^ be32(data);
    const std::uint32_t b = be32(data + 4);
    r = table.slice[7][a >> 24] ^ table.slice[6][(a >> 16) & 255U] ^ table.slice[5][(a >> 8) & 255U] ^
        table.slice[4][a & 255U] ^ table.slice[3][b >> 24] ^ table.slice[2][(b >> 16) & 255U] ^
        table.slice[1][(b >> 8) & 255U] ^ table.slice[0][b & 255U];
  }
  for (; n > 0; --n, ++data) {
    r = (r << 8) ^ table.slice[0][(r >> 24) ^ *data];
  }
  return r;
}

} // namespace table_data

namespace {

const table_data::crc_table& table_of(crc_kind kind)
{
  return *table_data::tables[static_cast<std::size_t>(kind)];
}

} // namespace

std::uint32_t
crc_of_bytes_portable(crc_kind kind, std::span<const std::uint8_t> bytes, std::uint32_t previous)
{
  const int shift = 32 - polynomial_of(kind).length;
  return table_data::crc_slices(table_of(kind), previous << shift, bytes.data(), bytes.size()) >> shift;
}

std::uint32_t crc_of_bytes(crc_kind kind, std::span<const std::uint8_t> bytes, std::uint32_t previous)
{
  if (bytes.size() < 48 || !table_data::has_clmul()) {
    return crc_of_bytes_portable(kind, bytes, previous);
  }
  const table_data::crc_table& table = table_of(kind);
  const int shift = 32 - polynomial_of(kind).length;
  // The odd bytes first, so that what is folded is whole registers.
  const std::size_t odd = bytes.size() % 16;
  const std::uint32_t r = table_data::crc_slices(table, previous << shift, bytes.data(), odd);
  return table_data::crc_fold(table, r, bytes.data() + odd, bytes.size() - odd) >> shift;
}

std::uint32_t crc_of_bits(crc_kind kind, std::span<const std::uint8_t> bytes, std::size_t nof_bits)
{
  assert(nof_bits <= 8 * bytes.size());
  const std::size_t whole = nof_bits / 8;
  std::uint32_t r = crc_of_bytes(kind, bytes.first(whole));
  const crc_polynomial p = polynomial_of(kind);
  const std::uint32_t top = std::uint32_t{1} << (p.length - 1);
  for (std::size_t i = 8 * whole; i < nof_bits; ++i) {
    const bool bit = ((bytes[i / 8] >> (7 - i % 8)) & 1) != 0;
    const bool carry = ((r & top) != 0) != bit;
    r = ((r << 1) & (top | (top - 1))) ^ (carry ? p.low : 0U);
  }
  return r;
}

} // namespace pado::phy
