// SPDX-License-Identifier: Apache-2.0
// links: pado_mac
// How often a PUSCH that was not sent is taken for sent (false alarms of phy/channel_estimate/presence.h),
// and how often one that was sent, and could not be decoded, is taken for not sent.
//   dtx_bench [SLOTS_PER_POINT]
// Prints one JSON line a case.
#include "mac/mcs/mcs_table.h"
#include "tests/phy/presence_link.h"
#include "tests/pipeline/scene.h"
#include <cstdio>
#include <cstdlib>

using namespace pado;

namespace {

void run_noise(int nof_slots)
{
  for (const int nof_prb : {1, 2, 4, 8, 16, 51, 106}) {
    for (const int nof_ports : {1, 2, 4, 8}) {
      for (const std::vector<int>& symbols : {std::vector<int>{2}, {2, 11}, {2, 7, 11}}) {
        for (const std::vector<int>& layers : {std::vector<int>{0}, {0, 1}}) {
          if (nof_prb * nof_ports > 220) {
            continue;
          }
          test::pusch_link link = test::silent_link(nof_prb, nof_ports, layers, symbols);
          const int nof = std::max(300, nof_slots / std::max(1, nof_prb * nof_ports / 16));
          std::printf(
              "{\"bench\":\"dtx\",\"case\":\"noise\",\"prb\":%d,\"ports\":%d,\"dmrs\":%zu,\"layers\":%zu,"
              "\"slots\":%d,\"false_alarms\":%.4f}\n",
              nof_prb,
              nof_ports,
              symbols.size(),
              layers.size(),
              nof,
              test::share_present(link, nof));
          std::fflush(stdout);
        }
      }
    }
  }
}

struct outcome {
  int nof_failed = 0;
  int nof_missed = 0; ///< failed and taken for not sent
};

outcome run_sent(const phy::slot_limits& limits, const pusch_pdu& pdu, float snr_db, int nof_slots)
{
  outcome sum;
  test::receiver<backend::cpu> receiver(limits);
  for (int slot = 0; slot < nof_slots; ++slot) {
    const test::scene scene = test::make_scene(
        limits, {slot % 1024, slot % 20}, {{pdu}}, snr_db, static_cast<std::uint32_t>(slot + 1));
    const slot_report report = receiver.run(scene);
    const bool is_failed = !report.pusch[0].tb_crc_ok;
    sum.nof_failed += is_failed ? 1 : 0;
    sum.nof_missed += report.pusch[0].dtx ? 1 : 0;
  }
  return sum;
}

void run_signal(int nof_slots)
{
  for (const std::uint8_t table : {std::uint8_t{0}, std::uint8_t{2}}) {
    for (const int nof_prb : {1, 4, 16, 51}) {
      for (const int nof_ports : {1, 2, 4}) {
        const phy::slot_limits limits = test::limits_of(nof_prb, nof_ports);
        const mac::mcs_entry lowest = mac::mcs_of(table, 0);
        const pusch_pdu pdu = test::pdu_with(
            0, nof_prb, lowest.qam_mod_order, static_cast<std::uint16_t>(5 * lowest.rate_times_2048));
        for (float snr_db = -16.0F; snr_db < 6.0F; snr_db += 1.0F) {
          const outcome found = run_sent(limits, pdu, snr_db, nof_slots);
          const double bler = static_cast<double>(found.nof_failed) / nof_slots;
          if (bler < 0.97 && found.nof_failed > 0) {
            std::printf(
                "{\"bench\":\"dtx\",\"case\":\"MCS 0\",\"mcs_table\":%d,\"prb\":%d,\"ports\":%d,\"snr_"
                "db\":%.0f,\"slots\":%d,\"bler\":%.3f,\"missed\":%.4f}\n",
                table,
                nof_prb,
                nof_ports,
                static_cast<double>(snr_db),
                nof_slots,
                bler,
                static_cast<double>(found.nof_missed) / found.nof_failed);
            std::fflush(stdout);
          }
          if (bler < 0.02) {
            break;
          }
        }
      }
    }
  }
}

} // namespace

int main(int argc, char** argv)
{
  const int nof_slots = argc > 1 ? std::max(100, std::atoi(argv[1])) : 4000;
  run_noise(nof_slots);
  run_signal(std::max(100, nof_slots / 10));
  return 0;
}
