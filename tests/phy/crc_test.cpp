// SPDX-License-Identifier: Apache-2.0
#include "phy/crc/crc.h"
#include "tests/support/shared.h"
#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

using namespace pado::phy;

namespace {

constexpr const char* names[nof_crc_kinds] = {"CRC24A", "CRC24B", "CRC24C", "CRC16", "CRC11", "CRC6"};
// Of the ASCII text "123456789", computed by long division outside this project.
constexpr std::uint32_t checks[nof_crc_kinds] = {0xcde703, 0x23ef52, 0xf48279, 0x31c3, 0x5ca, 0x15};

crc_kind kind_of(int i)
{
  return static_cast<crc_kind>(i);
}

std::vector<std::uint8_t> random_bytes(std::size_t n, unsigned seed)
{
  std::mt19937 engine(seed);
  std::vector<std::uint8_t> out(n);
  for (auto& byte : out) {
    byte = static_cast<std::uint8_t>(engine());
  }
  return out;
}

// One bit after the other: the definition.
std::uint32_t by_division(crc_kind kind, const std::vector<std::uint8_t>& bytes, std::size_t nof_bits)
{
  const crc_polynomial p = polynomial_of(kind);
  std::uint64_t r = 0;
  for (std::size_t i = 0; i < nof_bits + static_cast<std::size_t>(p.length); ++i) {
    const std::uint64_t bit = i < nof_bits ? (bytes[i / 8] >> (7 - i % 8)) & 1U : 0U;
    r = (r << 1) | bit;
    if (((r >> p.length) & 1U) != 0) {
      r ^= (std::uint64_t{1} << p.length) | p.low;
    }
  }
  return static_cast<std::uint32_t>(r);
}

} // namespace

TEST_CASE("crc: the text 123456789 has the parity that everybody publishes")
{
  const std::string text = "123456789";
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  for (int i = 0; i < nof_crc_kinds; ++i) {
    CAPTURE(names[i]);
    CHECK(crc_of_bytes(kind_of(i), bytes) == checks[i]);
    CHECK(crc_of_bits(kind_of(i), bytes, 72) == checks[i]);
  }
}

TEST_CASE("crc: polynomials and checks are those of the table")
{
  const auto path = pado::test::shared_path("spec/coding/crc_polynomials.csv");
  if (!path) {
    MESSAGE("skipped: no spec/coding/crc_polynomials.csv");
    return;
  }
  int compared = 0;
  for (const auto& row : pado::test::read_csv(*path)) {
    for (int i = 0; i < nof_crc_kinds; ++i) {
      if (row.at(0) == names[i]) {
        CHECK(polynomial_of(kind_of(i)).length == std::stoi(row.at(1)));
        const auto full = std::stoul(row.at(2), nullptr, 16);
        CHECK(polynomial_of(kind_of(i)).low == (full ^ (1UL << std::stoi(row.at(1)))));
        CHECK(checks[i] == std::stoul(row.at(5), nullptr, 16));
        ++compared;
      }
    }
  }
  CHECK(compared == nof_crc_kinds);
}

TEST_CASE("crc: every length, whole bytes or not, agrees with long division")
{
  const auto bytes = random_bytes(300, 1);
  for (int i = 0; i < nof_crc_kinds; ++i) {
    for (std::size_t bits = 0; bits <= 2400; bits += bits < 600 ? 1 : 37) {
      CAPTURE(names[i]);
      CAPTURE(bits);
      REQUIRE(crc_of_bits(kind_of(i), bytes, bits) == by_division(kind_of(i), bytes, bits));
    }
  }
}

TEST_CASE("crc: a message with its parity appended has parity 0")
{
  for (int i = 0; i < nof_crc_kinds; ++i) {
    const int length = polynomial_of(kind_of(i)).length;
    auto bytes = random_bytes(1053, 2);
    const std::uint32_t parity = crc_of_bytes(kind_of(i), bytes);
    const std::size_t nof_bits = 8 * bytes.size() + static_cast<std::size_t>(length);
    bytes.resize(bytes.size() + 3);
    for (int bit = 0; bit < length; ++bit) {
      const std::size_t at = 8 * 1053 + static_cast<std::size_t>(bit);
      bytes[at / 8] =
          static_cast<std::uint8_t>(bytes[at / 8] | (((parity >> (length - 1 - bit)) & 1U) << (7 - at % 8)));
    }
    CHECK(crc_of_bits(kind_of(i), bytes, nof_bits) == 0);
    bytes[500] ^= 4;
    CHECK(crc_of_bits(kind_of(i), bytes, nof_bits) != 0);
  }
}

TEST_CASE("crc: pieces give the parity of the whole, by tables and by multiplication")
{
  const auto bytes = random_bytes(2000, 3);
  for (int i = 0; i < nof_crc_kinds; ++i) {
    const std::uint32_t whole = crc_of_bytes_portable(kind_of(i), bytes);
    for (const std::size_t cut : {0U, 1U, 3U, 47U, 64U, 1000U, 1999U}) {
      CAPTURE(cut);
      const std::span<const std::uint8_t> all(bytes);
      CHECK(crc_of_bytes(kind_of(i), all.subspan(cut), crc_of_bytes(kind_of(i), all.first(cut))) == whole);
    }
  }
}

TEST_CASE("crc: multiplication and powers of x move parity along")
{
  // Zero bytes behind a message multiply its parity by x^8 each.
  for (int i = 0; i < nof_crc_kinds; ++i) {
    auto bytes = random_bytes(100, 4);
    const crc_polynomial p = polynomial_of(kind_of(i));
    const std::uint32_t before = crc_of_bytes(kind_of(i), bytes);
    bytes.resize(177);
    CHECK(crc_of_bytes(kind_of(i), bytes) == crc_multiply(p, before, crc_power(p, 8 * 77)));
  }
}
