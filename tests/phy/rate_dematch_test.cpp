// SPDX-License-Identifier: Apache-2.0
// ctest: property equivalence
#include "core/block.h"
#include "core/stage.h"
#include "phy/rate_dematch/rate_dematch.h"
#include "phy/rate_dematch/rate_dematch_body.h"
#include "tests/phy/coded_tb.h"
#include "tests/support/allocation_count.h"
#include <doctest/doctest.h>
#include <numeric>

using namespace pado;
using namespace pado::phy;
using pado::test::coded_tb;
using pado::test::view_of;

static_assert(stage<rate_dematch<backend::cpu>, backend::cpu>);
static_assert(stage<rate_dematch<backend::cuda>, backend::cuda>);

namespace {

std::vector<simd_level> levels()
{
  std::vector<simd_level> out{simd_level::portable};
  for (const simd_level level : {simd_level::avx2, simd_level::avx512}) {
    if (is_available(level)) {
      out.push_back(level);
    }
  }
  return out;
}

void run(simd_level level,
         const std::vector<rate_dematch_task>& tasks,
         const std::vector<std::int8_t>& llr,
         std::vector<std::int8_t>& soft)
{
  rate_dematch<backend::cpu> stage(plan_rate_dematch({64, level}).value());
  stage.run({view_of(tasks), view_of(llr)}, {view_of(soft)}, {});
}

ulsch_config config_of(std::int32_t size, std::int32_t rate, std::int32_t nof_coded, std::int32_t rv)
{
  ulsch_config config;
  config.tb_size_bits = size;
  config.target_code_rate = rate;
  config.nof_coded_bits = nof_coded;
  config.rv = rv;
  return config;
}

// +-7 per coded bit, so that three receptions of a bit are told from two.
std::vector<std::int8_t> levels_of(const std::vector<std::uint8_t>& word)
{
  std::vector<std::int8_t> out;
  for (const std::uint8_t bit : word) {
    out.push_back(static_cast<std::int8_t>(bit != 0 ? -7 : 7));
  }
  return out;
}

} // namespace

TEST_CASE("rate_dematch: five soft bits of a hand-made block land where the circular buffer says")
{
  // z = 2, N = 8, d-index 3 and 4 are fillers, start at 6: the walk is 6 7 0 1 2 5 6 7 ...
  const std::vector<rate_dematch_task> tasks{{1, 8, 2, 2, 8, 8, 6, 3, 5, 0, 1}};
  const std::vector<std::int8_t> llr{99, 1, 5, 2, 6, 3, 7, 4, 8, 99};
  const std::vector<std::int8_t> expected{55, 0, 0, 0, 0, 3, 4, 5, 127, 127, 6, 1 + 7, 2 + 8, 55};
  for (const simd_level level : levels()) {
    std::vector<std::int8_t> soft(14, 55);
    run(level, tasks, llr, soft);
    CHECK(soft == expected);
  }
}

TEST_CASE("rate_dematch: what the transmitter sends comes back at its bit, for every modulation and "
          "redundancy version")
{
  for (const std::int32_t order : {1, 2, 4, 6, 8}) {
    for (std::int32_t rv = 0; rv < 4; ++rv) {
      ulsch_config config = config_of(2088, 5000, 4800, rv);
      config.qam_mod_order = order;
      config.tb_size_lbrm_bits = rv == 2 ? 2300 : 0;
      const coded_tb tb(config, 3);
      std::vector<std::int8_t> soft(static_cast<std::size_t>(tb.soft_size()), 1);
      run(simd_level::best, tb.dematch_tasks(false), levels_of(tb.word), soft);
      // The code word itself, from a transmission that shows every bit.
      ulsch_config all = config_of(2088, 5000, tb.code.nof_coded, 0);
      const coded_tb whole(all, 3);
      std::vector<std::int8_t> word(soft.size());
      run(simd_level::portable, whole.dematch_tasks(false), levels_of(whole.word), word);
      CAPTURE(order);
      CAPTURE(rv);
      int nof_received = 0;
      for (std::size_t k = 0; k < soft.size(); ++k) {
        const auto d = static_cast<std::int32_t>(k) - 2 * tb.code.z;
        if (d >= tb.code.filler_begin && d < tb.code.filler_end) {
          REQUIRE(soft[k] == 127);
        } else if (soft[k] != 0) {
          REQUIRE(soft[k] % 7 == 0);
          REQUIRE((soft[k] < 0) == (word[k] < 0));
          nof_received += std::abs(soft[k]) / 7;
        }
      }
      CHECK(nof_received == 4800);
    }
  }
}

