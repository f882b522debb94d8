// SPDX-License-Identifier: Apache-2.0
// ctest: property equivalence
#include "core/block.h"
#include "core/buffer.h"
#include "core/stage.h"
#include "phy/channel/channel_time.h"
#include "phy/channel/channel_time_body.h"
#include "tests/support/allocation_count.h"
#include <algorithm>
#include <cmath>
#include <complex>
#include <doctest/doctest.h>
#include <memory>
#include <numbers>
#include <vector>

using namespace pado;

namespace {

using cplx = std::complex<double>;
constexpr int lead = phy::channel_lead_samples;
constexpr double pi = std::numbers::pi;

cplx wide(cf32 a)
{
  return {double(a.re), double(a.im)};
}

/// One UE, one tx port, one tap unless changed; gains do not change over time unless set.
struct one_ue {
  explicit one_ue(int n, int nof_rx, double delay)
      : nof_samples(n), rx_ports(nof_rx), tx(static_cast<std::size_t>(n)), taps(1, phy::delay_filter(delay)),
        rx(static_cast<std::size_t>(nof_rx * (n + 2 * lead)))
  {
    task.nof_tx_ports = 1;
    task.nof_taps = 1;
    task.knot_samples = 1000;
    gains.assign(static_cast<std::size_t>(((n + 2 * lead) / 1000 + 2) * nof_rx), cf32{1.0F, 0.0F});
  }
  phy::channel_time<backend::cpu>::input input() const
  {
    phy::channel_time<backend::cpu>::input in;
    in.tasks = view<const phy::channel_time_task, 1>(&task, 1);
    in.tx = tx.as(1, nof_samples);
    in.taps = view<const phy::channel_time_tap, 1>(taps.data(), taps.size());
    in.gains = view<const cf32, 1>(gains.data(), gains.size());
    in.noise = {3, phy::random_purpose::noise, 8, 0};
    in.noise_amplitude = noise_amplitude;
    return in;
  }
  auto out() const { return rx.as(rx_ports, nof_samples + 2 * lead); }
  void run() { phy::channel_time<backend::cpu>().run(input(), {out()}, {}); }

  int nof_samples;
  int rx_ports;
  float noise_amplitude = 0.0F;
  buffer<cf32> tx;
  std::vector<phy::channel_time_tap> taps;
  std::vector<cf32> gains;
  phy::channel_time_task task = {};
  buffer<cf32> rx;
};

} // namespace

TEST_CASE(
    "channel_time: a tone inside the carrier is delayed by any fraction of a sample, error below -65 dB")
{
  static_assert(stage<phy::channel_time<backend::cpu>, backend::cpu>);
  for (const double frequency : {0.0, 0.13, -0.4, 0.4}) {
    for (const double delay : {0.0, 0.5, 3.37, 159.0, -7.81}) {
      CAPTURE(frequency);
      CAPTURE(delay);
      one_ue c(2000, 1, delay);
      for (int i = 0; i < c.nof_samples; ++i) {
        c.tx[i] = polar(static_cast<float>(2.0 * pi * std::remainder(frequency * i, 1.0)));
      }
      c.run();
      double error = 0.0;
      int n = 0;
      for (int i = 200; i < 1900; ++i) {
        const cplx want = std::polar(1.0, 2.0 * pi * std::remainder(frequency * (i - delay), 1.0));
        error += std::norm(wide(c.out()(0, lead + i)) - want);
        ++n;
      }
      CHECK(10.0 * std::log10(error / n) < -65.0);
    }
  }
}

TEST_CASE("channel_time: a whole delay moves samples, also out of the slot, and changes none")
{
  one_ue c(1000, 1, 50.0);
  for (int i = 0; i < c.nof_samples; ++i) {
    c.tx[i] = {static_cast<float>(i + 1), -1.0F};
  }
  c.run();
  double outside = 0.0;
  for (int i = 0; i < 1000 + 2 * lead; ++i) {
    const int from = i - lead - 50;
    const cf32 want = from >= 0 && from < 1000 ? c.tx[from] : cf32{};
    outside = std::max(outside, double(norm(c.out()(0, i) - want)));
  }
  CHECK(outside < 1e-3); // the filter's other coefficients are 0 but for rounding: 1e-8 of 1000
}

