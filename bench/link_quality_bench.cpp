// SPDX-License-Identifier: Apache-2.0
// links: pado_models
// One batch of the hook link_quality: the engines alone, and advise() whole. Argument: UEs in the batch. Run
// it in the root of the source tree, where the shipped model lies.
#include "models/link_quality/link_quality.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <memory>
#include <vector>

using namespace pado;
using namespace pado::models;

namespace {

constexpr int nof_mcs = 29;

/// A hook that knows nof_ues UEs with full histories.
std::unique_ptr<link_quality>
filled_hook(int nof_ues, std::unique_ptr<link_quality_engine> model, const pado::clock& time)
{
  link_quality_config config;
  config.max_ues = nof_ues;
  config.budget_ns = 100'000'000;
  auto hook = std::make_unique<link_quality>(plan_link_quality(config).value(), std::move(model), time);
  for (int i = 0; i < link_history; ++i) {
    slot_report report;
    report.slot = {0, i % 10};
    for (int ue = 0; ue < nof_ues; ++ue) {
      pusch_report& pusch = report.pusch.emplace_back();
      pusch.pdu.rnti = static_cast<std::uint16_t>(ue + 1);
      pusch.pdu.mcs_index = 12;
      pusch.sinr_db = static_cast<float>((ue * 7 + i * 3) % 25);
      pusch.tb_crc_ok = (ue + i) % 8 != 0;
    }
    hook->observe(report);
  }
  return hook;
}

std::unique_ptr<link_quality_engine> shipped_model(int nof_ues)
{
  auto engine = load_onnx_engine("models/link_quality/link_quality_v1.onnx", {nof_ues, nof_mcs});
  return engine ? std::move(engine).value() : nullptr;
}

void advise(benchmark::State& state, bool has_model)
{
  const int nof_ues = static_cast<int>(state.range(0));
  steady_clock time;
  auto model = has_model ? shipped_model(nof_ues) : nullptr;
  if (has_model && model == nullptr) {
    state.SkipWithError("no OpenVINO in this build, or not run in the root of the source tree");
    return;
  }
  const auto hook = filled_hook(nof_ues, std::move(model), time);
  std::vector<std::int64_t> durations_ns;
  for (auto _ : state) {
    const std::int64_t begin_ns = time.now_ns();
    benchmark::DoNotOptimize(hook->advise({1, 5}).data());
    durations_ns.push_back(time.now_ns() - begin_ns);
  }
  std::sort(durations_ns.begin(), durations_ns.end());
  state.counters["p50_ns"] = static_cast<double>(durations_ns[durations_ns.size() / 2]);
  state.counters["p99_ns"] = static_cast<double>(durations_ns[durations_ns.size() * 99 / 100]);
  state.counters["p50_ns_per_ue"] = static_cast<double>(durations_ns[durations_ns.size() / 2]) / nof_ues;
}

void advise_classical(benchmark::State& state)
{
  advise(state, false);
}
void advise_openvino(benchmark::State& state)
{
  advise(state, true);
}

} // namespace

BENCHMARK(advise_classical)->Arg(1)->Arg(8)->Arg(64)->Arg(256)->Unit(benchmark::kMicrosecond);
BENCHMARK(advise_openvino)->Arg(1)->Arg(8)->Arg(64)->Arg(256)->Unit(benchmark::kMicrosecond);

BENCHMARK_MAIN();
