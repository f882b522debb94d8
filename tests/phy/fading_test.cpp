// SPDX-License-Identifier: Apache-2.0
// ctest: property golden
#include "phy/channel/fading.h"
#include "phy/channel/random.h"
#include "tests/support/shared.h"
#include <algorithm>
#include <cmath>
#include <complex>
#include <doctest/doctest.h>
#include <numbers>

using namespace pado;
using phy::channel_model;

namespace {

using cplx = std::complex<double>;
cplx wide(cf32 a)
{
  return {double(a.re), double(a.im)};
}

phy::channel_config tdl(channel_model model, double doppler_hz, int ue)
{
  phy::channel_config config;
  config.model = model;
  config.doppler_hz = doppler_hz;
  config.nof_rx_ports = 2;
  config.nof_tx_ports = 2;
  config.seed = 4;
  config.ue = ue;
  return config;
}

} // namespace

TEST_CASE("random: Philox gives the published words for counter and key 0")
{
  // Known answers of Random123's kat_vectors, philox4x32 with 10 rounds.
  const phy::random_words w = phy::draw_words({0, static_cast<phy::random_purpose>(0), 0, 0}, 0);
  CHECK(w.word[0] == 0x6627e8d5U);
  CHECK(w.word[1] == 0xe169c58dU);
  CHECK(w.word[2] == 0xbc57ac4cU);
  CHECK(w.word[3] == 0x9b00dbd8U);
}

TEST_CASE("random: Gaussian draws have mean 0, power 1, kurtosis 2 and uncorrelated parts")
{
  cplx mean = 0.0;
  double power = 0.0;
  double fourth = 0.0;
  cplx square = 0.0; // E[z^2] is 0 for circular noise
  const int n = 100000;
  for (int i = 0; i < n; ++i) {
    const phy::normal_pair draw = phy::draw_normal_pair({7, phy::random_purpose::noise, 3, 2}, i);
    for (const cf32 v : draw.value) {
      mean += wide(v);
      power += std::norm(wide(v));
      fourth += std::norm(wide(v)) * std::norm(wide(v));
      square += wide(v) * wide(v);
    }
  }
  CHECK(std::abs(mean) / (2 * n) < 0.01);
  CHECK(power / (2 * n) == doctest::Approx(1.0).epsilon(0.01));
  CHECK(fourth / (2 * n) == doctest::Approx(2.0).epsilon(0.03));
  CHECK(std::abs(square) / (2 * n) < 0.01);
}

TEST_CASE("fading: TDL delays and powers are those of the specification's tables, normalised to 1")
{
  const auto path = test::shared_path("spec/conformance/channel_tdl_38104.csv");
  if (!path) {
    MESSAGE("skipped: no spec/conformance/channel_tdl_38104.csv");
    return;
  }
  const auto rows = test::read_csv(*path);
  const std::pair<const char*, channel_model> models[] = {{"TDLA30", channel_model::tdla30},
                                                          {"TDLB100", channel_model::tdlb100},
                                                          {"TDLC300", channel_model::tdlc300}};
  for (const auto& [name, model] : models) {
    CAPTURE(std::string(name));
    const auto plan = phy::plan_channel(tdl(model, 0.0, 0));
    REQUIRE(plan);
    int tap = 0;
    for (const auto& row : rows) {
      if (row[0] != name || row[1] != "FR1") {
        continue;
      }
      REQUIRE(tap < plan.value().nof_taps());
      CHECK(plan.value().delays_s[tap] == doctest::Approx(1e-9 * std::stod(row[4])));
      const double amplitude = double(plan.value().tap_amplitude[tap]);
      CHECK(amplitude * amplitude == doctest::Approx(std::stod(row[6])).epsilon(0.001));
      ++tap;
    }
    CHECK(tap == plan.value().nof_taps());
  }
}

