// SPDX-License-Identifier: Apache-2.0
// links: pado_mac
// Block error rate when fronthaul messages are lost: 273 PRB, 4 ports, 64QAM at good SNR, one UE with its own
// delay and carrier offset. A message is the PRBs of one port and symbol that fit into a frame, BFP 9.
//   fronthaul_loss_bench [SLOTS_PER_POINT]
// Prints one JSON line a point. "genie" is the same receiver with the DM-RS symbols as sent and the data
// erasures known: what only the lost energy costs.
#include "tests/pipeline/lost_messages.h"
#include "tests/pipeline/scene.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace pado;

namespace {

struct loss_case {
  const char* name;
  std::uint16_t dmrs_ports;
  std::uint16_t target_code_rate;
  float snr_db;
  std::int32_t prb_per_message; ///< 52: a frame of 1500 bytes; 273: a jumbo frame
  std::uint32_t dmrs_symbol_mask;
};

struct tally {
  int nof_failed = 0;
  double sinr_db = 0.0;
  double noise_db = 0.0;
};

void count(test::receiver<backend::cpu>& receiver,
           const test::scene& scene,
           const test::lost_messages& lost,
           tally& t)
{
  const slot_report report = receiver.run(lost.slot_of(scene), scene.plan);
  const pusch_report& pusch = report.pusch[0];
  t.nof_failed += pusch.tb_crc_ok && pusch.payload == scene.payloads[0] ? 0 : 1;
  t.sinr_db += static_cast<double>(pusch.sinr_db);
  t.noise_db += static_cast<double>(pusch.noise_db);
}

void run_case(const loss_case& c, int nof_slots)
{
  const phy::slot_limits limits = test::limits_of(273, 4);
  auto pdu = test::pdu_with(0, 273, 6, c.target_code_rate, c.dmrs_ports, c.dmrs_symbol_mask);
  std::vector<test::scene> scenes;
  // One DM-RS symbol shows no carrier offset, which must be small then.
  const float cfo_hz = c.dmrs_symbol_mask == 1U << 2U ? 10.0F : 100.0F;
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    scenes.push_back(test::make_scene(limits, {0, 4}, {{pdu, 0.2e-6F, cfo_hz}}, c.snr_db, seed));
  }
  test::receiver<backend::cpu> receiver(limits);
  for (const double percent : {0.0, 1.0, 5.0}) {
    tally real;
    tally genie;
    for (int i = 0; i < nof_slots; ++i) {
      const test::scene& scene = scenes[static_cast<std::size_t>(i) % scenes.size()];
      test::lost_messages lost(scene, c.prb_per_message);
      lost.lose(percent, static_cast<std::uint32_t>(i + 1));
      count(receiver, scene, lost, real);
      lost.restore(scene, c.dmrs_symbol_mask);
      count(receiver, scene, lost, genie);
    }
    std::printf("{\"bench\":\"fronthaul_loss\",\"case\":\"%s\",\"prb_per_message\":%d,\"loss_percent\":%.0f,"
                "\"slots\":%d,\"bler\":%.4f,\"bler_genie\":%.4f,\"sinr_db\":%.2f,\"sinr_genie_db\":%.2f,"
                "\"noise_db\":%.2f,\"noise_genie_db\":%.2f}\n",
                c.name,
                c.prb_per_message,
                percent,
                nof_slots,
                1.0 * real.nof_failed / nof_slots,
                1.0 * genie.nof_failed / nof_slots,
                real.sinr_db / nof_slots,
                genie.sinr_db / nof_slots,
                real.noise_db / nof_slots,
                genie.noise_db / nof_slots);
    std::fflush(stdout);
  }
}

} // namespace

int main(int argc, char** argv)
{
  const int nof_slots = argc > 1 ? std::max(1, std::atoi(argv[1])) : 200;
  constexpr std::uint32_t two = 1U << 2U | 1U << 11U;
  for (const std::int32_t size : {52, 273}) {
    for (const loss_case& c : {loss_case{"1 layer R 0.75", 1, 7700, 14.0F, size, two},
                               loss_case{"1 layer R 0.75, 1 DM-RS symbol", 1, 7700, 14.0F, size, 1U << 2U},
                               loss_case{"2 layers R 0.75", 3, 7700, 20.0F, size, two},
                               loss_case{"4 layers R 0.65", 15, 6660, 25.0F, size, two}}) {
      run_case(c, nof_slots);
    }
  }
  return 0;
}
