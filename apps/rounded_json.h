// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>

namespace pado::apps {

/// A figure with as many decimals as it means: 100 steps are two. null for what is no number.
inline nlohmann::ordered_json rounded(double value, double steps)
{
  return std::isfinite(value) ? nlohmann::ordered_json(std::round(value * steps) / steps)
                              : nlohmann::ordered_json(nullptr);
}

} // namespace pado::apps
