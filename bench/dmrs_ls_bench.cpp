// SPDX-License-Identifier: Apache-2.0
// One DM-RS symbol, 4 ports, one layer a task: arguments are PRBs and layers.
#include "core/buffer.h"
#include "phy/dmrs_ls/dmrs_ls.h"
#include "phy/gold/gold_sequence.h"
#include <benchmark/benchmark.h>
#include <random>
#include <vector>

using namespace pado; // NOLINT(google-build-using-namespace)

namespace {

constexpr int nof_ports = 4;

void dmrs_ls_cpu(benchmark::State& state)
{
  const int nof_prb = static_cast<int>(state.range(0));
  const int nof_layers = static_cast<int>(state.range(1));
  const int nof_pilots = 6 * nof_prb;
  std::mt19937 random(1);
  buffer<ch16> grid(static_cast<std::size_t>(nof_ports) * nof_symbols_per_slot * nof_subcarriers_per_prb *
                    nof_prb);
  for (ch16& re : grid) {
    re = to_ch16({static_cast<float>(random() % 100), static_cast<float>(random() % 100)});
  }
  std::vector<std::uint32_t> words(static_cast<std::size_t>(nof_pilots) / 16 + 1);
  phy::gold_bits(1, 0, words);
  std::vector<phy::dmrs_ls_task> tasks;
  for (int layer = 0; layer < nof_layers; ++layer) {
    tasks.push_back({2, {0, nof_prb}, 0, layer / 2, layer % 2 == 0 ? 1.0F : -1.0F, 1.0F, layer * nof_pilots});
  }
  buffer<cf32> h(static_cast<std::size_t>(nof_ports) * nof_layers * nof_pilots);
  phy::dmrs_ls<backend::cpu> stage(phy::plan_dmrs_ls({nof_ports, nof_prb, nof_layers}).value());
  const phy::dmrs_ls<backend::cpu>::input in{
      view<const phy::dmrs_ls_task, 1>(tasks.data(), tasks.size()),
      view<const std::uint32_t, 1>(words.data(), words.size()),
      grid.as(nof_ports, nof_symbols_per_slot, nof_subcarriers_per_prb * nof_prb)};
  for (auto _ : state) {
    stage.run(in, {h.as(nof_ports, nof_layers * nof_pilots)}, {});
    benchmark::ClobberMemory();
  }
  state.counters["ns_per_pilot"] =
      benchmark::Counter(1e-9 * nof_ports * nof_layers * nof_pilots * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

BENCHMARK(dmrs_ls_cpu)->Args({273, 1})->Args({273, 4})->Args({51, 1});

} // namespace

BENCHMARK_MAIN();