TEST_CASE("fading: measured delay spread is that of the model's name, mean power is 1")
{
  const std::pair<channel_model, double> models[] = {
      {channel_model::tdla30, 30e-9}, {channel_model::tdlb100, 100e-9}, {channel_model::tdlc300, 300e-9}};
  for (const auto& [model, spread_s] : models) {
    CAPTURE(spread_s);
    std::vector<double> power(12, 0.0);
    std::vector<double> delays;
    const int nof_draws = 1000;
    for (int ue = 0; ue < nof_draws; ++ue) {
      const auto plan = phy::plan_channel(tdl(model, 100.0, ue)).value();
      std::vector<cf32> gains(static_cast<std::size_t>(plan.nof_gains()));
      phy::channel_gains(plan, 0.123, gains);
      for (int i = 0; i < plan.nof_gains(); ++i) {
        power[i % 12] += std::norm(wide(gains[i])) / (4.0 * nof_draws);
      }
      delays = plan.delays_s;
    }
    double total = 0.0;
    double mean = 0.0;
    double square = 0.0;
    for (int tap = 0; tap < 12; ++tap) {
      total += power[tap];
      mean += power[tap] * delays[tap];
      square += power[tap] * delays[tap] * delays[tap];
    }
    mean /= total;
    CHECK(total == doctest::Approx(1.0).epsilon(0.03));
    CHECK(std::sqrt(square / total - mean * mean) == doctest::Approx(spread_s).epsilon(0.05));
  }
}

TEST_CASE("fading: the autocorrelation over time is J0 of 2 pi doppler tau")
{
  const double doppler_hz = 200.0;
  const int nof_draws = 400;
  for (const double tau : {0.0, 0.4e-3, 1e-3, 1.9e-3, 3e-3}) {
    CAPTURE(tau);
    cplx sum = 0.0;
    int n = 0;
    for (int ue = 0; ue < nof_draws; ++ue) {
      const auto plan = phy::plan_channel(tdl(channel_model::tdla30, doppler_hz, ue)).value();
      std::vector<cf32> now(static_cast<std::size_t>(plan.nof_gains()));
      std::vector<cf32> later(now.size());
      phy::channel_gains(plan, 0.5, now);
      phy::channel_gains(plan, 0.5 + tau, later);
      for (int i = 0; i < plan.nof_gains(); ++i) {
        const double amplitude = double(plan.tap_amplitude[i % 12]);
        sum += wide(later[i]) * std::conj(wide(now[i])) / (amplitude * amplitude);
        ++n;
      }
    }
    const double want = std::cyl_bessel_j(0.0, 2.0 * std::numbers::pi * doppler_hz * tau);
    // 19200 taps: standard deviation 0.007.
    CHECK(std::abs(sum / double(n) - want) < 0.03);
  }
}

TEST_CASE("fading: a Rayleigh tap's power is exponentially distributed")
{
  const double limits[] = {0.1, 0.5, 1.0, 2.0, 4.0};
  int below[5] = {};
  int n = 0;
  for (int ue = 0; ue < 300; ++ue) {
    const auto plan = phy::plan_channel(tdl(channel_model::tdlb100, 50.0, ue)).value();
    std::vector<cf32> gains(static_cast<std::size_t>(plan.nof_gains()));
    phy::channel_gains(plan, 2.0, gains);
    for (int i = 0; i < plan.nof_gains(); ++i) {
      const double amplitude = double(plan.tap_amplitude[i % 12]);
      const double power = std::norm(wide(gains[i])) / (amplitude * amplitude);
      for (int k = 0; k < 5; ++k) {
        below[k] += power < limits[k] ? 1 : 0;
      }
      ++n;
    }
  }
  for (int k = 0; k < 5; ++k) {
    CHECK(std::abs(double(below[k]) / n - (1.0 - std::exp(-limits[k]))) < 0.015);
  }
}

TEST_CASE("fading: antenna correlation is that of the specification's matrices")
{
  const auto path = test::shared_path("spec/conformance/correlation_matrices.csv");
  if (!path) {
    MESSAGE("skipped: no spec/conformance/correlation_matrices.csv");
    return;
  }
  const auto rows = test::read_csv(*path);
  const std::pair<const char*, phy::mimo_correlation> levels[] = {{"medium", phy::mimo_correlation::medium},
                                                                  {"high", phy::mimo_correlation::high}};
  for (const auto& [name, level] : levels) {
    CAPTURE(std::string(name));
    phy::channel_config config = tdl(channel_model::tdla30, 50.0, 0);
    config.correlation = level;
    config.nof_rx_ports = 4;
    const auto plan = phy::plan_channel(config).value();
    int nof_checked = 0;
    for (const auto& row : rows) {
      if (row[0] != name || row[1] != "2x4") {
        continue;
      }
      // Rows and columns of R = R_UE x R_gNB, here rebuilt from the factors.
      const int a = std::stoi(row[2]);
      const int b = std::stoi(row[3]);
      float rx = 0.0F;
      float tx = 0.0F;
      for (int k = 0; k < 4; ++k) {
        rx += plan.rx_factor[a % 4][k] * plan.rx_factor[b % 4][k];
        tx += plan.tx_factor[a / 4][k] * plan.tx_factor[b / 4][k];
      }
      // The table is rounded to four digits and, for "high", scaled by 1 / (1 + 0.0001).
      CHECK(double(rx * tx) == doctest::Approx(std::stod(row[4])).epsilon(0.0008));
      ++nof_checked;
    }
    CHECK(nof_checked == 64);
  }
}