TEST_CASE("channel_time: a carrier offset turns the signal at its frequency, from its phase on")
{
  one_ue c(3000, 1, 0.0);
  std::fill(c.tx.begin(), c.tx.end(), cf32{1.0F, 0.0F});
  c.task.cfo_turns = 0.3;
  c.task.cfo_turns_per_sample = 0.001234;
  c.run();
  for (int i = 100; i < 2900; i += 100) {
    const cplx want = std::polar(1.0, 2.0 * pi * (0.3 + 0.001234 * (lead + i)));
    CHECK(std::abs(wide(c.out()(0, lead + i)) - want) < 1e-3);
  }
}

TEST_CASE("channel_time: gains are interpolated between knots, port by port")
{
  one_ue c(4000, 2, 0.0);
  std::fill(c.tx.begin(), c.tx.end(), cf32{1.0F, 0.0F});
  for (std::size_t knot = 0; knot < c.gains.size() / 2; ++knot) {
    c.gains[2 * knot] = {static_cast<float>(knot), 0.0F};
    c.gains[2 * knot + 1] = {0.0F, -2.0F * static_cast<float>(knot)};
  }
  c.run();
  for (int i = 100; i < 3900; i += 37) {
    const float want = static_cast<float>(lead + i) / 1000.0F;
    CHECK(double(c.out()(0, lead + i).re) == doctest::Approx(double(want)).epsilon(1e-4));
    CHECK(double(c.out()(1, lead + i).im) == doctest::Approx(-2.0 * double(want)).epsilon(1e-4));
  }
}

TEST_CASE("channel_time: noise has the asked power, inside the slot only")
{
  one_ue c(30719, 2, 0.0);
  c.noise_amplitude = 2.0F;
  c.run();
  double power = 0.0;
  cplx between = 0.0;
  for (int i = 0; i < c.nof_samples; ++i) {
    power += std::norm(wide(c.out()(0, lead + i)));
    between += wide(c.out()(0, lead + i)) * std::conj(wide(c.out()(1, lead + i)));
  }
  CHECK(std::abs(10.0 * std::log10(power / c.nof_samples / 4.0)) < 0.12); // standard deviation 0.025 dB
  CHECK(std::abs(between) / power < 0.02);
  CHECK(norm(c.out()(0, lead - 1)) == 0.0F);
  CHECK(norm(c.out()(0, lead + c.nof_samples)) == 0.0F);
}

TEST_CASE("channel_time: backward order gives the same bits, run() does not allocate")
{
  one_ue c(1500, 2, 2.6);
  for (int i = 0; i < c.nof_samples; ++i) {
    c.tx[i] = phy::draw_normal_pair({1, phy::random_purpose::fading, 0, 0}, i).value[0];
  }
  c.noise_amplitude = 0.1F;
  c.task.cfo_turns_per_sample = 1e-4;
  const auto before = test::allocation_count();
  c.run();
  CHECK(test::allocation_count() == before);
  const buffer<cf32> again(c.rx.size());
  std::vector<std::byte> memory(phy::channel_time_scratch_bytes + 64);
  void* aligned = memory.data();
  std::size_t space = memory.size();
  std::align(64, phy::channel_time_scratch_bytes, aligned, space);
  const host_block block(static_cast<std::byte*>(aligned), phy::channel_time_scratch_bytes, visit::backward);
  const auto in = c.input();
  const int nof_samples = c.nof_samples + 2 * lead;
  for (int tile = 0; tile * phy::channel_tile_samples < nof_samples; ++tile) {
    phy::body::channel_time(block, tile, in, again.as(2, nof_samples));
  }
  CHECK(std::memcmp(again.data(), c.rx.data(), c.rx.size() * sizeof(cf32)) == 0);
}
