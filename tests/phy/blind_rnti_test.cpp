// SPDX-License-Identifier: Apache-2.0
// ctest: property
#include "phy/blind/parity_checks.h"
#include "phy/blind/rnti_search.h"
#include "phy/blind/walsh_hadamard.h"
#include "phy/ldpc/ldpc_encode.h"
#include "tests/phy/coded_tb.h"
#include "tests/phy/scrambled.h"
#include <algorithm>
#include <bit>
#include <doctest/doctest.h>

using namespace pado;
using test::scrambled;

namespace {

phy::ulsch_config
usual(std::int32_t tbs, std::int32_t rate, std::int32_t bits, std::int32_t qm, std::int32_t rv)
{
  return {tbs, rate, rv, bits, 1, qm, 0};
}

std::vector<std::int8_t> noise_only(std::size_t size, unsigned seed)
{
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal(0.0F, 8.0F);
  std::vector<std::int8_t> llr(size);
  for (std::int8_t& value : llr) {
    value = static_cast<std::int8_t>(std::clamp(std::lround(normal(engine)), -127L, 127L));
  }
  return llr;
}

phy::rnti_match search_all(phy::rnti_search& search, const phy::ulsch_config& code, std::uint16_t id)
{
  REQUIRE(search.prepare(code));
  return search.best_of_all(id);
}

} // namespace

TEST_CASE("walsh_hadamard: each output is the sum with the signs of its index")
{
  for (const std::size_t size : {8U, 16U, 32U, 256U}) {
    std::mt19937 engine(1);
    std::vector<float> x(size);
    for (float& value : x) {
      value = static_cast<float>(engine() % 100);
    }
    std::vector<float> y = x;
    phy::walsh_hadamard(y);
    for (std::size_t r = 0; r < size; ++r) {
      float sum = 0.0F;
      for (std::size_t k = 0; k < size; ++k) {
        sum += std::popcount(r & k) % 2 == 0 ? x[k] : -x[k];
      }
      CHECK(y[r] == sum);
    }
  }
}

TEST_CASE("walsh_hadamard: 65536 values, a few outputs against the sum")
{
  std::mt19937 engine(2);
  std::vector<float> x(65536);
  for (float& value : x) {
    value = static_cast<float>(engine() % 16);
  }
  std::vector<float> y = x;
  phy::walsh_hadamard(y);
  for (const std::size_t r : {0U, 1U, 7U, 8U, 2047U, 2048U, 12345U, 65535U}) {
    float sum = 0.0F;
    for (std::size_t k = 0; k < x.size(); ++k) {
      sum += std::popcount(r & k) % 2 == 0 ? x[k] : -x[k];
    }
    CHECK(y[r] == sum);
  }
}

TEST_CASE("scrambling_keys: key and common part give the sequence of every c_init")
{
  phy::scrambling_keys keys;
  keys.reserve(100);
  keys.reserve(5000);
  for (const std::uint32_t c_init : {1U, 0x7fffffffU, phy::pusch_data_c_init(0x4601, 1)}) {
    std::vector<std::uint32_t> mine(5024 / 32);
    std::vector<std::uint32_t> common(mine.size());
    phy::gold_bits(c_init, 0, mine);
    phy::gold_bits(0, 0, common);
    std::size_t nof_wrong = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::uint32_t bit = ((mine[i / 32] ^ common[i / 32]) >> (i % 32)) & 1U;
      nof_wrong += bit == (static_cast<unsigned>(std::popcount(keys[i] & c_init)) & 1U) ? 0U : 1U;
    }
    CHECK(nof_wrong == 0);
  }
}

TEST_CASE("parity_checks: every check of every lifting size holds on a code word, and holds no punctured bit")
{
  std::mt19937 engine(3);
  for (const int number : {1, 2}) {
    for (int index = 0; index < phy::nof_lifting_sizes; index += 5) {
      const phy::lifting_size lifting = phy::lifting_size_of(index);
      const phy::base_graph& graph = phy::base_graph_of(number);
      const auto z = static_cast<std::size_t>(lifting.z);
      std::vector<std::uint8_t> word(static_cast<std::size_t>(graph.nof_cols) * z);
      std::vector<std::uint8_t> info((static_cast<std::size_t>(graph.nof_info_cols()) * z + 7) / 8 + 8);
      for (std::size_t i = 0; i < static_cast<std::size_t>(graph.nof_info_cols()) * z; ++i) {
        info[i / 8] = static_cast<std::uint8_t>(info[i / 8] | (engine() & 1U) << (7 - i % 8));
      }
      phy::ldpc_encode(number, lifting.z, graph.nof_rows, info, word);
      for (const int nof_rows : {6, 14, graph.nof_rows}) {
        std::bitset<phy::max_base_cols> sent;
        for (int column = 2; column < graph.nof_info_cols() + nof_rows; ++column) {
          sent.set(static_cast<std::size_t>(column));
        }
        const phy::parity_checks checks = phy::make_parity_checks(graph, lifting, sent, 200, 120);
        CAPTURE(number);
        CAPTURE(lifting.z);
        CHECK(checks.size() > 0);
        std::size_t nof_broken = 0;
        for (std::int32_t check = 0; check < checks.size(); ++check) {
          for (std::size_t row = 0; row < z; ++row) {
            unsigned sum = 0;
            for (const phy::check_edge edge : checks[check]) {
              nof_broken += sent[edge.column] ? 0U : 1U;
              sum += word[edge.column * z + (row + edge.shift) % z];
            }
            nof_broken += sum & 1U;
          }
        }
        CHECK(nof_broken == 0);
      }
    }
  }
}

