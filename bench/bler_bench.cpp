// SPDX-License-Identifier: Apache-2.0
// links: pado_mac
// Block error rate over AWGN, 51 PRB, one layer, one port, channel known only through DM-RS on symbols 2
// and 11.
//   bler_bench [SLOTS_PER_POINT]
// Prints one JSON line a point, then the SNR of 10 % BLER of each case, interpolated between points.
#include "tests/pipeline/scene.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace pado;

namespace {

struct bler_case {
  const char* name;
  std::uint8_t qam_mod_order;
  std::uint16_t target_code_rate;
  std::int32_t max_iterations;
  float first_db;
  float last_db;
  float peer_db; ///< the best peer's 10 % point at the same number of iterations
};

double run_point(const bler_case& c, float snr_db, int nof_slots)
{
  phy::slot_limits limits;
  limits.scs = {1};
  limits.nof_prb = 51;
  limits.nof_rx_ports = 1;
  limits.max_ldpc_iterations = c.max_iterations;
  limits.max_pdus = 1;
  const auto pdu = test::pdu_with(0, 51, c.qam_mod_order, c.target_code_rate);
  test::receiver<backend::cpu> receiver(limits);
  int nof_failed = 0;
  for (int slot = 0; slot < nof_slots; ++slot) {
    const test::scene scene = test::make_scene(
        limits, {slot % 1024, slot % 20}, {{pdu}}, snr_db, static_cast<std::uint32_t>(slot + 1));
    const slot_report report = receiver.run(scene);
    nof_failed += report.pusch[0].tb_crc_ok && report.pusch[0].payload == scene.payloads[0] ? 0 : 1;
  }
  return static_cast<double>(nof_failed) / nof_slots;
}

void run_case(const bler_case& c, int nof_slots)
{
  double crossing_db = -99.0;
  double last_bler = 1.0;
  constexpr float step_db = 0.1F;
  for (float snr_db = c.first_db; snr_db <= c.last_db + 0.01F; snr_db += step_db) {
    const double bler = run_point(c, snr_db, nof_slots);
    std::printf(
        "{\"bench\":\"bler\",\"case\":\"%s\",\"iterations\":%d,\"snr_db\":%.2f,\"slots\":%d,\"bler\":%.4f}\n",
        c.name,
        c.max_iterations,
        static_cast<double>(snr_db),
        nof_slots,
        bler);
    std::fflush(stdout);
    if (last_bler > 0.1 && bler <= 0.1) {
      crossing_db =
          static_cast<double>(snr_db) - static_cast<double>(step_db) * (0.1 - bler) / (last_bler - bler);
    }
    last_bler = bler;
    if (bler == 0.0) {
      break;
    }
  }
  std::printf("{\"bench\":\"bler\",\"case\":\"%s\",\"iterations\":%d,\"snr_at_10_percent_db\":%.2f,\"peer_"
              "db\":%.2f}\n",
              c.name,
              c.max_iterations,
              crossing_db,
              static_cast<double>(c.peer_db));
  std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv)
{
  const int nof_slots = argc > 1 ? std::max(10, std::atoi(argv[1])) : 500;
  for (const bler_case& c : {bler_case{"QPSK R 0.588", 2, 6020, 10, 2.0F, 3.4F, 2.85F},
                             bler_case{"64QAM R 0.853", 6, 8730, 10, 17.2F, 18.6F, 18.15F},
                             bler_case{"QPSK R 0.588", 2, 6020, 6, 2.4F, 4.0F, 3.45F},
                             bler_case{"64QAM R 0.853", 6, 8730, 6, 17.4F, 19.0F, 18.6F}}) {
    run_case(c, nof_slots);
  }
  return 0;
}
