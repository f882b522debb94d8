// SPDX-License-Identifier: Apache-2.0
// ctest: unit property equivalence
#include "tests/phy/estimate_in_order.h"
#include "tests/phy/pusch_link.h"
#include <cstring>
#include <doctest/doctest.h>

using namespace pado;
using namespace pado::test;

namespace {

/// Takes PRBs of one port and symbol away. What lies in the grid there must not be used.
void lose(pusch_link& link, int port, int symbol, prb_range prbs)
{
  const int nof_prb = link.config_.grid_prb;
  link.received.resize(static_cast<std::size_t>(link.config_.nof_rx_ports * 14 * nof_prb), 1);
  for (int prb = prbs.begin; prb < prbs.end; ++prb) {
    link.received[static_cast<std::size_t>((port * 14 + symbol) * nof_prb + prb)] = 0;
    for (int k = 12 * prb; k < 12 * prb + 12; ++k) {
      link.grid_view()(port, symbol, k) = to_ch16({20.0F, -20.0F});
    }
  }
}

void estimate(pusch_link& link)
{
  link.run_ls();
  link.run_estimate();
}

/// Mean squared error of one layer's estimate on a port and symbol, relative to the channel.
double error_on(const pusch_link& link, int port, int layer, int symbol, prb_range prbs)
{
  double error = 0.0;
  double power = 0.0;
  for (int k = 12 * prbs.begin; k < 12 * prbs.end; ++k) {
    const cd h = link.truth(0, port, layer, symbol, k);
    error += std::norm(link.estimate(0, port, layer, symbol, k) - h);
    power += std::norm(h);
  }
  return error / power;
}

/// Noise, delay, offset and power are those of the same slot with nothing missing.
void check_same_info(const phy::channel_estimate_info& all,
                     const phy::channel_estimate_info& some,
                     int nof_ports)
{
  for (int port = 0; port < nof_ports; ++port) {
    CHECK(std::abs(db(some.noise[port] / all.noise[port])) < 0.5);
  }
  CHECK(some.rsrp == doctest::Approx(all.rsrp).epsilon(0.05));
  CHECK(std::abs(some.ta_s - all.ta_s) < 25e-9F); // another part of a faded channel
  CHECK(std::abs(some.cfo_hz - all.cfo_hz) < 6.0F);
  CHECK(some.coherence == doctest::Approx(all.coherence).epsilon(0.01));
  CHECK(some.is_static == all.is_static);
}

} // namespace

TEST_CASE("channel_estimate: one DM-RS symbol lost on one port costs that port its noise average, no more")
{
  for (const auto& dmrs_ports : {std::vector<int>{0}, std::vector<int>{0, 1}}) {
    const link_config config = basic(2, 25.0, flat_ue({0, 40}, dmrs_ports, 4, 2, 7, 3e-7, 300.0));
    pusch_link all(config);
    estimate(all);
    pusch_link some(config);
    lose(some, 1, 11, {0, 40});
    estimate(some);
    CAPTURE(dmrs_ports.size());
    check_same_info(all.info(0), some.info(0), 2);
    // Half the pilots: 3 dB more error at most, on that port alone.
    CHECK(db(error_on(some, 1, 0, 5, {0, 40})) < db(error_on(all, 1, 0, 5, {0, 40})) + 5.0);
    CHECK(db(error_on(some, 1, 0, 5, {0, 40})) < -35.0);
    CHECK(db(error_on(some, 0, 0, 5, {0, 40})) < db(error_on(all, 0, 0, 5, {0, 40})) + 1.0);
  }
}

TEST_CASE("channel_estimate: PRBs lost on some DM-RS symbols come from the others, also under Doppler")
{
  for (const double doppler_hz : {0.0, 150.0}) {
    for (const auto& symbols : {std::vector<int>{2, 11}, std::vector<int>{2, 5, 8, 11}}) {
      link_config config = basic(2, 20.0, fading_ue({0, 50}, {0, 1}, 4, 2, 3, 100e-9, doppler_hz));
      config.dmrs_symbols = symbols;
      pusch_link all(config);
      estimate(all);
      pusch_link some(config);
      lose(some, 0, symbols[0], {10, 20});
      lose(some, 1, symbols[1], {30, 31});
      lose(some, 1, symbols.back(), {44, 50});
      estimate(some);
      CAPTURE(doppler_hz);
      CAPTURE(symbols.size());
      check_same_info(all.info(0), some.info(0), 2);
      CHECK(all.info(0).is_static == (doppler_hz == 0.0 ? 1.0F : 0.0F));
      // Of 2 x 50 PRBs 17 have half as much: with motion and two symbols they hold what is left.
      const double allowed_db = doppler_hz == 0.0 ? 1.0 : (symbols.size() == 2 ? 9.0 : 2.0);
      CHECK(db(some.estimate_error(0, 2, 12)) < db(all.estimate_error(0, 2, 12)) + allowed_db);
    }
  }
}

