// SPDX-License-Identifier: Apache-2.0
#include "phy/ssb/ssb_raster.h"
#include <algorithm>

namespace pado::phy {
namespace {

/// Appends first, first + step, ... inside [low, high]. No value is below first.
void append_grid(std::int64_t first,
                 std::int64_t step,
                 std::int64_t low,
                 std::int64_t high,
                 std::vector<std::int64_t>& out)
{
  std::int64_t value = first;
  if (low > first) {
    value += (low - first + step - 1) / step * step;
  }
  for (; value <= high; value += step) {
    out.push_back(value);
  }
}

} // namespace

std::vector<std::int64_t> sync_raster(std::int64_t low_hz, std::int64_t high_hz)
{
  constexpr std::int64_t upper_part = 3000000000;
  std::vector<std::int64_t> out;
  for (const std::int64_t shift : {50000, 150000, 250000}) {
    append_grid(1200000 + shift, 1200000, low_hz, std::min(high_hz, upper_part - 1), out);
  }
  append_grid(upper_part, 1440000, low_hz, high_hz, out);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::int64_t> every_15_khz(std::int64_t low_hz, std::int64_t high_hz)
{
  constexpr std::int64_t step = 15000;
  std::vector<std::int64_t> out;
  const std::int64_t below = low_hz >= 0 ? low_hz / step : -((-low_hz + step - 1) / step);
  append_grid(below * step, step, low_hz, high_hz, out);
  return out;
}

} // namespace pado::phy
