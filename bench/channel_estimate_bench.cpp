// SPDX-License-Identifier: Apache-2.0
// One PUSCH slot at 30 dB, two DM-RS symbols: arguments are layers, ports, PRBs, Doppler in Hz (0: the mean
// is used).
#include "tests/phy/pusch_link.h"
#include <benchmark/benchmark.h>

using namespace pado; // NOLINT(google-build-using-namespace)

namespace {

void channel_estimate_cpu(benchmark::State& state)
{
  const int nof_layers = static_cast<int>(state.range(0));
  const int nof_ports = static_cast<int>(state.range(1));
  const int nof_prb = static_cast<int>(state.range(2));
  test::link_config config;
  config.nof_rx_ports = nof_ports;
  config.grid_prb = nof_prb;
  std::fill(config.noise.begin(), config.noise.end(), 1e-3);
  std::vector<int> dmrs_ports;
  for (int layer = 0; layer < nof_layers; ++layer) {
    dmrs_ports.push_back(layer);
  }
  config.ues.push_back(test::fading_ue(
      {0, nof_prb}, dmrs_ports, 6, nof_ports, 7, 100e-9, static_cast<double>(state.range(3))));
  test::pusch_link link(config);
  link.run_ls();
  for (auto _ : state) {
    link.run_estimate();
    benchmark::ClobberMemory();
  }
  state.counters["is_static"] = static_cast<double>(link.info(0).is_static);
  state.counters["error_db"] = 10.0 * std::log10(link.estimate_error(0));
}

BENCHMARK(channel_estimate_cpu)
    ->Args({1, 1, 273, 0})
    ->Args({2, 4, 273, 0})
    ->Args({2, 4, 273, 100})
    ->Args({4, 4, 273, 0})
    ->Args({1, 4, 51, 0})
    ->Args({1, 4, 1, 0});

} // namespace

BENCHMARK_MAIN();