TEST_CASE("rnti_search: the RNTI is found at the SNR at which the block decodes")
{
  struct rnti_case {
    phy::ulsch_config code;
    double snr_db; ///< of BPSK with the same soft bits
  };
  const rnti_case cases[] = {{usual(8456, 6020, 14688, 2, 0), 2.0},
                             {usual(984, 6020, 1728, 2, 0), 3.3},
                             {usual(1672, 1170, 14688, 2, 0), -3.5},
                             {usual(18432, 6400, 29376, 4, 3), 4.0},
                             {usual(37896, 8530, 44064, 6, 0), 6.0},
                             {usual(8456, 9260, 9216, 8, 0), 8.5}};
  for (const rnti_case& c : cases) {
    const test::coded_tb tb(c.code, 5);
    phy::rnti_search search;
    for (const std::uint16_t rnti : {std::uint16_t{1}, std::uint16_t{0x4601}, std::uint16_t{65519}}) {
      search.load(scrambled(tb.noisy(c.snr_db, rnti), rnti, 500));
      const phy::rnti_match match = search_all(search, c.code, 500);
      CAPTURE(c.code.tb_size_bits);
      CAPTURE(match.z);
      CHECK(match.rnti == rnti);
      CHECK(match.z > 6.0F);
      CHECK(match.second_z < 5.5F);
      const phy::rnti_match known = search.of(rnti, 500);
      CHECK(known.z == doctest::Approx(match.z).epsilon(1e-3));
      CHECK(known.fit == doctest::Approx(match.fit).epsilon(1e-3));
    }
  }
}

TEST_CASE("rnti_search: wrong sizes, redundancy versions and identities fit no RNTI, noise neither")
{
  const phy::ulsch_config code = usual(984, 6020, 1728, 2, 0);
  const test::coded_tb tb(code, 7);
  const std::vector<std::int8_t> llr = scrambled(tb.noisy(6.0, 1), 4711, 3);
  phy::rnti_search search;
  search.load(llr);
  CHECK(search_all(search, code, 3).z > 20.0F);
  CHECK(search.of(4712, 3).z < 5.0F);
  CHECK(search_all(search, usual(984, 6020, 1728, 2, 2), 3).z < 6.5F);
  CHECK(search_all(search, usual(1032, 6020, 1728, 2, 0), 3).z < 6.5F);
  CHECK(search_all(search, code, 4).z < 6.5F);
  for (unsigned seed = 0; seed < 20; ++seed) {
    search.load(noise_only(1728, seed));
    CHECK(search_all(search, code, 3).z < 6.5F);
  }
}

TEST_CASE("rnti_search: n_ID is found when it is not known")
{
  const phy::ulsch_config code = usual(984, 6020, 1728, 2, 0);
  const test::coded_tb tb(code, 9);
  phy::rnti_search search;
  search.load(scrambled(tb.noisy(6.0, 1), 4711, 1007));
  REQUIRE(search.prepare(code));
  const phy::rnti_match match = search.best_of_all_ids();
  CHECK(match.rnti == 4711);
  CHECK(match.data_id == 1007);
}

TEST_CASE("rnti_search: sums of several slots show a UE that no slot shows")
{
  const phy::ulsch_config code = usual(984, 6020, 1728, 2, 0);
  phy::rnti_search search;
  std::vector<float> sums(phy::nof_rntis);
  double squares = 0.0;
  int nof_seen = 0;
  for (unsigned slot = 0; slot < 12; ++slot) {
    const test::coded_tb tb(code, 20 + slot);
    search.load(scrambled(tb.noisy(1.0, 40 + slot), 4711, 3));
    nof_seen += search_all(search, code, 3).z > 6.0F ? 1 : 0;
    squares += search.sum_of_squares();
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += search.sums()[i];
    }
  }
  const auto best = std::max_element(sums.begin() + 1, sums.end());
  CHECK(nof_seen == 0);
  CHECK(best - sums.begin() == 4711);
  CHECK(static_cast<double>(*best) / std::sqrt(squares) > 6.0);
}

TEST_CASE("rnti_search: what the coding refuses is refused by name")
{
  phy::rnti_search search;
  search.load(noise_only(1728, 1));
  CHECK(search.prepare(usual(983, 6020, 1728, 2, 0)).failure().field == "segmentation.tb_size_bits");
}
