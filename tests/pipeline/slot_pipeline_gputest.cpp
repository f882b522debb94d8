// SPDX-License-Identifier: Apache-2.0
// ctest: gpu equivalence
// links: pado_mac
#include "tests/pipeline/scene.h"
#include "tests/support/on_device.h"
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

void check_equal(const slot_report& cpu, const slot_report& gpu)
{
  CHECK_FALSE(gpu.is_faulted);
  REQUIRE(cpu.pusch.size() == gpu.pusch.size());
  for (std::size_t i = 0; i < cpu.pusch.size(); ++i) {
    CAPTURE(i);
    CHECK(gpu.pusch[i].tb_crc_ok);
    CHECK(gpu.pusch[i].payload == cpu.pusch[i].payload);
    CHECK(gpu.pusch[i].harq_ack.bits == cpu.pusch[i].harq_ack.bits);
    CHECK(gpu.pusch[i].harq_ack.is_ok == cpu.pusch[i].harq_ack.is_ok);
    CHECK(gpu.pusch[i].csi1.bits == cpu.pusch[i].csi1.bits);
    CHECK(gpu.pusch[i].csi1.is_ok == cpu.pusch[i].csi1.is_ok);
    // Sums run in another order on the device; what a person reads must not change.
    CHECK(gpu.pusch[i].sinr_db == doctest::Approx(cpu.pusch[i].sinr_db).epsilon(0.01));
    CHECK(gpu.pusch[i].noise_db == doctest::Approx(cpu.pusch[i].noise_db).epsilon(0.02));
    CHECK(gpu.pusch[i].ta_us == doctest::Approx(cpu.pusch[i].ta_us).scale(1.0).epsilon(0.01));
    CHECK(gpu.pusch[i].cfo_hz == doctest::Approx(cpu.pusch[i].cfo_hz).scale(100.0).epsilon(0.02));
  }
}

} // namespace

TEST_CASE("slot_pipeline: both back ends decode the same UCI on PUSCH")
{
  if (!test::has_device()) {
    return;
  }
  for (const pusch_uci& uci :
       {pusch_uci{1, 0, 0, 3, 9, 6, 6}, pusch_uci{2, 4, 3, 3, 9, 6, 6}, pusch_uci{7, 30, 0, 3, 9, 6, 6}}) {
    const auto limits = limits_of(51, 2);
    auto pdu = test::pdu_with(3, 24, 4, 4900, 3);
    pdu.uci = uci;
    const auto scene = test::make_scene(limits, {3, 7}, {{pdu}}, 25.0F, 5);
    test::receiver<backend::cpu> cpu(limits);
    test::receiver<backend::cuda> gpu(limits);
    check_equal(cpu.run(scene), gpu.run(scene));
  }
}

TEST_CASE("slot_pipeline: both back ends decode every modulation and number of layers to the same bytes")
{
  if (!test::has_device()) {
    return;
  }
  struct one {
    std::int32_t nof_prb;
    std::uint8_t qm;
    std::uint16_t rate;
    std::uint16_t ports;
    float snr_db;
  };
  for (const one& c : {one{1, 2, 1200, 1, 10.0F},
                       one{24, 4, 6580, 3, 18.0F},
                       one{106, 6, 8220, 5, 25.0F},
                       one{273, 8, 9480, 15, 40.0F}}) {
    CAPTURE(c.nof_prb);
    const auto limits = limits_of(273, 4);
    const auto pdu = test::pdu_with(0, c.nof_prb, c.qm, c.rate, c.ports);
    const auto scene = test::make_scene(limits, {3, 7}, {{pdu, 0.2e-6F, 60.0F}}, c.snr_db, c.qm);
    test::receiver<backend::cpu> cpu(limits);
    test::receiver<backend::cuda> gpu(limits);
    check_equal(cpu.run(scene), gpu.run(scene));
  }
}

TEST_CASE("slot_pipeline: many UEs in one slot, HARQ over two slots, on the device")
{
  if (!test::has_device()) {
    return;
  }
  const auto limits = limits_of(106, 4);
  std::vector<test::scene_ue> ues;
  for (int i = 0; i < 16; ++i) {
    ues.push_back({test::pdu_with(6 * i, 6, 4, 6580, 1), 0.02e-6F * static_cast<float>(i), 20.0F});
  }
  test::receiver<backend::cpu> cpu(limits);
  test::receiver<backend::cuda> gpu(limits);
  const auto first = test::make_scene(limits, {0, 4}, ues, 20.0F, 3);
  check_equal(cpu.run(first), gpu.run(first));
  for (auto& ue : ues) {
    ue.pdu.new_data = false;
    ue.pdu.rv_index = 2;
  }
  const auto second = test::make_scene(limits, {0, 14}, ues, 20.0F, 4, first.payloads);
  check_equal(cpu.run(second), gpu.run(second));
}
