// SPDX-License-Identifier: Apache-2.0
#include "phy/channel/channel_time.h"
#include <cmath>
#include <numbers>

namespace pado::phy {
namespace {

/// Modified Bessel function of order 0 by its power series.
double bessel_i0(double x)
{
  double sum = 1.0;
  double term = 1.0;
  for (int i = 1; i < 40; ++i) {
    term *= x * x / (4.0 * i * i);
    sum += term;
  }
  return sum;
}

} // namespace

channel_time_tap delay_filter(double delay_samples)
{
  constexpr double beta =
      7.2; // 74 dB with 24 coefficients and a transition of 0.2 of the sample rate (Kaiser's formula)
  constexpr int half = delay_filter_length / 2;
  const double whole = std::floor(delay_samples);
  const double rest = delay_samples - whole;
  channel_time_tap tap = {};
  tap.shift = static_cast<std::int32_t>(whole) - (half - 1);
  double sum = 0.0;
  std::array<double, delay_filter_length> value = {};
  for (int c = 0; c < delay_filter_length; ++c) {
    const double x = c - (half - 1) - rest;
    const double ratio = x / half;
    const double window =
        std::abs(ratio) < 1.0 ? bessel_i0(beta * std::sqrt(1.0 - ratio * ratio)) / bessel_i0(beta) : 0.0;
    const double sinc = x == 0.0 ? 1.0 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
    value[c] = window * sinc;
    sum += value[c];
  }
  for (int c = 0; c < delay_filter_length; ++c) {
    tap.coefficient[c] = static_cast<float>(value[c] / sum);
  }
  return tap;
}

} // namespace pado::phy
