// SPDX-License-Identifier: Apache-2.0
// ctest: unit property equivalence
#include "core/stage.h"
#include "tests/phy/estimate_in_order.h"
#include "tests/phy/pusch_link.h"
#include "tests/support/allocation_count.h"
#include <doctest/doctest.h>

using namespace pado;
using namespace pado::test;

static_assert(stage<phy::channel_estimate<backend::cpu>, backend::cpu>);
static_assert(stage<phy::channel_estimate<backend::cuda>, backend::cuda>);

namespace {

/// Mean noise over ports, dB.
double noise_db(const pusch_link& link, int ue)
{
  double sum = 0.0;
  for (int port = 0; port < link.config_.nof_rx_ports; ++port) {
    sum += static_cast<double>(link.info(ue).noise[port]) / link.config_.nof_rx_ports;
  }
  return db(sum);
}

} // namespace

TEST_CASE("channel_estimate: a flat channel is returned on every subcarrier")
{
  for (const int nof_prb : {1, 2, 5, 8, 9, 60}) {
    for (const int delta : {0, 1}) {
      CAPTURE(nof_prb);
      CAPTURE(delta);
      pusch_link link(basic(2, 200.0, flat_ue({0, nof_prb}, {2 * delta}, 2, 2, 5)));
      link.receive();
      CHECK(db(link.estimate_error(0)) < -60.0); // the grid's half floats: 2^-11
      CHECK(link.info(0).coherence > 0.9999F);
      CHECK(link.info(0).rsrp == doctest::Approx(1.0).epsilon(0.002));
    }
  }
}

TEST_CASE("channel_estimate: a delay is found, named and kept in the estimate")
{
  for (const double delay_us : {-1.0, -0.3, 0.0, 0.5, 1.0}) {
    for (const int nof_prb : {1, 3, 8, 51}) {
      CAPTURE(delay_us);
      CAPTURE(nof_prb);
      pusch_link link(basic(2, 30.0, flat_ue({3, 3 + nof_prb}, {0}, 2, 2, 9, delay_us * 1e-6)));
      link.receive();
      CHECK(std::abs(static_cast<double>(link.info(0).ta_s) * 1e6 - delay_us) < (nof_prb == 1 ? 0.1 : 0.02));
      CHECK(db(link.estimate_error(0)) < -30.0);
    }
  }
}

TEST_CASE("channel_estimate: a carrier offset is found and follows the symbol times, long prefixes too")
{
  for (const int mu : {0, 1, 2}) {
    for (int slot = 0; slot < (1 << mu); ++slot) {
      link_config config = basic(2, 30.0, flat_ue({0, 20}, {0}, 2, 2, 11, 2e-7, 400.0));
      config.mu = mu;
      config.slot_in_subframe = slot;
      config.dmrs_symbols = {2, 7, 11};
      pusch_link link(config);
      link.receive();
      CAPTURE(mu);
      CAPTURE(slot);
      CHECK(std::abs(link.info(0).cfo_hz - 400.0F) < 3.0F);
      CHECK(link.info(0).is_static == 1.0F);
      CHECK(db(link.estimate_error(0)) < -38.0);
    }
  }
}

TEST_CASE(
    "channel_estimate: noise is told within 0.5 dB from 4 PRB on and within 1.5 dB below, at 0 to 40 dB")
{
  for (const double snr_db : {0.0, 10.0, 20.0, 30.0, 40.0}) {
    for (const int nof_prb : {1, 2, 4, 20}) {
      for (const int nof_layers : {1, 2}) {
        double sum = 0.0;
        const int trials = nof_prb <= 2 ? 6 : 2;
        for (int trial = 0; trial < trials; ++trial) {
          link_config config = basic(8,
                                     snr_db,
                                     flat_ue({0, nof_prb},
                                             nof_layers == 1 ? std::vector<int>{0} : std::vector<int>{0, 1},
                                             2,
                                             8,
                                             20 + trial,
                                             1e-7));
          config.seed = static_cast<unsigned>(40 + trial);
          pusch_link link(config);
          link.run_ls();
          link.run_estimate();
          sum += std::pow(10.0, 0.1 * noise_db(link, 0)) / trials;
        }
        CAPTURE(snr_db);
        CAPTURE(nof_prb);
        CAPTURE(nof_layers);
        CHECK(std::abs(db(sum) + snr_db) < (nof_prb < 4 ? 1.5 : 0.5));
      }
    }
  }
}

TEST_CASE("channel_estimate: ports with unequal noise are told apart")
{
  link_config config = basic(2, 20.0, flat_ue({0, 30}, {0}, 2, 2, 3));
  config.noise[1] = 0.1;
  pusch_link link(config);
  link.receive();
  CHECK(std::abs(db(static_cast<double>(link.info(0).noise[0])) + 20.0) < 0.6);
  CHECK(std::abs(db(static_cast<double>(link.info(0).noise[1])) + 10.0) < 0.6);
}

