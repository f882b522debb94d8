// SPDX-License-Identifier: Apache-2.0
// Search of a 10 ms recording with one block: on the synchronisation raster, and over every 15 kHz of the
// band.
#include "phy/ssb/ssb_search.h"
#include "phy/ssb/ssb_transmit.h"
#include <array>
#include <benchmark/benchmark.h>
#include <cmath>
#include <random>
#include <vector>

using namespace pado;
using namespace pado::phy;

namespace {

void ssb_search_10_ms(benchmark::State& state)
{
  const std::int64_t rate = state.range(0);
  std::mt19937 random(1);
  std::normal_distribution<float> noise(0.0F, 0.7F);
  std::vector<cf32> samples(static_cast<std::size_t>(rate / 100));
  for (cf32& sample : samples) {
    sample = {noise(random), noise(random)};
  }
  std::array<cf32, 960> grid{};
  if (!map_ssb({500, mib{}, 8, 0.0F}, view<cf32, 2>(grid.data(), 4, 240))) {
    state.SkipWithError("the block cannot be mapped");
    return;
  }
  const ssb_placement at{rate,
                         30000,
                         3502800000,
                         3504000000,
                         0.4 * static_cast<double>(rate) / 100,
                         300.0,
                         3.0F / std::sqrt(static_cast<float>(rate) / 30000.0F)};
  add_ssb(at, view<const cf32, 2>(grid.data(), 4, 240), view<cf32, 1>(samples.data(), samples.size()));
  ssb_search_config config{rate, at.centre_hz, {static_cast<std::int32_t>(state.range(1))}};
  config.raster = state.range(2) == 0 ? ssb_raster::sync : ssb_raster::every_15_khz;
  std::size_t nof_cells = 0;
  for (auto _ : state) {
    const auto cells = search_cells(view<const cf32, 1>(samples.data(), samples.size()), config);
    nof_cells = cells ? cells.value().size() : 0;
  }
  state.counters["cells"] = static_cast<double>(nof_cells);
}

} // namespace

BENCHMARK(ssb_search_10_ms)
    ->ArgNames({"rate", "scs", "every_15_khz"})
    ->Args({15360000, 30000, 0})
    ->Args({46080000, 30000, 0})
    ->Args({46080000, 15000, 0})
    ->Args({15360000, 30000, 1})
    ->Args({46080000, 30000, 1})
    ->Args({46080000, 15000, 1})
    ->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
