// SPDX-License-Identifier: Apache-2.0
// ctest: property
// links: pado_mac
#include "tests/pipeline/lost_messages.h"
#include <doctest/doctest.h>

using namespace pado;

namespace {

bool is_decoded(const test::scene& scene, const slot_report& report)
{
  return report.pusch[0].tb_crc_ok && report.pusch[0].payload == scene.payloads[0];
}

const ch16 garbage = to_ch16({30.0F, -30.0F});

} // namespace

TEST_CASE("slot_pipeline: a DM-RS symbol lost on one port costs the lost energy, not the block")
{
  const auto limits = test::limits_of(51, 2);
  const auto scene =
      test::make_scene(limits, {0, 4}, {{test::pdu_with(0, 51, 6, 6660), 0.3e-6F, 100.0F}}, 20.0F, 3);
  test::receiver<backend::cpu> receiver(limits);
  const slot_report all = receiver.run(scene);
  REQUIRE(is_decoded(scene, all));
  for (const std::int32_t symbol : {2, 11}) {
    for (const std::int32_t port : {0, 1}) {
      test::lost_messages lost(scene, 51);
      lost.lose_prbs(port, symbol, {0, 51}, garbage);
      const slot_report some = receiver.run(lost.slot_of(scene), scene.plan);
      CAPTURE(symbol);
      CAPTURE(port);
      CHECK(is_decoded(scene, some));
      // The symbol carries no data, so what is lost is a part of the average that the estimate is.
      CHECK(some.pusch[0].sinr_db == doctest::Approx(all.pusch[0].sinr_db).epsilon(0.01));
      CHECK(some.pusch[0].noise_db == doctest::Approx(all.pusch[0].noise_db).epsilon(0.015));
      CHECK(some.pusch[0].rsrp_db == doctest::Approx(all.pusch[0].rsrp_db).scale(1.0).epsilon(0.1));
      CHECK(some.pusch[0].ta_us == doctest::Approx(all.pusch[0].ta_us).epsilon(0.03));
      CHECK(some.pusch[0].cfo_hz == doctest::Approx(all.pusch[0].cfo_hz).epsilon(0.1));
    }
  }
}

TEST_CASE("slot_pipeline: with one of two ports lost on both DM-RS symbols the other one decodes, 3 dB worse")
{
  const auto limits = test::limits_of(51, 2);
  const auto scene = test::make_scene(limits, {0, 4}, {{test::pdu_with(0, 51, 4, 6020)}}, 15.0F, 3);
  test::receiver<backend::cpu> receiver(limits);
  const float all_db = receiver.run(scene).pusch[0].sinr_db;
  test::lost_messages lost(scene, 51);
  lost.lose_prbs(0, 2, {0, 51}, garbage);
  lost.lose_prbs(0, 11, {0, 51}, garbage);
  const slot_report some = receiver.run(lost.slot_of(scene), scene.plan);
  CHECK(is_decoded(scene, some));
  CHECK(some.pusch[0].sinr_db == doctest::Approx(all_db - 3.0F).epsilon(0.02));
  CHECK(some.pusch[0].noise_db == doctest::Approx(-15.0).epsilon(0.03));
}

TEST_CASE("slot_pipeline: a data symbol lost on all ports decodes at a low rate and counts as unheard")
{
  const auto limits = test::limits_of(51, 2);
  const auto scene = test::make_scene(limits, {0, 4}, {{test::pdu_with(0, 51, 2, 3080)}}, 10.0F, 3);
  test::receiver<backend::cpu> receiver(limits);
  const double all_db = static_cast<double>(receiver.run(scene).pusch[0].sinr_db);
  test::lost_messages lost(scene, 51);
  for (const std::int32_t symbol : {5, 6, 7}) {
    lost.lose_prbs(0, symbol, {0, 51}, garbage);
    lost.lose_prbs(1, symbol, {0, 51}, garbage);
  }
  const slot_report some = receiver.run(lost.slot_of(scene), scene.plan);
  CHECK(is_decoded(scene, some));
  // The mean over 12 data symbols of log2(1 + SINR), 3 of them with nothing.
  const double capacity = 9.0 / 12.0 * std::log2(1.0 + std::pow(10.0, 0.1 * all_db));
  const double expected_db = 10.0 * std::log10(std::exp2(capacity) - 1.0);
  CHECK(static_cast<double>(some.pusch[0].sinr_db) == doctest::Approx(expected_db).epsilon(0.01));
}

TEST_CASE("slot_pipeline: losing 1 % of the messages costs nearly no block that a genie would decode")
{
  const auto limits = test::limits_of(273, 4);
  const std::uint32_t dmrs = 1U << 2U | 1U << 11U;
  const auto scene =
      test::make_scene(limits, {0, 4}, {{test::pdu_with(0, 273, 6, 7700, 3), 0.2e-6F, 100.0F}}, 20.0F, 1);
  test::receiver<backend::cpu> receiver(limits);
  int nof_slots = 0;
  int nof_failed = 0;
  // Slots in which a DM-RS symbol is hit: the others are no test of the estimate.
  for (std::uint32_t seed = 1; nof_slots < 8; ++seed) {
    test::lost_messages lost(scene, 52);
    lost.lose(1.0, seed);
    if (lost.nof_missing(dmrs) == 0) {
      continue;
    }
    ++nof_slots;
    if (is_decoded(scene, receiver.run(lost.slot_of(scene), scene.plan))) {
      continue;
    }
    lost.restore(scene, dmrs);
    CAPTURE(seed);
    nof_failed += is_decoded(scene, receiver.run(lost.slot_of(scene), scene.plan)) ? 1 : 0;
  }
  CHECK(nof_failed == 0);
}
