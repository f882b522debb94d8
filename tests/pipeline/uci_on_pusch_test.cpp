// SPDX-License-Identifier: Apache-2.0
// ctest: property
// links: pado_mac
#include "tests/pipeline/scene.h"
#include "tests/support/allocation_count.h"
#include <doctest/doctest.h>

using namespace pado;

namespace {

void check_part(const uci_report& found, const std::vector<std::uint8_t>& sent)
{
  CHECK(found.bits == sent);
  CHECK(found.is_ok == !sent.empty());
  CHECK(found.has_crc == (sent.size() > 11));
}

void check_scene(const slot_report& report, const test::scene& scene)
{
  REQUIRE(report.pusch.size() == scene.plan.pusch.size());
  CHECK(report.unsupported.empty());
  for (std::size_t i = 0; i < report.pusch.size(); ++i) {
    CAPTURE(i);
    const pusch_report& pusch = report.pusch[i];
    CHECK(pusch.tb_crc_ok);
    CHECK(pusch.payload == scene.payloads[i]);
    check_part(pusch.harq_ack, scene.uci[i].harq_ack);
    check_part(pusch.csi1, scene.uci[i].csi1);
    check_part(pusch.csi2, scene.uci[i].csi2);
  }
}

} // namespace

TEST_CASE("uci: HARQ-ACK and CSI of every coding come back beside the block, with every modulation")
{
  const auto limits = test::limits_of(24, 2);
  test::receiver<backend::cpu> receiver(limits);
  std::uint32_t seed = 0;
  for (const pusch_uci& uci : {pusch_uci{1, 0, 0, 3, 9, 6, 6},
                               pusch_uci{2, 0, 0, 3, 11, 6, 6},
                               pusch_uci{3, 0, 0, 2, 7, 6, 6},
                               pusch_uci{11, 1, 2, 3, 5, 12, 12},
                               pusch_uci{0, 4, 0, 3, 9, 6, 6},
                               pusch_uci{1, 20, 0, 3, 9, 6, 6},
                               pusch_uci{2, 11, 30, 3, 9, 6, 6},
                               pusch_uci{12, 19, 61, 3, 3, 6, 6}}) {
    for (const std::uint8_t qm : {std::uint8_t{2}, std::uint8_t{4}, std::uint8_t{6}, std::uint8_t{8}}) {
      const std::uint16_t ports = seed % 2 == 0 ? 1 : 3;
      CAPTURE(seed);
      CAPTURE(uci.harq_ack_bits);
      CAPTURE(uci.csi1_bits);
      pusch_pdu pdu = test::pdu_with(2, 20, qm, 4490, ports);
      pdu.uci = uci;
      const auto scene = test::make_scene(limits, {3, 7}, {{pdu, 0.1e-6F, 30.0F}}, 26.0F, seed++);
      check_scene(receiver.run(scene), scene);
    }
  }
}

TEST_CASE("uci: UEs with and without UCI share a slot, and a slot with UCI leaves nothing for the next")
{
  auto limits = test::limits_of(51, 2);
  limits.max_pdus = 4;
  test::receiver<backend::cpu> receiver(limits);
  std::vector<test::scene_ue> ues;
  for (int i = 0; i < 4; ++i) {
    ues.push_back({test::pdu_with(12 * i, 12, 4, 4900)});
    ues.back().pdu.bwp_size = 51;
  }
  ues[1].pdu.uci = {2, 0, 0, 3, 9, 6, 6};
  ues[3].pdu.uci = {5, 40, 0, 3, 9, 6, 6};
  const auto with = test::make_scene(limits, {3, 7}, ues, 20.0F, 11);
  check_scene(receiver.run(with), with);
  for (test::scene_ue& ue : ues) {
    ue.pdu.uci = {};
  }
  const auto without = test::make_scene(limits, {3, 8}, ues, 20.0F, 12);
  check_scene(receiver.run(without), without);
}

TEST_CASE("uci: a UE that sends nothing has no HARQ-ACK that is ok")
{
  const auto limits = test::limits_of(24, 2);
  test::receiver<backend::cpu> receiver(limits);
  pusch_pdu pdu = test::pdu_with(2, 20, 2, 4490);
  pdu.uci = {1, 20, 0, 3, 9, 6, 6};
  const auto scene = test::make_scene(limits, {3, 7}, {{pdu, 0.0F, 0.0F, 1e-4F}}, 0.0F, 3);
  const slot_report report = receiver.run(scene);
  REQUIRE(report.pusch.size() == 1);
  CHECK(report.pusch[0].dtx);
  CHECK_FALSE(report.pusch[0].harq_ack.is_ok);
  CHECK_FALSE(report.pusch[0].csi1.is_ok);
}

TEST_CASE("uci: a PDU whose UCI has no room is refused by name, and the others decode")
{
  auto limits = test::limits_of(24, 2);
  limits.max_pdus = 2;
  test::receiver<backend::cpu> receiver(limits);
  std::vector<test::scene_ue> ues = {{test::pdu_with(0, 1, 2, 1200)}, {test::pdu_with(2, 20, 4, 4900)}};
  auto scene = test::make_scene(limits, {3, 7}, ues, 20.0F, 4);
  scene.plan.pusch[0].uci = {0, 1706, 0, 0, 0, 18, 0};
  const slot_report report = receiver.run(scene);
  REQUIRE(report.unsupported.size() == 1);
  CHECK(report.unsupported[0].why ==
        "its transport block, UCI and soft bits do not fit together (TS 38.212, 5.2.2 and 6.3.2.4)");
  REQUIRE(report.pusch.size() == 1);
  CHECK(report.pusch[0].tb_crc_ok);
}

TEST_CASE("uci: a retransmission without UCI completes a block whose first transmission carried it")
{
  const auto limits = test::limits_of(24, 2);
  test::receiver<backend::cpu> receiver(limits);
  pusch_pdu pdu = test::pdu_with(2, 20, 4, 6020);
  pdu.uci = {8, 30, 0, 3, 9, 6, 6};
  const auto first = test::make_scene(limits, {3, 7}, {{pdu}}, 4.0F, 21);
  const slot_report alone = receiver.run(first);
  REQUIRE(alone.pusch.size() == 1);
  REQUIRE_FALSE(alone.pusch[0].tb_crc_ok);
  pdu.uci = {};
  pdu.rv_index = 2;
  pdu.new_data = false;
  const auto second = test::make_scene(limits, {3, 8}, {{pdu}}, 4.0F, 22, first.payloads);
  const slot_report both = receiver.run(second);
  CHECK(both.pusch[0].combined);
  CHECK(both.pusch[0].tb_crc_ok);
  CHECK(both.pusch[0].payload == first.payloads[0]);
}
