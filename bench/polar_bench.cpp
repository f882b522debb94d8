// SPDX-License-Identifier: Apache-2.0
// Polar list decoding of one block, 8 paths, noisy but decodable: PBCH and UCI of several sizes. And the
// code's construction.
#include "phy/pbch/pbch_payload.h"
#include "phy/polar/polar_decode.h"
#include "phy/polar/uci_polar.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <random>
#include <vector>

using namespace pado;
using namespace pado::phy;

namespace {

polar_code_config config_of(const benchmark::State& state)
{
  const auto nof_bits = static_cast<std::int32_t>(state.range(0));
  return nof_bits == 32 && state.range(1) == 864
             ? pbch_code_config()
             : plan_uci_polar(nof_bits, static_cast<std::int32_t>(state.range(1))).value().code;
}

void polar_decode_block(benchmark::State& state)
{
  const polar_code_config config = config_of(state);
  buffer<polar_code> code(1);
  code[0] = plan_polar_code(config).value();
  const polar_crc crc = config.is_input_interleaved ? polar_crc::crc24c
                        : config.nof_bits - 6 <= 19 ? polar_crc::crc6
                                                    : polar_crc::crc11;
  std::mt19937 random(1);
  buffer<std::uint8_t> bits(config.nof_bits);
  std::generate(bits.begin(), bits.end(), [&] { return static_cast<std::uint8_t>(random() & 1U); });
  attach_crc(bits.as(config.nof_bits), crc);
  buffer<std::uint8_t> coded(config.nof_coded);
  polar_encode(code[0], bits.as(config.nof_bits), coded.as(config.nof_coded));
  buffer<std::int8_t> llr(config.nof_coded);
  std::normal_distribution<float> noise(0.0F, 8.0F);
  for (int i = 0; i < config.nof_coded; ++i) {
    const float value = (coded[i] != 0 ? -16.0F : 16.0F) + noise(random);
    llr[i] = static_cast<std::int8_t>(std::clamp(value, -127.0F, 127.0F));
  }
  polar_decode<backend::cpu> decoder(
      plan_polar_decode({static_cast<std::int32_t>(state.range(2)), 10, max_polar_coded}).value());
  const polar_decode_task task{0, 0, 0, crc};
  buffer<std::uint8_t> out(config.nof_bits);
  polar_decode_status status{};
  for (auto _ : state) {
    decoder.run({view<const polar_decode_task, 1>(&task, 1), code.as(1), llr.as(config.nof_coded)},
                {out.as(config.nof_bits), view<polar_decode_status, 1>(&status, 1)},
                {});
    benchmark::DoNotOptimize(out.data());
  }
  if (status.crc_ok == 0) {
    state.SkipWithError("the block did not decode");
  }
}

void polar_plan_code(benchmark::State& state)
{
  const polar_code_config config = config_of(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(plan_polar_code(config));
  }
}

} // namespace

BENCHMARK(polar_decode_block)
    ->ArgNames({"A", "E", "list"})
    ->Args({32, 864, 8})
    ->Args({12, 54, 8})
    ->Args({20, 108, 8})
    ->Args({60, 216, 8})
    ->Args({200, 576, 8})
    ->Args({500, 1056, 8})
    ->Args({32, 864, 1})
    ->Args({200, 576, 1})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(polar_plan_code)
    ->ArgNames({"A", "E"})
    ->Args({32, 864})
    ->Args({20, 108})
    ->Args({500, 1056})
    ->Unit(benchmark::kMicrosecond);

BENCHMARK_MAIN();
