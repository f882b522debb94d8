// SPDX-License-Identifier: Apache-2.0
#include "phy/channel_estimate/presence.h"
#include <cmath>

namespace pado::phy {

namespace {

constexpr float quantile = 2.3263F; ///< of the normal distribution, for 1 %

} // namespace

float presence_threshold(const dmrs_presence& measured) noexcept
{
  const float freedom = measured.freedom;
  const float noise_freedom = measured.noise_freedom;
  if (freedom <= 0.0F || noise_freedom <= 0.0F) {
    return 0.0F;
  }
  // The cube root of F is nearly a quotient of two normal variables; twice the freedom, for it is complex.
  const float a = 1.0F / (9.0F * freedom);
  const float b = 1.0F / (9.0F * noise_freedom);
  const float below = (1.0F - b) * (1.0F - b) - quantile * quantile * b;
  const float inside =
      (1.0F - a) * (1.0F - a) * b + (1.0F - b) * (1.0F - b) * a - quantile * quantile * a * b;
  if (below <= 0.1F || inside < 0.0F) {
    return 0.0F;
  }
  const float root = ((1.0F - a) * (1.0F - b) + quantile * std::sqrt(inside)) / below;
  // Delay and filter are chosen for the most of the same noise, and estimates at the edges have more of it
  // than those on pilots: fitted to bench/dtx_bench.
  const float chosen = 1.0F + 1.5F / (freedom + 2.0F) + 0.13F / measured.row_freedom;
  return chosen * root * root * root;
}

bool is_dmrs_present(const dmrs_presence& measured) noexcept
{
  return measured.ratio >= presence_threshold(measured);
}

} // namespace pado::phy
