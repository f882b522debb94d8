// SPDX-License-Identifier: Apache-2.0
// ctest: unit golden equivalence
#include "core/block.h"
#include "core/buffer.h"
#include "core/stage.h"
#include "phy/gold/gold.h"
#include "phy/gold/gold_body.h"
#include "phy/gold/gold_sequence.h"
#include "tests/support/allocation_count.h"
#include "tests/support/shared.h"
#include <algorithm>
#include <cstring>
#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

namespace phy = pado::phy;
using pado::backend;
using pado::host_block;
using pado::view;
using pado::visit;

static_assert(pado::stage<phy::gold<backend::cpu>, backend::cpu>);
static_assert(pado::stage<phy::gold<backend::cuda>, backend::cuda>);

namespace {

std::vector<std::uint32_t> sequence(std::uint32_t c_init, std::uint32_t first_bit, std::size_t nof_words)
{
  std::vector<std::uint32_t> words(nof_words);
  phy::gold_bits(c_init, first_bit, words);
  return words;
}

/// The sequence one bit at a time, as the specification writes it.
std::vector<std::uint32_t> plain_sequence(std::uint32_t c_init, std::size_t first_bit, std::size_t nof_words)
{
  const std::size_t n = 1600 + first_bit + 32 * nof_words;
  std::vector<std::uint8_t> x1(n + 31);
  std::vector<std::uint8_t> x2(n + 31);
  x1[0] = 1;
  for (std::size_t i = 0; i < 31; ++i) {
    x2[i] = (c_init >> i) & 1U;
  }
  std::vector<std::uint32_t> words(nof_words);
  for (std::size_t i = 0; i < n; ++i) {
    x1[i + 31] = x1[i + 3] ^ x1[i];
    x2[i + 31] = x2[i + 3] ^ x2[i + 2] ^ x2[i + 1] ^ x2[i];
    if (i >= 1600 + first_bit) {
      const std::size_t bit = i - 1600 - first_bit;
      words[bit / 32] |= static_cast<std::uint32_t>(x1[i] ^ x2[i]) << (bit % 32);
    }
  }
  return words;
}

/// Hexadecimal digits whose first bit is the most significant one.
std::string hex(const std::vector<std::uint32_t>& words)
{
  std::string text;
  for (const std::uint32_t word : words) {
    for (int digit = 0; digit < 8; ++digit) {
      const unsigned bits = word >> (4 * digit);
      text += "0123456789abcdef"[((bits & 1U) << 3) | ((bits & 2U) << 1) | ((bits & 4U) >> 1) |
                                 ((bits & 8U) >> 3)];
    }
  }
  return text;
}

} // namespace

TEST_CASE(
    "gold: the sequence equals the recurrence written out bit by bit, at every length around the fast path")
{
  const std::size_t length = 4000;
  for (const std::uint32_t first_bit : {0U, 1U, 999U}) {
    const auto expected = plain_sequence(0x2345678, first_bit, length);
    for (const std::size_t nof_words : {std::size_t{0},
                                        std::size_t{1},
                                        std::size_t{2},
                                        std::size_t{991},
                                        std::size_t{992},
                                        std::size_t{993},
                                        std::size_t{1391},
                                        std::size_t{1392},
                                        std::size_t{1393},
                                        length}) {
      CAPTURE(first_bit);
      CAPTURE(nof_words);
      const std::vector<std::uint32_t> head(expected.begin(),
                                            expected.begin() + static_cast<std::ptrdiff_t>(nof_words));
      CHECK((sequence(0x2345678, first_bit, nof_words) == head));
    }
  }
}

TEST_CASE("gold: golden bits of every clone, near and far from the beginning")
{
  const std::string folder = PADO_SOURCE_DIR "/testvectors/gold/";
  const auto tasks = pado::test::read_bytes(folder + "c_tasks.bin");
  const auto words = pado::test::read_bytes(folder + "c_words.bin");
  const std::size_t nof_tasks = tasks.size() / 8;
  REQUIRE(nof_tasks == 10);
  REQUIRE(words.size() == nof_tasks * 40 * 4);
  for (std::size_t t = 0; t < nof_tasks; ++t) {
    std::uint32_t task[2];
    std::memcpy(task, tasks.data() + 8 * t, sizeof(task));
    CAPTURE(task[0]);
    CAPTURE(task[1]);
    std::vector<std::uint32_t> expected(40);
    std::memcpy(expected.data(), words.data() + 160 * t, 160);
    CHECK((sequence(task[0], task[1], 40) == expected));
  }
}

TEST_CASE("gold: the vectors of the reference tables are met")
{
  const auto path = pado::test::shared_path("spec/signals/gold_test_vectors.csv");
  if (!path) {
    MESSAGE("skipped: spec/signals/gold_test_vectors.csv is not there");
    return;
  }
  const auto rows = pado::test::read_csv(*path);
  REQUIRE(rows.size() >= 16);
  for (const auto& row : rows) {
    const auto c_init = static_cast<std::uint32_t>(std::stoul(row.at(0)));
    CAPTURE(c_init);
    CHECK(hex(sequence(c_init, 0, 16)) == row.at(1));
    CHECK(hex(sequence(c_init, 1000, 2)) == row.at(2));
  }
}