TEST_CASE("fading: correlated gains have the asked correlation between receive ports")
{
  phy::channel_config config = tdl(channel_model::tdlb100, 50.0, 0);
  config.correlation = phy::mimo_correlation::high;
  cplx between = 0.0;
  double power = 0.0;
  for (int ue = 0; ue < 1000; ++ue) {
    config.ue = ue;
    const auto plan = phy::plan_channel(config).value();
    std::vector<cf32> g(static_cast<std::size_t>(plan.nof_gains()));
    phy::channel_gains(plan, 0.0, g);
    for (int tap = 0; tap < 12; ++tap) {
      between += wide(g[tap]) * std::conj(wide(g[24 + tap]));
      power += std::norm(wide(g[tap]));
    }
  }
  CHECK(std::abs(between / power - 0.9) < 0.03);
}

TEST_CASE("fading: symbol times follow the prefixes of the numerology")
{
  CHECK(phy::slot_start_s({1}, 41) == doctest::Approx(20.5e-3).epsilon(1e-12));
  CHECK(phy::slot_start_s({0}, 7) == doctest::Approx(7e-3).epsilon(1e-12));
  CHECK(phy::slot_start_s({2}, 1) == doctest::Approx((14 * (144 + 2048) / 4 + 16) / 30.72e6).epsilon(1e-12));
  // 30 kHz: the first prefix has 88 units of 1/30.72 MHz, the others 72, the useful part 1024.
  CHECK(phy::symbol_middle_s({1}, 0, 0) == doctest::Approx((88 + 512) / 30.72e6).epsilon(1e-12));
  CHECK(phy::symbol_middle_s({1}, 1, 13) ==
        doctest::Approx((88 + 13 * (72 + 1024) + 512) / 30.72e6).epsilon(1e-12));
  CHECK(phy::symbol_middle_s({0}, 3, 7) ==
        doctest::Approx((160 + 6 * 144 + 160 + 7 * 2048 + 1024) / 30.72e6).epsilon(1e-12));
}

TEST_CASE("fading: a value out of range is refused by name")
{
  const auto refused = [](auto change) {
    phy::channel_config config = tdl(channel_model::fixed_taps, 0.0, 0);
    config.taps = {{0.0, 1.0F}};
    change(config);
    const auto plan = phy::plan_channel(config);
    return plan ? std::string() : plan.failure().field;
  };
  CHECK(refused([](phy::channel_config&) {}).empty());
  CHECK(refused([](phy::channel_config& c) { c.nof_rx_ports = 9; }) == "channel.nof_rx_ports");
  CHECK(refused([](phy::channel_config& c) { c.nof_tx_ports = 0; }) == "channel.nof_tx_ports");
  CHECK(refused([](phy::channel_config& c) { c.taps.clear(); }) == "channel.taps");
  CHECK(refused([](phy::channel_config& c) { c.taps[0].power = 0.0F; }) == "channel.taps");
  CHECK(refused([](phy::channel_config& c) { c.doppler_hz = std::nan(""); }) == "channel.doppler_hz");
  CHECK(refused([](phy::channel_config& c) { c.cfo_hz = 2e5; }) == "channel.cfo_hz");
  CHECK(refused([](phy::channel_config& c) { c.delay_s = 1.0; }) == "channel.delay_s");
  CHECK(refused([](phy::channel_config& c) { c.first_column = 8; }) == "channel.first_column");
  CHECK(refused([](phy::channel_config& c) { c.amplitude = -1.0F; }) == "channel.amplitude");
  CHECK(refused([](phy::channel_config& c) { c.ue = 4096; }) == "channel.ue");
}
