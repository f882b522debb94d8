// SPDX-License-Identifier: Apache-2.0
#include "phy/ssb/ssb_grid_search.h"
#include "phy/pbch/pbch_receive.h"
#include "phy/ssb/ssb_sequence.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace pado::phy {
namespace {

/// Share of the power that neighbouring subcarriers of a PSS agree on. Noise reaches it in exp(-127 * 0.3^2)
/// = 1e-5 of the trials, and what it passes is checked again.
constexpr float least_agreement = 0.3F;

/// For the first subcarrier of a block: products of neighbours, and how the three PSS fit them.
class pss_row {
public:
  explicit pss_row(view<const cf32, 1> row)
      : products_re_(row.extent(0)), products_im_(row.extent(0)), energy_(row.extent(0) + 1)
  {
    for (int k = 0; k < row.extent(0); ++k) {
      const cf32 product = k > 0 ? row(k) * conj(row(k - 1)) : cf32{};
      products_re_[k] = product.re;
      products_im_[k] = product.im;
      energy_[k + 1] = energy_[k] + static_cast<double>(norm(row(k)));
    }
    for (int nid2 = 0; nid2 < 3; ++nid2) {
      const sync_sequence d = pss_sequence(nid2);
      for (int n = 1; n < nof_sync_subcarriers; ++n) {
        signs_[nid2][n] = d[n] * d[n - 1];
      }
    }
  }

  /// Sum of the neighbours' products over their power: magnitude 0..1, phase that of one subcarrier step.
  cf32 agreement(int first_subcarrier, int nid2) const
  {
    const int first = first_subcarrier + first_sync_subcarrier;
    const double energy = energy_[first + nof_sync_subcarriers] - energy_[first];
    if (energy <= 1e-9 * energy_.back()) {
      return {};
    }
    // Plain pointers and real sums: this loop is all that a search costs.
    const float* re = products_re_.data() + first;
    const float* im = products_im_.data() + first;
    const float* sign = signs_[nid2].data();
    cf32 sum;
    for (int n = 1; n < nof_sync_subcarriers; ++n) {
      sum.re += sign[n] * re[n];
      sum.im += sign[n] * im[n];
    }
    return sum * static_cast<float>(1.0 / energy);
  }

private:
  std::vector<float> products_re_;
  std::vector<float> products_im_;
  std::vector<double> energy_; ///< of all subcarriers before
  std::array<sync_sequence, 3> signs_{};
};

/// Cuts the block out of the grid and turns its delay back.
std::array<cf32, 960> cut_block(view<const cf32, 2> grid, int symbol, int first_subcarrier, float step_rad)
{
  std::array<cf32, 960> block{};
  for (int l = 0; l < nof_ssb_symbols; ++l) {
    for (int k = 0; k < nof_ssb_subcarriers; ++k) {
      const cf32 back = polar(-step_rad * static_cast<float>(k - ssb_centre_subcarrier));
      block[l * nof_ssb_subcarriers + k] = grid(symbol + l, first_subcarrier + k) * back;
    }
  }
  return block;
}

} // namespace

std::vector<grid_cell> find_ssb_in_grid(view<const cf32, 2> grid)
{
  std::vector<grid_cell> cells;
  pbch_receiver receiver;
  for (int symbol = 0; symbol + nof_ssb_symbols <= grid.extent(0); ++symbol) {
    const pss_row row(grid[symbol]);
    for (int first = 0; first + nof_ssb_subcarriers <= grid.extent(1); ++first) {
      for (int nid2 = 0; nid2 < 3; ++nid2) {
        const cf32 agreement = row.agreement(first, nid2);
        const float step_rad = arg(agreement);
        const bool is_near = std::abs(step_rad) < static_cast<float>(std::numbers::pi / 6.0);
        if (norm(agreement) < least_agreement * least_agreement || !is_near) {
          continue;
        }
        const auto block = cut_block(grid, symbol, first, step_rad);
        const view<const cf32, 2> symbols(block.data(), nof_ssb_symbols, nof_ssb_subcarriers);
        const ssb_identity identity = identify_cell(nid2, symbols);
        if (identity.is_credible()) {
          cells.push_back({symbol, first, identity, receiver.receive(symbols, identity.pci).content});
        }
      }
    }
  }
  return cells;
}

} // namespace pado::phy
