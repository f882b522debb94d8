// SPDX-License-Identifier: Apache-2.0
#include "phy/ssb/ssb_identify.h"
#include "phy/ssb/ssb_sequence.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace pado::phy {
namespace {

/// Sum over the 127 subcarriers of a symbol, each times its sequence, turned back by a delay.
cf32 correlate(view<const cf32, 1> symbol, const sync_sequence& d, double delay)
{
  cf32 sum;
  for (int n = 0; n < nof_sync_subcarriers; ++n) {
    const int k = first_sync_subcarrier + n;
    const double radians = 2.0 * std::numbers::pi / 256.0 * (k - ssb_centre_subcarrier) * delay;
    sum += d[n] * (symbol(k) * polar(static_cast<float>(radians)));
  }
  return sum;
}

using sync_channel = std::array<cf32, nof_sync_subcarriers>;

sync_channel least_squares(view<const cf32, 1> symbol, const sync_sequence& d)
{
  sync_channel h{};
  for (int n = 0; n < nof_sync_subcarriers; ++n) {
    h[n] = d[n] * symbol(first_sync_subcarrier + n);
  }
  return h;
}

/// Mean over seven neighbours, fewer at the edges.
sync_channel smooth(const sync_channel& h)
{
  sync_channel out{};
  for (int n = 0; n < nof_sync_subcarriers; ++n) {
    const int first = std::max(0, n - 3);
    const int last = std::min(nof_sync_subcarriers - 1, n + 3);
    for (int i = first; i <= last; ++i) {
      out[n] += h[i];
    }
    out[n] = out[n] * (1.0F / static_cast<float>(last - first + 1));
  }
  return out;
}

float total_power(const sync_channel& h)
{
  float sum = 0.0F;
  for (const cf32 value : h) {
    sum += norm(value);
  }
  return sum;
}

/// Signal to noise ratio from how far each subcarrier lies from the mean of its neighbours: a channel is
/// smooth, noise is not. That difference holds 1 + 1/4 + 1/4 of the noise.
float snr_db_of(const sync_channel& h)
{
  float noise = 0.0F;
  for (int n = 1; n + 1 < nof_sync_subcarriers; ++n) {
    noise += norm(h[n] - 0.5F * (h[n - 1] + h[n + 1])) / 1.5F;
  }
  noise /= static_cast<float>(nof_sync_subcarriers - 2);
  const float all = total_power(h) / static_cast<float>(nof_sync_subcarriers);
  return 10.0F * std::log10(std::max(all - noise, 1e-6F * all) / std::max(noise, 1e-9F * all));
}

} // namespace

double find_pss_delay(std::int32_t nid2, view<const cf32, 2> grid)
{
  const sync_sequence d = pss_sequence(nid2);
  constexpr int steps = 32; // a unit
  double best = 0.0;
  float most = -1.0F;
  for (int i = -3 * steps / 2; i <= 3 * steps / 2; ++i) {
    const double delay = static_cast<double>(i) / steps;
    const float power = norm(correlate(grid[0], d, delay));
    if (power > most) {
      most = power;
      best = delay;
    }
  }
  return best;
}

ssb_identity identify_cell(std::int32_t nid2, view<const cf32, 2> grid)
{
  ssb_identity identity;
  const sync_channel pss = least_squares(grid[0], pss_sequence(nid2));
  cf32 coherent;
  for (const cf32 value : pss) {
    coherent += value;
  }
  identity.pss_metric =
      std::sqrt(norm(coherent) / (nof_sync_subcarriers * std::max(total_power(pss), 1e-30F)));
  if (identity.pss_metric * identity.pss_metric < least_pss_power) {
    return identity; // not worth 336 correlations
  }
  const sync_channel channel = smooth(pss);
  float best = -1.0F;
  for (int nid1 = 0; nid1 < nof_pci / 3; ++nid1) {
    const sync_channel sss = least_squares(grid[2], sss_sequence(3 * nid1 + nid2));
    cf32 sum;
    for (int n = 0; n < nof_sync_subcarriers; ++n) {
      sum += sss[n] * conj(channel[n]);
    }
    if (norm(sum) > best) {
      best = norm(sum);
      identity.pci = 3 * nid1 + nid2;
      identity.sss_metric = std::sqrt(best / std::max(total_power(channel) * total_power(sss), 1e-30F));
      identity.snr_db = snr_db_of(sss);
      identity.turn_rad = static_cast<double>(arg(sum));
    }
  }
  return identity;
}

} // namespace pado::phy
