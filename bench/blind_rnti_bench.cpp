// SPDX-License-Identifier: Apache-2.0
// Time of one hypothesis of the RNTI search.
#include "phy/blind/rnti_search.h"
#include <benchmark/benchmark.h>
#include <random>

using namespace pado;

namespace {

std::vector<std::int8_t> random_llr(std::int64_t size)
{
  std::mt19937 engine(1);
  std::vector<std::int8_t> llr(static_cast<std::size_t>(size));
  for (std::int8_t& value : llr) {
    value = static_cast<std::int8_t>(engine() % 61) - 30;
  }
  return llr;
}

void all_rntis(benchmark::State& state)
{
  phy::rnti_search search;
  search.load(random_llr(state.range(2)));
  const phy::ulsch_config code = {static_cast<std::int32_t>(state.range(0)),
                                  static_cast<std::int32_t>(state.range(1)),
                                  0,
                                  static_cast<std::int32_t>(state.range(2)),
                                  1,
                                  static_cast<std::int32_t>(state.range(3)),
                                  0};
  phy::rnti_match match;
  for (auto _ : state) {
    static_cast<void>(search.prepare(code));
    match = search.best_of_all(1);
    benchmark::DoNotOptimize(match);
  }
  state.counters["equations"] = match.nof_equations;
}

void one_rnti(benchmark::State& state)
{
  phy::rnti_search search;
  search.load(random_llr(14688));
  for (auto _ : state) {
    static_cast<void>(search.prepare({8456, 6020, 0, 14688, 1, 2, 0}));
    benchmark::DoNotOptimize(search.of(17921, 1));
  }
}

} // namespace

// 51 PRB, 12 data symbols: QPSK 0.588, QPSK 0.117, 64QAM 0.853, 256QAM 0.926; then 6 PRB QPSK.
BENCHMARK(all_rntis)
    ->Args({8456, 6020, 14688, 2})
    ->Args({1672, 1170, 14688, 2})
    ->Args({37896, 8530, 44064, 6})
    ->Args({54296, 9260, 58752, 8})
    ->Args({984, 6020, 1728, 2})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(one_rnti)->Unit(benchmark::kMicrosecond);
BENCHMARK_MAIN();