TEST_CASE("gold: the registers after the warm-up are those of the reference table")
{
  const auto path = pado::test::shared_path("spec/signals/gold_jump1600.csv");
  if (!path) {
    MESSAGE("skipped: spec/signals/gold_jump1600.csv is not there");
    return;
  }
  const auto rows = pado::test::read_csv(*path);
  REQUIRE(rows.size() == 32);
  using namespace phy::body;
  CHECK((gold_x1::window(1, gold_warm_up) & gold_x1::mask31) == std::stoull(rows[0].at(1), nullptr, 16));
  for (unsigned bit = 0; bit < 31; ++bit) {
    CAPTURE(bit);
    CHECK((gold_x2::window(1U << bit, gold_warm_up) & gold_x2::mask31) ==
          std::stoull(rows[bit + 1].at(1), nullptr, 16));
  }
}

TEST_CASE("gold: the sequence is linear in c_init and a later start is the same sequence shifted")
{
  std::mt19937 random(7);
  for (int trial = 0; trial < 20; ++trial) {
    const std::uint32_t a = random() & 0x7fffffffU;
    const std::uint32_t b = random() & 0x7fffffffU;
    const std::uint32_t first_bit = random() % (1U << 22);
    CAPTURE(a);
    CAPTURE(b);
    CAPTURE(first_bit);
    const auto of_a = sequence(a, first_bit, 3);
    const auto of_b = sequence(b, first_bit, 3);
    const auto of_both = sequence(a ^ b, first_bit, 3);
    const auto of_none = sequence(0, first_bit, 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK((of_a[i] ^ of_b[i] ^ of_both[i]) == of_none[i]);
    }
    const auto shifted = sequence(a, first_bit + 5, 2);
    CHECK(shifted[0] == ((of_a[0] >> 5) | (of_a[1] << 27)));
  }
}

TEST_CASE("gold: reversed order, any run length and pieces give what the CPU path gives")
{
  const int nof_words = 1300;
  const phy::gold_task task{0x1badcafe, 77777, 3, 32 * nof_words};
  const auto expected = sequence(task.c_init, task.first_bit, nof_words);
  for (const int run_words : {1, 7, 8, 31, 5000}) {
    for (const visit order : {visit::forward, visit::backward}) {
      CAPTURE(run_words);
      CAPTURE(static_cast<int>(order));
      std::vector<std::uint32_t> words(nof_words + 4, 0xdeadbeefU);
      const view<std::uint32_t, 1> out(words.data(), nof_words + 4);
      for (int begin = 0; begin < nof_words; begin += 1024) {
        phy::body::gold(
            host_block(nullptr, 0, order), task, begin, std::min(begin + 1024, nof_words), run_words, out);
      }
      CHECK(words[2] == 0xdeadbeefU);
      CHECK(words[nof_words + 3] == 0xdeadbeefU);
      CHECK((std::vector<std::uint32_t>(words.begin() + 3, words.end() - 1) == expected));
    }
  }
}

TEST_CASE("gold: run() fills each task's words and no others, and does not allocate")
{
  auto plan = phy::plan_gold({3, 4000});
  REQUIRE(plan);
  phy::gold<backend::cpu> stage(plan.value());
  const std::vector<phy::gold_task> tasks = {{1, 0, 0, 33}, {2, 12, 3, 0}, {3, 24, 3, 32 * 3000 - 31}};
  std::vector<std::uint32_t> words(3004, 0xdeadbeefU);
  const phy::gold<backend::cpu>::input in{view<const phy::gold_task, 1>(tasks.data(), tasks.size())};
  const phy::gold<backend::cpu>::output out{view<std::uint32_t, 1>(words.data(), words.size())};
  const auto before = pado::test::allocation_count();
  stage.run(in, out, {});
  CHECK(pado::test::allocation_count() == before);
  CHECK((std::vector<std::uint32_t>(words.begin(), words.begin() + 2) == sequence(1, 0, 2)));
  CHECK(words[2] == 0xdeadbeefU);
  CHECK((std::vector<std::uint32_t>(words.begin() + 3, words.begin() + 3003) == sequence(3, 24, 3000)));
  CHECK(words[3003] == 0xdeadbeefU);
}

TEST_CASE("gold: a plan out of limits is refused by name")
{
  CHECK(phy::plan_gold({0, 1}).failure().field == "gold.max_tasks");
  CHECK(phy::plan_gold({65536, 1}).failure().text() == "gold.max_tasks is 65536, must be in 1..65535");
  CHECK(phy::plan_gold({1, 0}).failure().field == "gold.max_words");
  CHECK(phy::plan_gold({1, (1 << 26) + 1}).failure().field == "gold.max_words");
}
