// SPDX-License-Identifier: Apache-2.0
// ctest: property unit
#include "tests/phy/presence_link.h"
#include <doctest/doctest.h>
#include <limits>

using namespace pado;

TEST_CASE("presence: noise is taken for DM-RS once in a hundred slots")
{
  struct point {
    int nof_prb, nof_ports;
    std::vector<int> layers;
    int nof_slots;
  };
  // Binomial limits of three standard deviations around the least and the greatest rate of bench/dtx_bench.
  for (const point& p : {point{1, 1, {0}, 1500},
                         point{4, 2, {0}, 1000},
                         point{16, 2, {0}, 400},
                         point{16, 1, {0, 1}, 400},
                         point{51, 1, {0}, 300}}) {
    CAPTURE(p.nof_prb);
    CAPTURE(p.nof_ports);
    CAPTURE(p.layers.size());
    test::pusch_link link = test::silent_link(p.nof_prb, p.nof_ports, p.layers);
    const double rate = test::share_present(link, p.nof_slots);
    const double greatest = 0.03;
    CHECK(rate <= greatest + 3.0 * std::sqrt(greatest / p.nof_slots));
    if (p.nof_slots >= 1000) {
      CHECK(rate > 0.0); // the threshold is not simply high
    }
  }
}

TEST_CASE("presence: DM-RS are found at the SNR at which MCS 0 begins to decode, and far below a strong one")
{
  struct point {
    int nof_prb, nof_ports;
    double snr_db;
    double least; ///< share of slots
  };
  for (const point& p : {point{4, 1, -4.0, 0.99},
                         point{16, 1, -6.0, 0.999},
                         point{51, 1, -7.0, 0.999},
                         point{51, 4, -12.0, 0.999}}) {
    CAPTURE(p.nof_prb);
    CAPTURE(p.nof_ports);
    test::pusch_link link(
        test::basic(p.nof_ports, p.snr_db, test::flat_ue({0, p.nof_prb}, {0}, 2, p.nof_ports, 3, 200e-9)));
    CHECK(test::share_present(link, 120) >= p.least);
  }
}

TEST_CASE("presence: silence without noise is silence, and nothing received is no silence")
{
  test::pusch_link link = test::silent_link(8, 1, {0});
  std::fill(link.config_.noise.begin(), link.config_.noise.end(), 0.0);
  link.add_noise(1);
  link.run_ls();
  link.run_estimate();
  CHECK_FALSE(phy::is_dmrs_present(link.info(0).presence));

  test::pusch_link lost(test::basic(1, 20.0, test::flat_ue({0, 8}, {0}, 2, 1, 3)));
  lost.received.assign(14 * 8, 0);
  lost.run_ls();
  lost.run_estimate();
  CHECK(phy::is_dmrs_present(lost.info(0).presence));
}

TEST_CASE("presence: the threshold falls with what is known, and is none where nothing can be told")
{
  float last = std::numeric_limits<float>::max();
  for (float freedom : {1.2F, 3.0F, 12.0F, 40.0F, 300.0F}) {
    const float threshold = phy::presence_threshold({0.0F, freedom, freedom, 20.0F * freedom});
    CHECK(threshold < last);
    CHECK(threshold > 1.0F);
    last = threshold;
  }
  CHECK(phy::presence_threshold({0.0F, 1.2F, 1.2F, 0.1F}) == 0.0F);
  CHECK(phy::presence_threshold({}) == 0.0F);
}