TEST_CASE("channel_estimate: layers of one CDM group are separated over 300 ns of delay spread")
{
  for (const double delay_us : {-1.0, 0.0, 1.0}) {
    pusch_link link(basic(4, 30.0, fading_ue({0, 40}, {0, 1}, 6, 4, 17, 300e-9, 0.0, delay_us * 1e-6)));
    link.receive();
    CAPTURE(delay_us);
    CHECK(db(link.estimate_error(0)) < -37.0);
  }
}

TEST_CASE("channel_estimate: two UEs on one CDM group keep their own delays and carrier offsets")
{
  link_config config = basic(4, 30.0, flat_ue({0, 60}, {0}, 4, 4, 1, 1e-6, 200.0));
  config.ues.push_back(flat_ue({0, 60}, {1}, 4, 4, 2, -1e-6, -300.0));
  pusch_link link(config);
  link.receive();
  CHECK(std::abs(link.info(0).cfo_hz - 200.0F) < 3.0F);
  CHECK(std::abs(link.info(1).cfo_hz + 300.0F) < 3.0F);
  CHECK(std::abs(link.info(0).ta_s - 1e-6F) < 0.01e-6F);
  CHECK(std::abs(link.info(1).ta_s + 1e-6F) < 0.01e-6F);
  CHECK(db(link.estimate_error(0)) < -36.0);
  CHECK(db(link.estimate_error(1)) < -36.0);
}

TEST_CASE("channel_estimate: the mean is used while the channel holds still, lines when Doppler moves it")
{
  pusch_link still(basic(2, 20.0, fading_ue({0, 50}, {0}, 4, 2, 3, 100e-9, 0.0)));
  still.receive();
  CHECK(still.info(0).is_static == 1.0F);
  pusch_link moving(basic(2, 20.0, fading_ue({0, 50}, {0}, 4, 2, 3, 100e-9, 200.0)));
  moving.receive();
  CHECK(moving.info(0).is_static == 0.0F);
  CHECK(db(moving.estimate_error(0, 2, 12)) < -27.0);
  for (int l = 0; l < 14; ++l) {
    float sum = 0.0F;
    for (const float weight : moving.info(0).weight[l]) {
      sum += weight;
    }
    CHECK(sum == doctest::Approx(1.0));
  }
}

TEST_CASE("channel_estimate: backward order and the run-time choice give what the body gives")
{
  link_config config = basic(2, 15.0, fading_ue({0, 24}, {0, 1}, 4, 2, 3, 200e-9, 0.0));
  config.ues.push_back(flat_ue({4, 15}, {2}, 2, 2, 4));
  pusch_link link(config);
  link.receive();
  for (const visit order : {visit::forward, visit::backward}) {
    const auto [h, info] = estimate_in_order(link, 2, order);
    for (std::size_t i = 0; i < h.size(); ++i) {
      const cf32 other = link.h_view().data()[i];
      REQUIRE(std::abs(h[i].re - other.re) < 2e-4F);
      REQUIRE(std::abs(h[i].im - other.im) < 2e-4F);
    }
    CHECK(info[0].noise[0] == doctest::Approx(link.info(0).noise[0]).epsilon(1e-3));
    CHECK(info[1].cfo_hz == doctest::Approx(link.info(1).cfo_hz).epsilon(1e-2));
    CHECK(info[0].ta_s == doctest::Approx(link.info(0).ta_s).epsilon(1e-3));
  }
}

TEST_CASE("channel_estimate: run() does not allocate")
{
  pusch_link link(basic(2, 15.0, flat_ue({0, 10}, {0}, 4, 2, 3)));
  link.run_ls();
  const std::int64_t before = allocation_count();
  link.run_estimate();
  CHECK(allocation_count() == before);
}

TEST_CASE("channel_estimate: the plan names what it refuses")
{
  const phy::channel_estimate_config good = {{1}, 4, 273, 8};
  CHECK(phy::plan_channel_estimate(good));
  auto bad = good;
  bad.scs.mu = 5;
  CHECK(phy::plan_channel_estimate(bad).failure().text() == "channel_estimate.scs.mu is 5, must be in 0..4");
  bad = good;
  bad.nof_rx_ports = 9;
  CHECK(phy::plan_channel_estimate(bad).failure().text() ==
        "channel_estimate.nof_rx_ports is 9, must be in 1..8");
  bad = good;
  bad.max_prb = 276;
  CHECK(phy::plan_channel_estimate(bad).failure().text() ==
        "channel_estimate.max_prb is 276, must be in 1..275");
  bad = good;
  bad.max_tasks = 0;
  CHECK(phy::plan_channel_estimate(bad).failure().text() ==
        "channel_estimate.max_tasks is 0, must be in 1..1024");
}
