// SPDX-License-Identifier: Apache-2.0
// Fronthaul bytes into the grid: 273 PRBs, one port, 14 symbols a slot. us_per_symbol is the figure to
// compare.
#include "core/block.h"
#include "phy/decompress/decompress.h"
#include "phy/decompress/decompress_linear.h"
#include "phy/simd/simd_level.h"
#include <benchmark/benchmark.h>
#include <random>
#include <vector>

using namespace pado; // NOLINT(google-build-using-namespace)

namespace {

constexpr int nof_prb = 273;

struct slot_bytes {
  std::vector<std::byte> bytes;
  std::vector<iq_section> sections;
  buffer<ch16> grid{static_cast<std::size_t>(nof_symbols_per_slot) * nof_subcarriers_per_prb * nof_prb};

  slot_bytes(compression method, int width)
  {
    std::mt19937 random(1);
    for (int symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      sections.push_back({static_cast<std::uint32_t>(bytes.size()),
                          0,
                          nof_prb,
                          0,
                          static_cast<std::uint8_t>(symbol),
                          method,
                          static_cast<std::uint8_t>(width)});
      const int prb_bytes = phy::body::format_of(sections.back()).prb_bytes;
      for (int i = 0; i < prb_bytes * nof_prb; ++i) {
        const unsigned value = static_cast<unsigned>(random());
        bytes.push_back(
            static_cast<std::byte>(i % prb_bytes == 0 && method == compression::bfp ? value % 8 : value));
      }
    }
  }
  view<const std::byte, 1> memory() const { return view<const std::byte, 1>(bytes.data(), bytes.size()); }
  view<ch16, 3> out() const { return grid.as(1, nof_symbols_per_slot, nof_subcarriers_per_prb * nof_prb); }
};

void report(benchmark::State& state)
{
  state.counters["us_per_symbol"] =
      benchmark::Counter(1e-6 * nof_symbols_per_slot * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// The whole stage: kernel of this processor, marks and the check for holes.
void decompress_stage(benchmark::State& state, compression method)
{
  const slot_bytes slot(method, static_cast<int>(state.range(0)));
  phy::decompress<backend::cpu> stage(phy::plan_decompress({1, nof_prb, 64}).value());
  for (auto _ : state) {
    stage.run({slot.memory(), view<const iq_section, 1>(slot.sections.data(), slot.sections.size())},
              {slot.out()},
              {});
    benchmark::ClobberMemory();
  }
  report(state);
}

void decompress_kernel(benchmark::State& state, phy::simd_level level, phy::linear_kernel kernel)
{
  const slot_bytes slot(compression::bfp, static_cast<int>(state.range(0)));
  if (!phy::is_available(level)) {
    state.SkipWithError("this processor has no such instructions");
    return;
  }
  for (auto _ : state) {
    for (const iq_section& section : slot.sections) {
      kernel(phy::linear_prbs_of(section, slot.memory()), &slot.out()(0, section.symbol, 0));
    }
    benchmark::ClobberMemory();
  }
  report(state);
}

void decompress_body(benchmark::State& state)
{
  const slot_bytes slot(compression::bfp, static_cast<int>(state.range(0)));
  const buffer<std::uint8_t> covered(static_cast<std::size_t>(nof_symbols_per_slot) * nof_prb);
  for (auto _ : state) {
    for (const iq_section& section : slot.sections) {
      phy::body::decompress(
          host_block(), section, slot.memory(), covered.as(1, nof_symbols_per_slot, nof_prb), slot.out());
    }
    benchmark::ClobberMemory();
  }
  report(state);
}

BENCHMARK_CAPTURE(decompress_stage, bfp, compression::bfp)->DenseRange(1, 16);
BENCHMARK_CAPTURE(decompress_stage, none, compression::none)->Arg(16)->Arg(14);
BENCHMARK_CAPTURE(decompress_stage, block_scaling, compression::block_scaling)->Arg(9);
BENCHMARK_CAPTURE(decompress_stage, mu_law, compression::mu_law)->Arg(9);
BENCHMARK_CAPTURE(decompress_kernel,
                  avx512fp16,
                  phy::simd_level::avx512fp16,
                  phy::decompress_linear_avx512fp16)
    ->Arg(9)
    ->Arg(14)
    ->Arg(16);
BENCHMARK_CAPTURE(decompress_kernel, avx512, phy::simd_level::avx512, phy::decompress_linear_avx512)
    ->Arg(9)
    ->Arg(14)
    ->Arg(16);
BENCHMARK_CAPTURE(decompress_kernel, avx2, phy::simd_level::avx2, phy::decompress_linear_avx2)
    ->Arg(9)
    ->Arg(14)
    ->Arg(16);
BENCHMARK(decompress_body)->Arg(9)->Arg(14)->Arg(16);

} // namespace

BENCHMARK_MAIN();
