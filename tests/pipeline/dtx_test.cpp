// SPDX-License-Identifier: Apache-2.0
// ctest: property
// links: pado_mac
#include "mac/mcs/mcs_table.h"
#include "tests/pipeline/scene.h"
#include <doctest/doctest.h>

using namespace pado;

namespace {

test::scene
scene_of(const phy::slot_limits& limits, const pusch_pdu& pdu, float amplitude, float snr_db, int slot)
{
  test::scene_ue ue;
  ue.pdu = pdu;
  ue.amplitude = amplitude;
  return test::make_scene(limits, {0, slot % 20}, {ue}, snr_db, static_cast<std::uint32_t>(slot + 1));
}

} // namespace

TEST_CASE(
    "dtx: a PUSCH that was not sent is one, whatever the noise; one that was sent is none, decoded or not")
{
  const phy::slot_limits limits = test::limits_of(20, 2);
  const pusch_pdu pdu = test::pdu_with(0, 20, 4, 6580);
  test::receiver<backend::cpu> receiver(limits);
  int nof_dtx = 0;
  for (int slot = 0; slot < 20; ++slot) {
    const float snr_db = slot % 2 == 0 ? 30.0F : 0.0F; // of the noise alone
    const slot_report silent = receiver.run(scene_of(limits, pdu, 0.0F, snr_db, slot));
    CHECK_FALSE(silent.pusch[0].tb_crc_ok);
    nof_dtx += silent.pusch[0].dtx ? 1 : 0;
    const slot_report failed = receiver.run(scene_of(limits, pdu, 1.0F, 2.0F, slot));
    CHECK_FALSE(failed.pusch[0].tb_crc_ok);
    CHECK_FALSE(failed.pusch[0].dtx);
    const slot_report decoded = receiver.run(scene_of(limits, pdu, 1.0F, 25.0F, slot));
    CHECK(decoded.pusch[0].tb_crc_ok);
    CHECK_FALSE(decoded.pusch[0].dtx);
  }
  CHECK(nof_dtx >= 18); // of 20, at a false alarm rate of 1 %
}

TEST_CASE("dtx: MCS 0 where it half decodes is not taken for silence")
{
  struct point {
    int nof_prb, nof_ports;
    float snr_db; ///< where half the blocks fail (bench/dtx_bench)
  };
  for (const point& p : {point{4, 1, -5.5F}, point{16, 2, -9.5F}, point{51, 1, -7.0F}}) {
    CAPTURE(p.nof_prb);
    const phy::slot_limits limits = test::limits_of(p.nof_prb, p.nof_ports);
    const mac::mcs_entry lowest = mac::mcs_of(0, 0);
    const pusch_pdu pdu = test::pdu_with(0, p.nof_prb, lowest.qam_mod_order, lowest.target_code_rate());
    test::receiver<backend::cpu> receiver(limits);
    int nof_failed = 0;
    int nof_dtx = 0;
    for (int slot = 0; slot < 30; ++slot) {
      const slot_report report = receiver.run(scene_of(limits, pdu, 1.0F, p.snr_db, slot));
      nof_failed += report.pusch[0].tb_crc_ok ? 0 : 1;
      nof_dtx += report.pusch[0].dtx ? 1 : 0;
    }
    CHECK(nof_failed >= 3);
    CHECK(nof_dtx <= 1);
  }
}

TEST_CASE("dtx: a retransmission after silence begins anew, after a failure it is combined")
{
  const phy::slot_limits limits = test::limits_of(20, 2);
  pusch_pdu first = test::pdu_with(0, 20, 4, 6580);
  pusch_pdu again = first;
  again.new_data = false;
  for (const float amplitude : {0.0F, 1.0F}) {
    test::receiver<backend::cpu> receiver(limits);
    const slot_report lost = receiver.run(scene_of(limits, first, amplitude, 2.0F, 1));
    REQUIRE_FALSE(lost.pusch[0].tb_crc_ok);
    REQUIRE(lost.pusch[0].dtx == (amplitude == 0.0F));
    const slot_report next = receiver.run(scene_of(limits, again, 1.0F, 25.0F, 2));
    CHECK(next.pusch[0].tb_crc_ok); // so much stronger that a stale block does not matter
    CHECK(next.pusch[0].combined == (amplitude > 0.0F));
  }
}
