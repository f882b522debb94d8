// SPDX-License-Identifier: Apache-2.0
// links: pado_mac
// PUSCH per slot on one core, grid to transport block, decodable input. Prints one JSON line a case.
//   pusch_bench [REPETITIONS]
#include "tests/pipeline/scene.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace pado;

namespace {

constexpr int nof_scenes = 8; ///< different grids in rotation, so that the caches see new samples each time
constexpr float snr_db = 40.0F;

struct bench_case {
  std::int32_t nof_prb;
  std::int32_t nof_layers;
  std::int32_t nof_ports;
  std::uint8_t qam_mod_order;
  std::uint16_t target_code_rate;
};

double at(std::vector<double>& sorted, double part)
{
  const auto rank = static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1) + 0.5);
  return sorted[rank];
}

void run_case(const bench_case& c, int nof_repetitions)
{
  phy::slot_limits limits;
  limits.scs = {1};
  limits.nof_prb = c.nof_prb;
  limits.nof_rx_ports = c.nof_ports;
  limits.max_ldpc_iterations = 6;
  limits.max_pdus = 1;
  auto pdu = test::pdu_with(0,
                            c.nof_prb,
                            c.qam_mod_order,
                            c.target_code_rate,
                            static_cast<std::uint16_t>((1U << static_cast<unsigned>(c.nof_layers)) - 1U));
  std::vector<test::scene> scenes;
  for (std::uint32_t seed = 0; seed < nof_scenes; ++seed) {
    scenes.push_back(test::make_scene(limits, {0, 4}, {{pdu}}, snr_db, seed + 1));
  }
  test::receiver<backend::cpu> receiver(limits);
  std::vector<double> total_us;
  std::array<double, nof_stages> stage_us = {};
  double iterations = 0.0;
  int nof_ok = 0;
  std::int32_t nof_blocks = 0;
  for (int i = -nof_scenes; i < nof_repetitions; ++i) {
    const test::scene& scene = scenes[static_cast<std::size_t>((i + nof_scenes) % nof_scenes)];
    const slot_report report = receiver.run(scene);
    if (i < 0) {
      continue; // warm caches and pages
    }
    total_us.push_back(static_cast<double>(report.stage_ns[static_cast<std::size_t>(stage_id::total)]) / 1e3);
    for (std::size_t stage = 0; stage < nof_stages; ++stage) {
      stage_us[stage] += static_cast<double>(report.stage_ns[stage]) / 1e3 / nof_repetitions;
    }
    const pusch_report& pusch = report.pusch[0];
    nof_ok += pusch.tb_crc_ok && pusch.payload == scene.payloads[0] ? 1 : 0;
    iterations += static_cast<double>(pusch.ldpc_iterations_mean) / nof_repetitions;
    nof_blocks = pusch.nof_cb;
  }
  std::sort(total_us.begin(), total_us.end());
  std::printf(
      "{\"bench\":\"pusch\",\"prb\":%d,\"layers\":%d,\"ports\":%d,\"qm\":%d,\"rate\":%.4f,\"tbs_bits\":%u,"
      "\"code_blocks\":%d,\"snr_db\":%.0f,\"max_iterations\":6,\"mean_iterations\":%.2f,\"bler\":%.4f,"
      "\"us_min\":%.1f,\"us_p50\":%.1f,\"us_p99\":%.1f,\"us_max\":%.1f,\"mbit_s\":%.1f,\"mean_us\":{",
      c.nof_prb,
      c.nof_layers,
      c.nof_ports,
      int{c.qam_mod_order},
      c.target_code_rate / 10240.0,
      pdu.tb_size_bytes * 8,
      nof_blocks,
      static_cast<double>(snr_db),
      iterations,
      1.0 - static_cast<double>(nof_ok) / nof_repetitions,
      total_us.front(),
      at(total_us, 0.5),
      at(total_us, 0.99),
      total_us.back(),
      pdu.tb_size_bytes * 8 / at(total_us, 0.5));
  for (std::size_t stage = 0; stage + 1 < nof_stages; ++stage) {
    std::printf(
        "%s\"%s\":%.1f", stage == 0 ? "" : ",", name_of(static_cast<stage_id>(stage)), stage_us[stage]);
  }
  std::printf("}}\n");
  std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv)
{
  const int nof_repetitions = argc > 1 ? std::max(1, std::atoi(argv[1])) : 200;
  // Code rates of the peers' tables: QPSK 0.117, QPSK 0.588, 64QAM 0.853, 256QAM 0.926.
  const std::pair<std::uint8_t, std::uint16_t> modes[] = {{2, 1200}, {2, 6020}, {6, 8730}, {8, 9480}};
  for (const std::int32_t nof_prb : {51, 106, 273}) {
    for (const auto& [layers, ports] : {std::pair{1, 1}, std::pair{1, 4}, std::pair{2, 4}, std::pair{4, 4}}) {
      for (const auto& [qm, rate] : modes) {
        run_case({nof_prb, layers, ports, qm, rate}, nof_repetitions);
      }
    }
  }
  return 0;
}
