// SPDX-License-Identifier: Apache-2.0
// ctest: unit equivalence
#include "core/buffer.h"
#include "core/stage.h"
#include "phy/fft/fft.h"
#include "tests/support/allocation_count.h"
#include <cmath>
#include <complex>
#include <cstring>
#include <doctest/doctest.h>
#include <numbers>
#include <random>
#include <thread>
#include <vector>

namespace phy = pado::phy;
using pado::backend;
using pado::buffer;
using pado::cf32;
using phy::fft_direction;

static_assert(pado::stage<phy::fft<backend::cpu>, backend::cpu>);
static_assert(pado::stage<phy::fft<backend::cuda>, backend::cuda>);

namespace {

buffer<cf32> noise(std::size_t size, unsigned seed)
{
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  buffer<cf32> values(size);
  for (cf32& value : values) {
    value = {normal(random), normal(random)};
  }
  return values;
}

std::complex<double> to_double(cf32 a)
{
  return {static_cast<double>(a.re), static_cast<double>(a.im)};
}

std::vector<std::complex<double>> plain_dft(const cf32* x, int size, double sign)
{
  std::vector<std::complex<double>> turn(static_cast<std::size_t>(size));
  for (int i = 0; i < size; ++i) {
    turn[i] = std::polar(1.0, sign * 2.0 * std::numbers::pi * i / size);
  }
  std::vector<std::complex<double>> y(turn.size());
  for (int k = 0; k < size; ++k) {
    for (int n = 0; n < size; ++n) {
      y[k] += to_double(x[n]) * turn[static_cast<std::size_t>(k) * n % size];
    }
  }
  return y;
}

buffer<cf32> transform(const phy::fft_config& config, const buffer<cf32>& x)
{
  phy::fft<backend::cpu> stage(phy::plan_fft(config).value());
  buffer<cf32> y(x.size());
  stage.run({x.as(config.batch, config.size)}, {y.as(config.batch, config.size)}, {});
  return y;
}

} // namespace

TEST_CASE("fft: every row equals a plain transform in double precision, both directions")
{
  for (const int size : {1, 2, 12, 128, 139, 384, 768, 839}) {
    for (const fft_direction direction : {fft_direction::forward, fft_direction::inverse}) {
      CAPTURE(size);
      CAPTURE(static_cast<int>(direction));
      const int batch = 3;
      const auto x = noise(static_cast<std::size_t>(batch) * size, 1);
      const auto y = transform({size, batch, direction}, x);
      for (int row = 0; row < batch; ++row) {
        const auto expected =
            plain_dft(x.data() + row * size, size, direction == fft_direction::forward ? -1.0 : 1.0);
        double error = 0.0;
        double power = 0.0;
        for (int k = 0; k < size; ++k) {
          const cf32 value = y[static_cast<std::size_t>(row * size + k)];
          error += std::norm(to_double(value) - expected[k]);
          power += std::norm(expected[k]);
        }
        CHECK(std::sqrt(error / power) < 1e-6); // binary32 rounding, growing with log2 of the size
      }
    }
  }
}

TEST_CASE("fft: power is kept and the inverse undoes the forward transform")
{
  const int size = 4096;
  const auto x = noise(size, 2);
  const auto y = transform({size, 1, fft_direction::forward}, x);
  const auto back = transform({size, 1, fft_direction::inverse}, y);
  double power_x = 0.0;
  double power_y = 0.0;
  double error = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    power_x += static_cast<double>(norm(x[i]));
    power_y += static_cast<double>(norm(y[i]));
    error += static_cast<double>(norm(x[i] - (1.0F / size) * back[i]));
  }
  CHECK(power_y / size == doctest::Approx(power_x).epsilon(1e-5));
  CHECK(std::sqrt(error / power_x) < 1e-6);
}

TEST_CASE("fft: run() keeps its input and does not allocate")
{
  const int size = 1536;
  auto x = noise(2 * size, 3);
  const auto copy = noise(2 * size, 3);
  buffer<cf32> y(x.size());
  phy::fft<backend::cpu> stage(phy::plan_fft({size, 2, fft_direction::forward}).value());
  const auto before = pado::test::allocation_count();
  stage.run({x.as(2, size)}, {y.as(2, size)}, {});
  CHECK(pado::test::allocation_count() == before);
  CHECK(std::memcmp(x.data(), copy.data(), x.size() * sizeof(cf32)) == 0);
}

TEST_CASE("fft: stages are made, run and destroyed on several threads at once")
{
  const auto x = noise(256, 4);
  const auto expected = transform({256, 1, fft_direction::forward}, x);
  std::vector<std::thread> threads;
  std::vector<int> nof_wrong(4);
  for (std::size_t t = 0; t < nof_wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 20; ++round) {
        const auto y = transform({256, 1, fft_direction::forward}, x);
        for (std::size_t i = 0; i < y.size(); ++i) {
          nof_wrong[t] += norm(y[i] - expected[i]) > 1e-6F ? 1 : 0;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(nof_wrong == std::vector<int>(4, 0));
}

TEST_CASE("fft: a plan out of limits is refused by name")
{
  CHECK(phy::plan_fft({0, 1, fft_direction::forward}).failure().text() ==
        "fft.size is 0, must be in 1..65536");
  CHECK(phy::plan_fft({65537, 1, fft_direction::forward}).failure().field == "fft.size");
  CHECK(phy::plan_fft({64, 0, fft_direction::forward}).failure().field == "fft.batch");
  CHECK(phy::plan_fft({64, 4097, fft_direction::forward}).failure().field == "fft.batch");
}