TEST_CASE("channel_estimate: where a port lost all its pilots it is absent, beside that it is as good")
{
  const link_config config = basic(2, 25.0, fading_ue({0, 60}, {0, 1}, 4, 2, 5, 100e-9, 0.0));
  pusch_link all(config);
  estimate(all);
  pusch_link some(config);
  for (const int symbol : {2, 11}) {
    lose(some, 1, symbol, {20, 35});
  }
  estimate(some);
  check_same_info(all.info(0), some.info(0), 2);
  for (int k = 12 * 20; k < 12 * 35; ++k) {
    REQUIRE(some.estimate(0, 1, 0, 5, k) == cd(0.0));
    REQUIRE(some.estimate(0, 1, 1, 5, k) == cd(0.0));
  }
  for (int layer = 0; layer < 2; ++layer) {
    CHECK(db(error_on(some, 0, layer, 5, {0, 60})) < db(error_on(all, 0, layer, 5, {0, 60})) + 1.0);
    CHECK(db(error_on(some, 1, layer, 5, {0, 12})) < db(error_on(all, 1, layer, 5, {0, 12})) + 1.0);
    // At the edge of the hole the filter has pilots on one side only.
    CHECK(db(error_on(some, 1, layer, 5, {12, 20})) < db(error_on(all, 1, layer, 5, {12, 20})) + 6.0);
    CHECK(db(error_on(some, 1, layer, 5, {35, 43})) < db(error_on(all, 1, layer, 5, {35, 43})) + 6.0);
  }
}

TEST_CASE("channel_estimate: a port without any pilots has no say")
{
  const link_config config = basic(4, 15.0, flat_ue({0, 30}, {0}, 4, 4, 5, 2e-7, 200.0));
  pusch_link some(config);
  for (const int symbol : {2, 11}) {
    lose(some, 2, symbol, {0, 30});
  }
  estimate(some);
  const phy::channel_estimate_info& info = some.info(0);
  CHECK(info.noise[2] == doctest::Approx((info.noise[0] + info.noise[1] + info.noise[3]) / 3.0F));
  CHECK(std::abs(db(static_cast<double>(info.noise[2])) + 15.0) < 0.6);
  CHECK(info.rsrp == doctest::Approx(1.0).epsilon(0.05));
  CHECK(std::abs(info.ta_s - 2e-7F) < 0.02e-6F);
  CHECK(some.estimate(0, 2, 0, 5, 100) == cd(0.0));
}

TEST_CASE("channel_estimate: with no pilots at all everything is zero and finite")
{
  for (const int nof_prb : {1, 20}) {
    pusch_link none(basic(2, 15.0, flat_ue({0, nof_prb}, {0, 1}, 4, 2, 5)));
    for (int port = 0; port < 2; ++port) {
      for (const int symbol : {2, 11}) {
        lose(none, port, symbol, {0, nof_prb});
      }
    }
    none.receive();
    const phy::channel_estimate_info& info = none.info(0);
    CHECK(info.rsrp == 0.0F);
    CHECK(info.coherence == 0.0F);
    CHECK(info.noise[0] == 0.0F);
    CHECK(info.cfo_hz == 0.0F);
    CHECK(info.ta_s == 0.0F);
    for (int i = 0; i < none.nof_llr(); ++i) {
      REQUIRE(none.llr()[i] == 0);
    }
    CHECK(none.quality(0, 0).sum_log2 == 0.0F);
    CHECK(none.quality(0, 0).nof_re > 0.0F);
  }
}

TEST_CASE("channel_estimate: a mask without a gap changes no bit")
{
  const link_config config = basic(2, 15.0, fading_ue({0, 24}, {0, 1}, 4, 2, 3, 200e-9, 100.0));
  pusch_link plain(config);
  estimate(plain);
  pusch_link masked(config);
  masked.received.assign(2 * 14 * 24, 1);
  estimate(masked);
  CHECK(std::memcmp(plain.h_view().data(),
                    masked.h_view().data(),
                    static_cast<std::size_t>(plain.h_view().size()) * sizeof(cf32)) == 0);
  CHECK(plain.info(0).noise[0] == masked.info(0).noise[0]);
}

TEST_CASE("channel_estimate: with gaps, too, backward order gives what forward order gives")
{
  for (const double doppler_hz : {0.0, 200.0}) {
    pusch_link link(basic(2, 15.0, fading_ue({0, 24}, {0, 1}, 4, 2, 3, 200e-9, doppler_hz)));
    lose(link, 0, 2, {3, 9});
    lose(link, 0, 11, {7, 12});
    estimate(link);
    for (const visit order : {visit::forward, visit::backward}) {
      const int nof_h = link.h_view().extent(1);
      const auto [h, info] = estimate_in_order(link, 1, order);
      CHECK(info[0].is_static == (doppler_hz == 0.0 ? 1.0F : 0.0F));
      CHECK(info[0].noise[0] == doctest::Approx(link.info(0).noise[0]).epsilon(1e-3));
      const int nof_written = info[0].is_static > 0.0F ? 0 : nof_h;
      for (int i = 0; i < 2 * nof_written; ++i) {
        const cf32 other = link.h_view().data()[i];
        REQUIRE(std::abs(h[static_cast<std::size_t>(i)].re - other.re) < 5e-4F);
        REQUIRE(std::abs(h[static_cast<std::size_t>(i)].im - other.im) < 5e-4F);
      }
      for (int k = 0; k < 12 * 24; ++k) {
        REQUIRE(std::abs(h[static_cast<std::size_t>(k)].re - link.h_view().data()[k].re) < 5e-4F);
      }
    }
  }
}
