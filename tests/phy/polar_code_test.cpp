// SPDX-License-Identifier: Apache-2.0
// ctest: unit golden
#include "phy/polar/polar_code.h"
#include "phy/polar/polar_encode.h"
#include "phy/polar/polar_tables.h"
#include "phy/polar/uci_polar.h"
#include "tests/support/shared.h"
#include <algorithm>
#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace pado;
using namespace pado::phy;

namespace {

std::vector<std::uint8_t> bits_of_hex(const std::string& hex, std::size_t nof_bits)
{
  std::vector<std::uint8_t> bits;
  for (std::size_t i = 0; i < nof_bits; ++i) {
    const int digit = std::stoi(hex.substr(i / 4, 1), nullptr, 16);
    bits.push_back(static_cast<std::uint8_t>((digit >> (3 - i % 4)) & 1));
  }
  return bits;
}

view<std::uint8_t, 1> as_view(std::vector<std::uint8_t>& bits)
{
  return view<std::uint8_t, 1>(bits.data(), bits.size());
}

template <class Table>
void compare_table(const std::string& file, const Table& table)
{
  const auto path = test::shared_path("spec/coding/" + file);
  if (!path) {
    MESSAGE("skipped: ", file, " not found");
    return;
  }
  const auto rows = test::read_csv(*path);
  REQUIRE(rows.size() == table.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    CHECK(std::stoi(rows[i][1]) == table[i]);
  }
}

} // namespace

TEST_CASE("polar_code: the tables are those of 38.212")
{
  compare_table("polar_reliability.csv", polar_reliability);
  compare_table("polar_subblock_interleaver.csv", polar_subblock_interleaver);
  compare_table("polar_input_interleaver.csv", polar_input_interleaver);
}

TEST_CASE("polar_code: UCI is coded as in the reference vectors")
{
  const auto path = test::shared_path("spec/coding/vectors/polar_uci.csv");
  if (!path) {
    MESSAGE("skipped: polar_uci.csv not found");
    return;
  }
  int nof_cases = 0;
  for (const auto& row : test::read_csv(*path)) {
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    auto payload = bits_of_hex(row[2], std::stoul(row[0]));
    std::vector<std::uint8_t> coded(std::stoul(row[1]));
    REQUIRE(encode_uci_polar(as_view(payload), as_view(coded)));
    CHECK(coded == bits_of_hex(row[3], coded.size()));
    ++nof_cases;
  }
  CHECK(nof_cases >= 37);
}

TEST_CASE("polar_code: UCI coding is linear up to the place of its parity bits")
{
  // The code with parity-check bits is linear too: the sum of two code words is the code word of the sum.
  for (const int nof_bits : {12, 15, 19, 20, 100}) {
    CAPTURE(nof_bits);
    std::vector<std::uint8_t> a(nof_bits), b(nof_bits), sum(nof_bits), coded_a(300), coded_b(300),
        coded_sum(300);
    for (int i = 0; i < nof_bits; ++i) {
      a[i] = static_cast<std::uint8_t>(i * i % 7 < 3);
      b[i] = static_cast<std::uint8_t>(i * i % 11 < 5);
      sum[i] = a[i] ^ b[i];
    }
    REQUIRE(encode_uci_polar(as_view(a), as_view(coded_a)));
    REQUIRE(encode_uci_polar(as_view(b), as_view(coded_b)));
    REQUIRE(encode_uci_polar(as_view(sum), as_view(coded_sum)));
    for (int i = 0; i < 300; ++i) {
      REQUIRE((coded_a[i] ^ coded_b[i]) == coded_sum[i]);
    }
  }
}

TEST_CASE("polar_code: the PBCH code has 512 coded bits, repeated to 864")
{
  const auto code = plan_polar_code({56, 864, 9, true, false});
  REQUIRE(code);
  CHECK(code.value().size() == 512);
  CHECK(code.value().matching == polar_matching::repeat);
  CHECK(code.value().nof_parity == 0);
  CHECK(std::count(code.value().bits.begin(), code.value().bits.end(), polar_bit::information) == 56);
}

TEST_CASE("polar_code: the nodes cover every index once and hold every information bit")
{
  for (const polar_code_config& config : {polar_code_config{18, 24, 10, false, true},
                                          polar_code_config{25, 400, 10, false, true},
                                          polar_code_config{56, 864, 9, true, false},
                                          polar_code_config{1023, 1087, 10, false, true}}) {
    const auto code = plan_polar_code(config);
    REQUIRE(code);
    int next = 0;
    int nof_information = 0;
    for (int i = 0; i < code.value().nof_nodes; ++i) {
      const polar_node node = code.value().nodes[i];
      CHECK(node.begin == next);
      CHECK(node.begin % (1 << node.log2_size) == 0);
      next += 1 << node.log2_size;
      nof_information +=
          node.kind == polar_node_kind::repetition || node.kind == polar_node_kind::information;
    }
    CHECK(next == code.value().size());
    CHECK(nof_information == config.nof_bits);
  }
}

TEST_CASE("polar_code: what no code can hold is refused by name")
{
  CHECK(plan_polar_code({11, 100, 10, false, true}).failure().field == "polar_code.nof_bits");
  CHECK(plan_polar_code({165, 864, 9, true, false}).failure().field == "polar_code.nof_bits");
  CHECK(plan_polar_code({56, 17, 9, false, false}).failure().field == "polar_code.nof_coded");
  CHECK(plan_polar_code({56, 8193, 9, false, false}).failure().field == "polar_code.nof_coded");
  CHECK(plan_polar_code({56, 50, 9, false, false}).failure().field == "polar_code.nof_coded");
  CHECK(plan_polar_code({56, 864, 11, false, false}).failure().field == "polar_code.n_max");
  CHECK(plan_uci_polar(11, 100).failure().field == "uci_polar.nof_bits");
  CHECK(plan_uci_polar(1707, 4000).failure().field == "uci_polar.nof_bits");
  CHECK(plan_uci_polar(12, 17).failure().field == "uci_polar.nof_coded");
}
