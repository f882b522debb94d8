// SPDX-License-Identifier: Apache-2.0
// ctest: unit property equivalence
#include "core/block.h"
#include "core/buffer.h"
#include "core/stage.h"
#include "phy/ue/pusch_modulate.h"
#include "phy/ue/pusch_modulate_body.h"
#include "tests/support/allocation_count.h"
#include "tests/support/shared.h"
#include <cmath>
#include <doctest/doctest.h>
#include <vector>

using namespace pado;

namespace {

/// All REs of one PRB range on two symbols, the second with DM-RS; words are noise.
struct two_symbols {
  explicit two_symbols(int nof_prb)
      : words(4 * 8 * 12 * 275 / 32 * 4 + 64), grid(static_cast<std::size_t>(4 * 2 * 12 * nof_prb))
  {
    std::uint32_t state = 1;
    for (std::uint32_t& word : words) {
      state = 1664525U * state + 1013904223U;
      word = state ^ state >> 13;
    }
    phy::pusch_modulate_task task = {};
    task.prbs = {0, nof_prb};
    task.nof_layers = 4;
    task.qam_mod_order = 6;
    task.scrambling_words_begin = 32;
    task.data_res_per_prb = 12;
    task.dmrs_words_begin = -1;
    for (int layer = 0; layer < 4; ++layer) {
      task.delta[layer] = layer / 2;
      task.second_sign[layer] = layer % 2 == 0 ? 1.0F : -1.0F;
    }
    tasks.push_back(task);
    task.symbol = 1;
    task.data_res_per_prb = 0;
    task.dmrs_words_begin = 3;
    task.dmrs_amplitude = 1.41421356F;
    tasks.push_back(task);
    nof_subcarriers = 12 * nof_prb;
  }
  phy::pusch_modulate<backend::cpu>::input input() const
  {
    const view<const std::uint32_t, 1> all(words.data(), words.size());
    return {view<const phy::pusch_modulate_task, 1>(tasks.data(), tasks.size()), all, all};
  }
  auto out() const { return grid.as(4, 2, nof_subcarriers); }

  std::vector<phy::pusch_modulate_task> tasks;
  std::vector<std::uint32_t> words;
  buffer<cf32> grid;
  int nof_subcarriers = 0;
};

} // namespace

TEST_CASE("pusch_modulate: every constellation point is the one of the specification's table")
{
  const auto path = test::shared_path("spec/coding/modulation.csv");
  if (!path) {
    MESSAGE("skipped: no spec/coding/modulation.csv");
    return;
  }
  int nof_points = 0;
  for (const auto& row : test::read_csv(*path)) {
    const std::string& bits = row[2];
    const int qm = static_cast<int>(bits.size());
    if (qm < 2 || row[0].find("pi") != std::string::npos) {
      continue;
    }
    const double scale = std::sqrt(std::stod(row[5]));
    std::uint32_t packed = 0;
    for (int i = 0; i < qm; ++i) {
      packed |= bits[i] == '1' ? 1U << i : 0U;
    }
    CAPTURE(bits);
    const cf32 point = phy::body::qam_symbol(packed, qm);
    CHECK(double(point.re) == doctest::Approx(std::stod(row[3]) / scale).epsilon(1e-6));
    CHECK(double(point.im) == doctest::Approx(std::stod(row[4]) / scale).epsilon(1e-6));
    ++nof_points;
  }
  CHECK(nof_points == 4 + 16 + 64 + 256);
}

TEST_CASE("pusch_modulate: all constellations have unit mean power")
{
  for (const int qm : {2, 4, 6, 8}) {
    double power = 0.0;
    for (std::uint32_t bits = 0; bits < 1U << qm; ++bits) {
      power += double(norm(phy::body::qam_symbol(bits, qm)));
    }
    CHECK(power / (1 << qm) == doctest::Approx(1.0).epsilon(1e-6));
  }
}

TEST_CASE("pusch_modulate: a bit run is read across the border of two words")
{
  const std::uint32_t words[] = {0, 0x80000000U, 0x0000000BU};
  const view<const std::uint32_t, 1> all(words, 3);
  CHECK(phy::body::bits_at(all, 1, 31, 6) == 0x17U);
  CHECK(phy::body::bits_at(all, 1, 32, 4) == 0xBU);
  CHECK(phy::body::bits_at(all, 0, 56, 8) == 0x80U);
}

TEST_CASE(
    "pusch_modulate: DM-RS of two CDM groups has the power of the data, ports of one group are orthogonal")
{
  two_symbols c(4);
  phy::pusch_modulate<backend::cpu>(phy::plan_pusch_modulate({4, 4, 2}).value())
      .run(c.input(), {c.out()}, {});
  const auto grid = c.out();
  double power = 0.0;
  cf32 between = {};
  for (int k = 0; k < c.nof_subcarriers; ++k) {
    power += double(norm(grid(0, 1, k)));
    between += grid(0, 1, k) * conj(grid(1, 1, k));
    CHECK((k % 2 == 0 || norm(grid(1, 1, k)) == 0.0F));
    CHECK((k % 2 == 1 || norm(grid(3, 1, k)) == 0.0F));
  }
  CHECK(power / c.nof_subcarriers == doctest::Approx(1.0).epsilon(1e-5));
  CHECK(norm(between) < 1e-6F);
}

TEST_CASE("pusch_modulate: backward order gives the same bits, run() does not allocate")
{
  static_assert(stage<phy::pusch_modulate<backend::cpu>, backend::cpu>);
  for (const int nof_prb : {1, 25, 273}) {
    CAPTURE(nof_prb);
    two_symbols c(nof_prb);
    phy::pusch_modulate<backend::cpu> s(phy::plan_pusch_modulate({4, nof_prb, 2}).value());
    const auto before = test::allocation_count();
    s.run(c.input(), {c.out()}, {});
    CHECK(test::allocation_count() == before);
    const buffer<cf32> again(c.grid.size());
    const host_block block(nullptr, 0, visit::backward);
    const auto in = c.input();
    for (const auto& task : c.tasks) {
      for (int layer = 0; layer < 4; ++layer) {
        phy::body::pusch_modulate(block, task, layer, in, again.as(4, 2, c.nof_subcarriers));
      }
    }
    CHECK(std::memcmp(again.data(), c.grid.data(), c.grid.size() * sizeof(cf32)) == 0);
  }
}

TEST_CASE("pusch_modulate: limits out of range are refused by name")
{
  CHECK(phy::plan_pusch_modulate({0, 273, 14}).failure().field == "pusch_modulate.nof_tx_ports");
  CHECK(phy::plan_pusch_modulate({4, 276, 14}).failure().field == "pusch_modulate.nof_prb");
  CHECK(phy::plan_pusch_modulate({4, 273, 0}).failure().field == "pusch_modulate.max_tasks");
}
