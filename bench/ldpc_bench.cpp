// SPDX-License-Identifier: Apache-2.0
// LDPC decoding of one code block, rate dematching included, on decodable input: BPSK in Gaussian noise at a
// stated SNR. Arguments: case, early stop (0: always the stated iterations, 1: on CRC), iterations at most,
// kernel (1 body, 2 AVX2, 3 AVX-512). Counters: snr_db, bler, mean_iterations. dematch: the first stage
// alone.
#include "core/buffer.h"
#include "tests/phy/coded_tb.h"
#include <benchmark/benchmark.h>

namespace {

using namespace pado;
using namespace pado::phy;

struct bench_case {
  const char* name;
  std::int32_t tb_size_bits;
  std::int32_t target_code_rate;
  std::int32_t nof_coded_bits;
  std::int32_t qam_mod_order; ///< of the bit interleaver; the noise is BPSK's
  double snr_db;
};

constexpr bench_case cases[] = {
    {"BG1 Z=384 R=0.917", 8424, 9380, 9216, 8, 8.0},
    {"BG1 Z=384 R=0.333", 8424, 3400, 25344, 2, 0.5},
    {"BG2 Z=384 R=0.833", 3824, 6000, 4608, 4, 6.5},
    {"BG2 Z=384 R=0.2", 3824, 2000, 19200, 2, -3.0},
    {"BG1 Z=384 R=0.667", 8424, 6820, 12672, 6, 4.0},
    {"BG2 Z=32 R=0.333", 288, 3400, 912, 2, 2.0},
};

void ldpc(benchmark::State& state)
{
  const bench_case& c = cases[state.range(0)];
  const auto stop = state.range(1) != 0 ? ldpc_stop::crc : ldpc_stop::never;
  const auto simd = static_cast<simd_level>(state.range(3));
  if (!is_available(simd)) {
    state.SkipWithError("this CPU lacks the instructions");
    return;
  }
  constexpr unsigned nof_inputs = 64;
  ulsch_config config;
  config.tb_size_bits = c.tb_size_bits;
  config.target_code_rate = c.target_code_rate;
  config.nof_coded_bits = c.nof_coded_bits;
  config.qam_mod_order = c.qam_mod_order;
  const test::coded_tb tb(config, 1);
  std::vector<std::vector<std::int8_t>> llr;
  for (unsigned i = 0; i < nof_inputs; ++i) {
    llr.push_back(tb.noisy(c.snr_db, 100 + i));
  }
  const auto dematch_tasks = tb.dematch_tasks(false);
  const auto decode_tasks = tb.decode_tasks(static_cast<std::int32_t>(state.range(2)));
  rate_dematch<backend::cpu> dematch(plan_rate_dematch({1, simd}).value());
  ldpc_decode<backend::cpu> decode(plan_ldpc_decode({1, stop, simd}).value());
  buffer<std::int8_t> soft(static_cast<std::size_t>(tb.soft_size()));
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(tb.code.nof_block_bits / 8));
  std::vector<ldpc_decode_status> status(1);
  std::int64_t nof_blocks = 0;
  std::int64_t nof_failed = 0;
  std::int64_t iterations = 0;
  for (auto _ : state) {
    const auto& in = llr[static_cast<std::size_t>(nof_blocks) % nof_inputs];
    dematch.run({test::view_of(dematch_tasks), test::view_of(in)}, {soft.as(soft.size())}, {});
    decode.run({test::view_of(decode_tasks), soft.as(soft.size())},
               {test::view_of(bytes), test::view_of(status)},
               {});
    ++nof_blocks;
    nof_failed += 1 - status[0].crc_ok;
    iterations += status[0].iterations;
  }
  const auto n = static_cast<double>(nof_blocks);
  state.SetLabel(c.name);
  state.counters["snr_db"] = c.snr_db;
  state.counters["bler"] = static_cast<double>(nof_failed) / n;
  state.counters["mean_iterations"] = static_cast<double>(iterations) / n;
}

void dematch(benchmark::State& state)
{
  const bench_case& c = cases[state.range(0)];
  const auto simd = static_cast<simd_level>(state.range(1));
  if (!is_available(simd)) {
    state.SkipWithError("this CPU lacks the instructions");
    return;
  }
  ulsch_config config;
  config.tb_size_bits = c.tb_size_bits;
  config.target_code_rate = c.target_code_rate;
  config.nof_coded_bits = c.nof_coded_bits;
  config.qam_mod_order = c.qam_mod_order;
  const test::coded_tb tb(config, 1);
  const auto llr = tb.noisy(c.snr_db, 100);
  const auto tasks = tb.dematch_tasks(false);
  rate_dematch<backend::cpu> stage(plan_rate_dematch({1, simd}).value());
  buffer<std::int8_t> soft(static_cast<std::size_t>(tb.soft_size()));
  for (auto _ : state) {
    stage.run({test::view_of(tasks), test::view_of(llr)}, {soft.as(soft.size())}, {});
  }
  state.SetLabel(c.name);
}

BENCHMARK(ldpc)
    ->ArgsProduct({{0, 1, 2, 3, 4, 5}, {0}, {6}, {3, 2}})
    ->ArgsProduct({{0, 1, 2, 3, 4, 5}, {1}, {10}, {3}})
    ->Args({0, 0, 6, 1})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(dematch)->ArgsProduct({{0, 1, 2, 3, 4, 5}, {3, 2}})->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
