// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/slot_spectrum.h"
#include <algorithm>
#include <array>
#include <bit>

namespace pado::phy {

namespace {

/// A half as a float by integer arithmetic, which the compiler turns into vector code. Infinities become
/// 65536.
float to_float(std::uint16_t half)
{
  const std::uint32_t magnitude = (half & 0x7fffU) << 13U;
  const auto normal = std::bit_cast<float>(magnitude + 0x38000000U);
  const float tiny = std::bit_cast<float>(magnitude + 0x38800000U) - 0x1p-14F;
  const float value = magnitude < 0x00800000U ? tiny : normal;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | (half & 0x8000U) << 16U);
}

} // namespace

void slot_spectrum::load(view<const ch16, 3> grid, std::int32_t grid_start_crb)
{
  grid_ = grid;
  ready_ = 0;
  floor_ = -1.0F;
  nof_ports_ = grid.extent(0);
  nof_prb_ = grid.extent(2) / nof_subcarriers_per_prb;
  grid_start_crb_ = grid_start_crb;
  const std::int32_t width = nof_prb_ * nof_subcarriers_per_prb;
  re_.resize(static_cast<std::size_t>(nof_ports_ * nof_symbols_per_slot * width));
  power_.resize(static_cast<std::size_t>(nof_symbols_per_slot * 2 * nof_prb_));
}

void slot_spectrum::convert(std::int32_t symbol) const
{
  ready_ |= 1U << symbol;
  const std::int32_t width = nof_prb_ * nof_subcarriers_per_prb;
  float* const even = power_.data() + static_cast<std::ptrdiff_t>(symbol) * 2 * nof_prb_;
  float* const odd = even + nof_prb_;
  std::fill_n(even, 2 * nof_prb_, 0.0F);
  for (std::int32_t port = 0; port < nof_ports_; ++port) {
    const ch16* const from = &grid_(port, symbol, 0);
    cf32* const to = re_.data() + static_cast<std::ptrdiff_t>(port * nof_symbols_per_slot + symbol) * width;
    for (std::int32_t k = 0; k < width; ++k) {
      to[k] = {to_float(from[k].re), to_float(from[k].im)};
    }
    for (std::int32_t prb = 0; prb < nof_prb_; ++prb) {
      std::array<float, 4> sums = {}; // of the parts of an even and of an odd RE
      for (std::int32_t k = 0; k < nof_subcarriers_per_prb; k += 2) {
        const cf32* const pair = to + nof_subcarriers_per_prb * prb + k;
        sums[0] += pair[0].re * pair[0].re;
        sums[1] += pair[0].im * pair[0].im;
        sums[2] += pair[1].re * pair[1].re;
        sums[3] += pair[1].im * pair[1].im;
      }
      even[prb] += sums[0] + sums[1];
      odd[prb] += sums[2] + sums[3];
    }
  }
  constexpr std::int32_t comb_subcarriers = nof_subcarriers_per_prb / 2;
  const float scale = 1.0F / static_cast<float>(comb_subcarriers * nof_ports_);
  for (std::int32_t i = 0; i < 2 * nof_prb_; ++i) {
    even[i] *= scale;
  }
}

float slot_spectrum::floor() const
{
  if (floor_ >= 0.0F) {
    return floor_;
  }
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    need(symbol);
  }
  std::vector<float> cells;
  std::copy_if(
      power_.begin(), power_.end(), std::back_inserter(cells), [](float value) { return value > 0.0F; });
  floor_ = 0.0F;
  if (!cells.empty()) {
    const auto low = cells.begin() + static_cast<std::ptrdiff_t>(cells.size() / 20);
    std::nth_element(cells.begin(), low, cells.end());
    floor_ = *low;
  }
  return floor_;
}

float slot_spectrum::power(std::int32_t symbol, prb_range prbs) const
{
  need(symbol);
  float sum = 0.0F;
  for (std::int32_t prb = prbs.begin; prb < prbs.end; ++prb) {
    sum += power(symbol, 0, prb) + power(symbol, 1, prb);
  }
  return sum / static_cast<float>(2 * std::max(prbs.size(), 1));
}

} // namespace pado::phy