TEST_CASE("rate_dematch: a retransmission adds to what is there, and saturates at the ends of int8")
{
  ulsch_config config = config_of(504, 3000, 2000, 0);
  const coded_tb tb(config, 4);
  for (const simd_level level : levels()) {
    std::vector<std::int8_t> soft(static_cast<std::size_t>(tb.soft_size()));
    const auto llr = levels_of(tb.word);
    run(level, tb.dematch_tasks(false), llr, soft);
    const auto once = soft;
    for (int repeat = 2; repeat <= 30; ++repeat) {
      run(level, tb.dematch_tasks(true), llr, soft);
    }
    for (std::size_t k = 0; k < soft.size(); ++k) {
      REQUIRE(soft[k] == std::clamp(30 * once[k], -128, 127));
    }
  }
}

TEST_CASE("rate_dematch: kernels, body and body in reverse agree on random blocks")
{
  std::mt19937 engine(21);
  const auto draw = [&engine](int low, int high) {
    return low + static_cast<int>(engine() % static_cast<unsigned>(high - low + 1));
  };
  const std::int32_t orders[] = {1, 2, 4, 6, 8};
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    rate_dematch_task t{};
    t.z = draw(2, 384);
    t.nof_coded = (draw(0, 1) == 0 ? 66 : 50) * t.z;
    t.nof_circular = draw(0, 1) == 0 ? t.nof_coded : draw(t.nof_coded / 3, t.nof_coded);
    t.k0 = draw(0, t.nof_circular - 1);
    t.filler_begin = draw(1, 10 * t.z);
    t.filler_end = t.filler_begin + draw(0, t.z);
    t.qam_mod_order = orders[draw(0, 4)];
    t.nof_llr = t.qam_mod_order * draw(1, round % 10 == 0 ? 5000 : 700);
    t.llr_begin = draw(0, 3);
    t.soft_begin = draw(0, 3);
    t.is_combined = draw(0, 1);
    std::vector<std::int8_t> llr(static_cast<std::size_t>(t.llr_begin + t.nof_llr));
    for (auto& value : llr) {
      value = static_cast<std::int8_t>(draw(-128, 127));
    }
    std::vector<std::int8_t> start(static_cast<std::size_t>(t.soft_begin + 2 * t.z + t.nof_coded));
    for (std::size_t k = 0; k < start.size(); ++k) {
      start[k] = static_cast<std::int8_t>(draw(-128, 127));
    }
    auto reference = start;
    body::rate_dematch(host_block(), t, view_of(std::as_const(llr)), view_of(reference));
    auto reversed = start;
    body::rate_dematch(
        host_block(nullptr, 0, visit::backward), t, view_of(std::as_const(llr)), view_of(reversed));
    CHECK(reversed == reference);
    for (const simd_level level : levels()) {
      CAPTURE(static_cast<int>(level));
      auto soft = start;
      run(level, {t}, llr, soft);
      CHECK(soft == reference);
    }
  }
}

TEST_CASE("rate_dematch: run() does not allocate")
{
  const coded_tb tb(config_of(20496, 6000, 33600, 1), 5);
  const auto llr = levels_of(tb.word);
  const auto tasks = tb.dematch_tasks(false);
  std::vector<std::int8_t> soft(static_cast<std::size_t>(tb.soft_size() * tb.code.nof_blocks));
  for (const simd_level level : levels()) {
    rate_dematch<backend::cpu> stage(plan_rate_dematch({8, level}).value());
    const auto before = test::allocation_count();
    stage.run({view_of(tasks), view_of(llr)}, {view_of(soft)}, {});
    CHECK(test::allocation_count() == before);
  }
}

TEST_CASE("rate_dematch: a plan outside its limits is refused by name")
{
  CHECK(plan_rate_dematch({0}).failure().field == "rate_dematch.max_tasks");
  CHECK(plan_rate_dematch({65537}).failure().field == "rate_dematch.max_tasks");
  CHECK(plan_rate_dematch({1}));
  if (!is_available(simd_level::avx512)) {
    CHECK(plan_rate_dematch({1, simd_level::avx512}).failure().field == "rate_dematch.simd");
  }
}
