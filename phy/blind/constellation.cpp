// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/constellation.h"
#include <algorithm>
#include <cmath>

namespace pado::phy {

namespace {

/// Log of the mean over a PAM of density under Gaussian noise, one axis. `inverse` is 1 / (2 sigma^2).
float axis_log_likelihood(float y, int nof_levels, float spacing, float inverse)
{
  float best = -INFINITY;
  std::array<float, 16> exponent = {};
  for (int i = 0; i < nof_levels; ++i) {
    const float level = spacing * static_cast<float>(2 * i + 1 - nof_levels);
    const float e = -(y - level) * (y - level) * inverse;
    exponent[static_cast<std::size_t>(i)] = e;
    best = std::max(best, e);
  }
  float sum = 0.0F;
  for (int i = 0; i < nof_levels; ++i) {
    sum += std::exp(exponent[static_cast<std::size_t>(i)] - best);
  }
  return best + std::log(sum / static_cast<float>(nof_levels)) + 0.5F * std::log(inverse);
}

} // namespace

std::array<float, 4> modulation_likelihoods(std::span<const equalised_re> res)
{
  std::array<float, 4> best;
  for (std::size_t order = 0; order < best.size(); ++order) {
    const int nof_levels = 2 << order; // of one axis
    const float power = static_cast<float>(nof_levels * nof_levels - 1) * 2.0F / 3.0F;
    const float spacing = 1.0F / std::sqrt(power);
    best[order] = -INFINITY;
    float factor = 1.0F;
    for (int halving = 0; halving < 10; ++halving, factor *= 0.5F) {
      double sum = 0.0;
      for (const equalised_re& re : res) {
        // Complex noise of power 1 / SINR: half of it on each axis.
        const float inverse = std::max(factor * re.sinr, 1e-3F);
        sum += static_cast<double>(axis_log_likelihood(re.value.re, nof_levels, spacing, inverse) +
                                   axis_log_likelihood(re.value.im, nof_levels, spacing, inverse));
      }
      const auto mean = static_cast<float>(sum / static_cast<double>(std::max<std::size_t>(res.size(), 1)));
      if (mean < best[order]) {
        break;
      }
      best[order] = mean;
    }
  }
  return best;
}

} // namespace pado::phy
