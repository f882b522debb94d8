// SPDX-License-Identifier: Apache-2.0
// Samples of one slot into the grid, one port: arguments are mu, PRBs and FFT size. Then its parts, for 273
// PRB.
#include "core/buffer.h"
#include "phy/fft/fft.h"
#include "phy/gold/gold_sequence.h"
#include "phy/ofdm/ofdm.h"
#include <benchmark/benchmark.h>
#include <random>
#include <vector>

using namespace pado; // NOLINT(google-build-using-namespace)

namespace {

buffer<cf32> noise(std::size_t size)
{
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  buffer<cf32> values(size);
  for (cf32& value : values) {
    value = {normal(random), normal(random)};
  }
  return values;
}

void us_per_symbol(benchmark::State& state, int nof_symbols)
{
  state.counters["us_per_symbol"] =
      benchmark::Counter(1e-6 * nof_symbols * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void ofdm_cpu(benchmark::State& state)
{
  const numerology scs{static_cast<std::int32_t>(state.range(0))};
  const int nof_prb = static_cast<int>(state.range(1));
  const auto plan =
      phy::plan_ofdm({scs, 1, nof_prb, static_cast<int>(state.range(2)), 3500010000, 20, 1.0F}).value();
  const auto samples = noise(slot_samples(plan, 0));
  const buffer<ch16> grid(static_cast<std::size_t>(nof_symbols_per_slot) * plan.nof_subcarriers());
  phy::ofdm<backend::cpu> stage(plan);
  for (auto _ : state) {
    stage.run(
        {samples.as(1, samples.size()), 0}, {grid.as(1, nof_symbols_per_slot, plan.nof_subcarriers())}, {});
    benchmark::ClobberMemory();
  }
  us_per_symbol(state, nof_symbols_per_slot);
}

void fft_cpu(benchmark::State& state)
{
  const int size = static_cast<int>(state.range(0));
  const auto x = noise(size);
  const buffer<cf32> y(size);
  phy::fft<backend::cpu> stage(phy::plan_fft({size, 1, phy::fft_direction::forward}).value());
  for (auto _ : state) {
    stage.run({x.as(1, size)}, {y.as(1, size)}, {});
    benchmark::ClobberMemory();
  }
  us_per_symbol(state, 1);
}

void gold_sequence(benchmark::State& state)
{
  std::vector<std::uint32_t> words((static_cast<std::size_t>(state.range(0)) + 31) / 32);
  for (auto _ : state) {
    phy::gold_bits(0x12345678, static_cast<std::uint32_t>(state.range(1)), words);
    benchmark::ClobberMemory();
  }
}

BENCHMARK(ofdm_cpu)
    ->Args({1, 273, 4096})
    ->Args({1, 106, 1536})
    ->Args({1, 51, 768})
    ->Args({0, 52, 768})
    ->Args({0, 270, 6144});
BENCHMARK(fft_cpu)->Arg(768)->Arg(1536)->Arg(4096)->Arg(6144);
BENCHMARK(gold_sequence)->Args({32, 0})->Args({3276, 0})->Args({3276, 1 << 22})->Args({1500000, 0});

} // namespace

BENCHMARK_MAIN();
