// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/slot_spectrum.h"
#include <algorithm>

namespace pado::phy {

void slot_spectrum::load(view<const ch16, 3> grid, std::int32_t grid_start_crb)
{
  nof_ports_ = grid.extent(0);
  nof_prb_ = grid.extent(2) / nof_subcarriers_per_prb;
  grid_start_crb_ = grid_start_crb;
  const std::int32_t width = nof_prb_ * nof_subcarriers_per_prb;
  re_.resize(static_cast<std::size_t>(nof_ports_ * nof_symbols_per_slot * width));
  power_.assign(static_cast<std::size_t>(nof_symbols_per_slot * 2 * nof_prb_), 0.0F);
  cf32* out = re_.data();
  for (std::int32_t port = 0; port < nof_ports_; ++port) {
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      float* const even = power_.data() + static_cast<std::ptrdiff_t>(symbol) * 2 * nof_prb_;
      float* const odd = even + nof_prb_;
      for (std::int32_t k = 0; k < width; ++k) {
        *out = to_cf32(grid(port, symbol, k));
        (k % 2 == 0 ? even : odd)[k / nof_subcarriers_per_prb] += norm(*out);
        ++out;
      }
    }
  }
  std::vector<float> cells;
  for (float& value : power_) {
    value /= static_cast<float>(nof_subcarriers_per_prb / 2 * nof_ports_);
    if (value > 0.0F) {
      cells.push_back(value);
    }
  }
  floor_ = 0.0F;
  if (!cells.empty()) {
    const auto low = cells.begin() + static_cast<std::ptrdiff_t>(cells.size() / 20);
    std::nth_element(cells.begin(), low, cells.end());
    floor_ = *low;
  }
}

float slot_spectrum::power(std::int32_t symbol, prb_range prbs) const
{
  float sum = 0.0F;
  for (std::int32_t prb = prbs.begin; prb < prbs.end; ++prb) {
    sum += power(symbol, 0, prb) + power(symbol, 1, prb);
  }
  return sum / static_cast<float>(2 * std::max(prbs.size(), 1));
}

} // namespace pado::phy
