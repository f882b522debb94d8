// SPDX-License-Identifier: Apache-2.0
// ctest: property
// links: pado_mac
#include "tests/pipeline/scene.h"
#include <doctest/doctest.h>
#include <initializer_list>

using namespace pado;

namespace {

phy::slot_limits limits_of(std::int32_t nof_prb, std::int32_t nof_ports)
{
  phy::slot_limits limits;
  limits.scs = {1};
  limits.nof_prb = nof_prb;
  limits.nof_rx_ports = nof_ports;
  return limits;
}

void check_all_decoded(const test::scene& scene, const slot_report& report)
{
  REQUIRE(report.pusch.size() == scene.payloads.size());
  for (std::size_t i = 0; i < scene.payloads.size(); ++i) {
    CAPTURE(i);
    CAPTURE(report.pusch[i].sinr_db);
    CHECK(report.pusch[i].tb_crc_ok);
    CHECK(report.pusch[i].payload == scene.payloads[i]);
  }
}

} // namespace

TEST_CASE("slot_pipeline: every modulation and number of layers decodes to the bytes that were sent")
{
  struct one {
    std::uint8_t qm;
    std::uint16_t rate;
    std::uint16_t ports;
    float snr_db;
  };
  for (const one& c :
       {one{2, 1200, 1, 5.0F}, one{4, 6580, 3, 18.0F}, one{6, 8220, 5, 25.0F}, one{8, 9480, 15, 40.0F}}) {
    CAPTURE(int{c.qm});
    const auto limits = limits_of(51, 4);
    auto pdu = test::pdu_with(13, 24, c.qm, c.rate, c.ports);
    test::receiver<backend::cpu> receiver(limits);
    const auto scene = test::make_scene(limits, {3, 7}, {{pdu, 0.2e-6F, 60.0F}}, c.snr_db, c.qm);
    check_all_decoded(scene, receiver.run(scene));
  }
}

TEST_CASE(
    "slot_pipeline: several UEs side by side and on the same PRBs decode, each with its own delay and offset")
{
  const auto limits = limits_of(106, 4);
  const std::vector<test::scene_ue> ues = {{test::pdu_with(0, 40, 4, 4340, 1), 0.3e-6F, 100.0F},
                                           {test::pdu_with(0, 40, 2, 3080, 2), -0.2e-6F, -150.0F},
                                           {test::pdu_with(40, 1, 2, 3080, 4), 0.0F, 0.0F},
                                           {test::pdu_with(41, 65, 6, 6660, 1), 0.1e-6F, 30.0F}};
  test::receiver<backend::cpu> receiver(limits);
  const auto scene = test::make_scene(limits, {1023, 19}, ues, 28.0F, 5);
  check_all_decoded(scene, receiver.run(scene));
}

TEST_CASE("slot_pipeline: SINR, delay and carrier offset are reported as they are")
{
  const auto limits = limits_of(106, 2);
  test::receiver<backend::cpu> receiver(limits);
  const auto scene =
      test::make_scene(limits, {0, 4}, {{test::pdu_with(0, 106, 2, 3080), 0.4e-6F, 300.0F, 2.0F}}, 10.0F, 9);
  const slot_report report = receiver.run(scene);
  check_all_decoded(scene, report);
  CHECK(report.pusch[0].ta_us == doctest::Approx(0.4).epsilon(0.05));
  CHECK(report.pusch[0].cfo_hz == doctest::Approx(300.0).epsilon(0.05));
  CHECK(report.pusch[0].rsrp_db == doctest::Approx(6.02).epsilon(0.05));
  CHECK(report.pusch[0].noise_db == doctest::Approx(-10.0).epsilon(0.08));
  // Two ports at 16 dB each.
  CHECK(report.pusch[0].sinr_db == doctest::Approx(19.0).epsilon(0.04));
}

