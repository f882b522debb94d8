// SPDX-License-Identifier: Apache-2.0
// One PUSCH slot at 40 dB, two DM-RS symbols, tiles of 16 PRB: arguments are layers, ports, bits a symbol,
// PRBs, Doppler in Hz (0: one inverse a subcarrier). The body is the base build, 8 lanes wide; the stage
// chooses AVX-512 where it is.
#include "phy/equalise/equalise_run.h"
#include "tests/phy/pusch_link.h"
#include <benchmark/benchmark.h>

using namespace pado; // NOLINT(google-build-using-namespace)

namespace {

constexpr int tile_prbs = 16;

struct bench_link {
  test::pusch_link link;
  std::vector<std::int8_t> llr;
  std::vector<phy::equalise_quality> quality;

  explicit bench_link(const benchmark::State& state) : link(config_of(state))
  {
    const phy::equalise_tile whole = link.tiles[0];
    link.tiles.clear();
    for (int begin = 0; begin < whole.prbs.end; begin += tile_prbs) {
      phy::equalise_tile tile = whole;
      tile.prbs = {begin, std::min(begin + tile_prbs, whole.prbs.end)};
      for (phy::equalise_layer& layer : tile.layers) {
        layer.h_begin += 12 * begin;
      }
      link.tiles.push_back(tile);
    }
    llr.resize(static_cast<std::size_t>(link.nof_llr()));
    quality.resize(4 * link.tiles.size());
    link.run_ls();
    link.run_estimate();
  }

  static test::link_config config_of(const benchmark::State& state)
  {
    test::link_config config;
    config.nof_rx_ports = static_cast<int>(state.range(1));
    config.grid_prb = static_cast<int>(state.range(3));
    std::fill(config.noise.begin(), config.noise.end(), 1e-4);
    std::vector<int> dmrs_ports;
    for (int layer = 0; layer < state.range(0); ++layer) {
      dmrs_ports.push_back(layer);
    }
    config.ues.push_back(test::fading_ue({0, config.grid_prb},
                                         dmrs_ports,
                                         static_cast<int>(state.range(2)),
                                         config.nof_rx_ports,
                                         7,
                                         100e-9,
                                         static_cast<double>(state.range(4))));
    return config;
  }

  phy::equalise<backend::cpu>::output output()
  {
    return {view<std::int8_t, 1>(llr.data(), static_cast<int>(llr.size())),
            view<phy::equalise_quality, 2>(quality.data(), static_cast<int>(link.tiles.size()), 4)};
  }

  void count(benchmark::State& state) const
  {
    const double res = 12.0 * 12.0 * static_cast<double>(state.range(3) * state.range(0));
    state.counters["re_layer_per_s"] =
        benchmark::Counter(res * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
    state.counters["is_static"] = static_cast<double>(link.info(0).is_static);
  }
};

void equalise_cpu(benchmark::State& state)
{
  bench_link bench(state);
  phy::equalise<backend::cpu> stage(
      phy::plan_equalise(
          {static_cast<int>(state.range(1)), 273, static_cast<int>(bench.link.tiles.size()), 1})
          .value());
  for (auto _ : state) {
    stage.run(bench.link.equalise_input(), bench.output(), {});
    benchmark::ClobberMemory();
  }
  bench.count(state);
}

void equalise_body(benchmark::State& state)
{
  bench_link bench(state);
  for (auto _ : state) {
    phy::run_equalise(host_block(), bench.link.equalise_input(), bench.output());
    benchmark::ClobberMemory();
  }
  bench.count(state);
}

void cases(benchmark::internal::Benchmark* bench)
{
  bench->Args({1, 1, 6, 273, 0})
      ->Args({2, 4, 8, 273, 0})
      ->Args({2, 4, 8, 273, 100})
      ->Args({4, 4, 8, 273, 0})
      ->Args({1, 4, 2, 51, 0});
}

BENCHMARK(equalise_cpu)->Apply(cases);
BENCHMARK(equalise_body)->Apply(cases);

} // namespace

BENCHMARK_MAIN();
