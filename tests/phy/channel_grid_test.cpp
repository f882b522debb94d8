// SPDX-License-Identifier: Apache-2.0
// ctest: property equivalence
#include "core/block.h"
#include "core/buffer.h"
#include "core/stage.h"
#include "phy/channel/channel_grid.h"
#include "phy/channel/channel_grid_body.h"
#include "phy/channel/fading.h"
#include "tests/support/allocation_count.h"
#include <complex>
#include <doctest/doctest.h>
#include <numbers>
#include <vector>

using namespace pado;

namespace {

constexpr int nof_rx = 2;
constexpr int nof_subcarriers = 12 * 25 + 1; // odd: the last pair of noise draws is cut

/// Two UEs that overlap, the second with two ports.
struct two_ues {
  two_ues()
      : tx(3 * 14 * nof_subcarriers), gains(1000), steering(nof_subcarriers * 8),
        rx(nof_rx * 14 * nof_subcarriers)
  {
    for (std::size_t i = 0; i < tx.size(); ++i) {
      tx[i] = polar(0.37F * static_cast<float>(i % 1000));
    }
    for (std::size_t i = 0; i < gains.size(); ++i) {
      gains[i] = phy::draw_normal_pair({1, phy::random_purpose::fading, 0, 0}, static_cast<std::uint32_t>(i))
                     .value[0];
    }
    for (std::size_t i = 0; i < steering.size(); ++i) {
      steering[i] = polar(0.011F * static_cast<float>(i));
    }
    tasks.push_back({0, 200, 0, 1, 3, 0, 0});
    tasks.push_back({100, nof_subcarriers - 100, 1, 2, 2, 14 * nof_rx * 3, 600});
  }
  phy::channel_grid<backend::cpu>::input input(float noise_amplitude) const
  {
    return {view<const phy::channel_grid_task, 1>(tasks.data(), tasks.size()),
            tx.as(3, 14, nof_subcarriers),
            gains.as(gains.size()),
            steering.as(steering.size()),
            {9, phy::random_purpose::noise, 5, 0},
            noise_amplitude};
  }
  auto out() const { return rx.as(nof_rx, 14, nof_subcarriers); }

  std::vector<phy::channel_grid_task> tasks;
  buffer<cf32> tx;
  buffer<cf32> gains;
  buffer<cf32> steering;
  buffer<cf32> rx;
};

} // namespace

TEST_CASE("channel_grid: every RE is the sum of its UEs' values times their channels")
{
  static_assert(stage<phy::channel_grid<backend::cpu>, backend::cpu>);
  two_ues c;
  phy::channel_grid<backend::cpu>().run(c.input(0.0F), {c.out()}, {});
  const auto tx = c.tx.as(3, 14, nof_subcarriers);
  for (const int k : {0, 99, 100, 199, 200, nof_subcarriers - 1}) {
    for (const int symbol : {0, 13}) {
      for (int r = 0; r < nof_rx; ++r) {
        std::complex<double> want = 0.0;
        const auto add = [&](cf32 gain, cf32 turn, cf32 x) {
          using cplx = std::complex<double>;
          want += cplx(gain.re, gain.im) * cplx(turn.re, turn.im) * cplx(x.re, x.im);
        };
        for (int tap = 0; k < 200 && tap < 3; ++tap) {
          add(c.gains[(symbol * nof_rx + r) * 3 + tap], c.steering[k * 3 + tap], tx(0, symbol, k));
        }
        for (int path = 0; k >= 100 && path < 4; ++path) {
          add(c.gains[14 * nof_rx * 3 + (symbol * nof_rx + r) * 4 + path],
              c.steering[600 + (k - 100) * 2 + path % 2],
              tx(1 + path / 2, symbol, k));
        }
        CHECK(double(c.out()(r, symbol, k).re) == doctest::Approx(want.real()).epsilon(1e-4));
        CHECK(double(c.out()(r, symbol, k).im) == doctest::Approx(want.imag()).epsilon(1e-4));
      }
    }
  }
}

TEST_CASE("channel_grid: noise has the asked power, is white and differs between ports, symbols and slots")
{
  const int n = 3276;
  const buffer<cf32> memory(static_cast<std::size_t>(2 * 14 * n));
  const auto rx = memory.as(2, 14, n);
  phy::channel_grid<backend::cpu>::input in;
  in.noise = {1, phy::random_purpose::noise, 0, 0};
  in.noise_amplitude = 0.5F;
  phy::channel_grid<backend::cpu>().run(in, {rx}, {});
  double power = 0.0;
  std::complex<double> next = 0.0;
  std::complex<double> port = 0.0;
  std::complex<double> symbol = 0.0;
  const auto at = [&](int p, int l, int k) { return std::complex<double>(rx(p, l, k).re, rx(p, l, k).im); };
  for (int l = 0; l < 13; ++l) {
    for (int k = 0; k + 1 < n; ++k) {
      power += std::norm(at(0, l, k));
      next += at(0, l, k) * std::conj(at(0, l, k + 1));
      port += at(0, l, k) * std::conj(at(1, l, k));
      symbol += at(0, l, k) * std::conj(at(0, l + 1, k));
    }
  }
  const double count = 13.0 * (n - 1);
  CHECK(std::abs(10.0 * std::log10(power / count / 0.25)) < 0.1); // standard deviation 0.02 dB
  CHECK(std::abs(next) / power < 0.02);
  CHECK(std::abs(port) / power < 0.02);
  CHECK(std::abs(symbol) / power < 0.02);
  const cf32 first = rx(0, 0, 0);
  in.noise.slot = 1;
  phy::channel_grid<backend::cpu>().run(in, {rx}, {});
  CHECK(rx(0, 0, 0).re != first.re);
}

TEST_CASE("channel_grid: backward order gives the same bits, run() does not allocate")
{
  two_ues c;
  const auto before = test::allocation_count();
  phy::channel_grid<backend::cpu>().run(c.input(0.3F), {c.out()}, {});
  CHECK(test::allocation_count() == before);
  const buffer<cf32> again(c.rx.size());
  const auto rx = again.as(nof_rx, 14, nof_subcarriers);
  const host_block block(nullptr, 0, visit::backward);
  const auto in = c.input(0.3F);
  for (int r = 0; r < nof_rx; ++r) {
    for (int symbol = 0; symbol < 14; ++symbol) {
      phy::body::channel_grid(block, r, symbol, in, rx);
    }
  }
  CHECK(std::memcmp(again.data(), c.rx.data(), c.rx.size() * sizeof(cf32)) == 0);
}