TEST_CASE("slot_pipeline: two transmissions combine where neither decodes alone")
{
  const auto limits = limits_of(51, 1);
  auto pdu = test::pdu_with(0, 51, 4, 6580);
  test::receiver<backend::cpu> receiver(limits);
  const auto first = test::make_scene(limits, {0, 4}, {{pdu}}, 6.5F, 1);
  CHECK_FALSE(receiver.run(first).pusch[0].tb_crc_ok);
  pdu.new_data = false;
  pdu.rv_index = 2;
  const auto second = test::make_scene(limits, {0, 14}, {{pdu}}, 6.5F, 2, first.payloads);
  const slot_report report = receiver.run(second);
  CHECK(report.pusch[0].combined);
  check_all_decoded(second, report);
  test::receiver<backend::cpu> fresh(limits);
  CHECK_FALSE(fresh.run(second).pusch[0].tb_crc_ok);
}

TEST_CASE("slot_pipeline: noise alone passes no CRC and is not believed")
{
  const auto limits = limits_of(51, 2);
  test::receiver<backend::cpu> receiver(limits);
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    auto scene =
        test::make_scene(limits, {0, 4}, {{test::pdu_with(0, 51, 2, 3080), 0.0F, 0.0F, 0.0F}}, 0.0F, seed);
    const slot_report report = receiver.run(scene);
    CHECK_FALSE(report.pusch[0].tb_crc_ok);
    CHECK(report.pusch[0].sinr_db < -3.0F);
  }
}

TEST_CASE("slot_pipeline: a missing port costs decibels, not the block; all ports missing cost the REs")
{
  const auto limits = limits_of(51, 2);
  auto scene = test::make_scene(limits, {0, 4}, {{test::pdu_with(0, 51, 2, 3080)}}, 10.0F, 3);
  std::vector<std::uint8_t> received(2 * 14 * 51, 1);
  const view<std::uint8_t, 3> mask(received.data(), 2, 14, 51);
  // Symbol 5 of port 0 and symbol 8 of both ports never came: what lies in the grid there must not be used.
  for (int port = 0; port < 2; ++port) {
    for (int symbol : {5, 8}) {
      if (symbol == 5 && port == 1) {
        continue;
      }
      for (int prb = 0; prb < 51; ++prb) {
        mask(port, symbol, prb) = 0;
        for (int k = 0; k < 12; ++k) {
          scene.grid[static_cast<std::size_t>((port * 14 + symbol) * 612 + 12 * prb + k)] =
              to_ch16({30.0F, -30.0F});
        }
      }
    }
  }
  test::receiver<backend::cpu> receiver(limits);
  uplink_slot slot;
  slot.slot = scene.plan.slot;
  slot.grid = scene.as_view();
  slot.received = mask;
  check_all_decoded(scene, receiver.run(slot, scene.plan));
}

TEST_CASE("slot_pipeline: refused and unsupported PDUs are named, the others decode")
{
  const auto limits = limits_of(51, 1);
  auto scene = test::make_scene(limits, {0, 4}, {{test::pdu_with(0, 20, 2, 3080)}}, 15.0F, 3);
  auto plan = scene.plan;
  auto outside = test::pdu_with(40, 20, 2, 3080);
  plan.pusch.push_back(outside);
  plan.unsupported.push_back({"PUCCH", "format 1", 7});
  pipeline::slot_pipeline_config config;
  config.limits = limits;
  const auto checked = pipeline::plan_slot_pipeline(config).value();
  pipeline::harq_pool pool(8);
  buffer<std::int8_t> soft(static_cast<std::size_t>(pool.memory_bytes()));
  const steady_clock time;
  pipeline::slot_pipeline<backend::cpu> pipeline(
      checked, soft.as(static_cast<std::int32_t>(soft.size())), time);
  uplink_slot slot;
  slot.slot = plan.slot;
  slot.grid = scene.as_view();
  slot_report report;
  const std::vector<phy::harq_place> places = {{0, false}, {0, false}};
  pipeline.run(slot, plan, places, report);
  REQUIRE(report.pusch.size() == 1);
  CHECK(report.pusch[0].tb_crc_ok);
  REQUIRE(report.unsupported.size() == 2);
  CHECK(report.unsupported[0].kind == "PUCCH");
  CHECK(report.unsupported[1].kind == "PUSCH");
}
