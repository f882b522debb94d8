// SPDX-License-Identifier: Apache-2.0
#include "phy/channel_estimate/filter_tables.h"
#include <cmath>

namespace pado::phy {

namespace {

// A pilot's mean power is 1. Power far from the centre of delay, which no channel is free of: its width, and
// its weight for each rad per pilot of the class.
constexpr double far_weight = 8e-3;
constexpr double far_spread = 0.3;
// The FD-OCC peer may be another UE: stronger, and off our centre of delay.
constexpr double peer_power = 4.0;
constexpr double peer_min_spread = 0.12;
// Prior weight of the constant: so large that a flat channel passes unchanged and a flat peer is nulled.
constexpr double flat_weight = 1e4;

struct filter_class {
  bool has_peer;
  double spread;
  double noise;
};

double correlation(double distance, double spread)
{
  return 1.0 / (1.0 + spread * spread * distance * distance);
}

double own_correlation(const filter_class& of, double distance)
{
  return flat_weight +
         (correlation(distance, of.spread) + far_weight * of.spread * correlation(distance, far_spread));
}

/// Covariance of the pilots, row-major; its lower half is replaced by the Cholesky factor.
std::vector<double> factored_covariance(const filter_class& of, int nof_pilots)
{
  const int n = nof_pilots;
  std::vector<double> a(static_cast<std::size_t>(n * n));
  const double peer_spread = std::fmax(of.spread, peer_min_spread);
  for (int p = 0; p < n; ++p) {
    for (int q = 0; q <= p; ++q) {
      double value = own_correlation(of, p - q) + (p == q ? of.noise : 0.0);
      if (of.has_peer) {
        const double peer = flat_weight + peer_power * correlation(p - q, peer_spread);
        value += (p - q) % 2 == 0 ? peer : -peer;
      }
      a[p * n + q] = value;
    }
  }
  for (int j = 0; j < n; ++j) {
    for (int i = j; i < n; ++i) {
      double value = a[i * n + j];
      for (int k = 0; k < j; ++k) {
        value -= a[i * n + k] * a[j * n + k];
      }
      a[i * n + j] = i == j ? std::sqrt(value) : value / a[j * n + j];
    }
  }
  return a;
}

/// Weights of the pilots for the channel at `position`, in pilots. They sum to one.
std::vector<double>
weights_at(const filter_class& of, const std::vector<double>& factor, int nof_pilots, double position)
{
  const int n = nof_pilots;
  std::vector<double> w(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    double value = own_correlation(of, position - i);
    for (int k = 0; k < i; ++k) {
      value -= factor[i * n + k] * w[k];
    }
    w[i] = value / factor[i * n + i];
  }
  for (int i = n - 1; i >= 0; --i) {
    double value = w[i];
    for (int k = i + 1; k < n; ++k) {
      value -= factor[k * n + i] * w[k];
    }
    w[i] = value / factor[i * n + i];
  }
  double sum = 0.0;
  for (const double value : w) {
    sum += value;
  }
  for (double& value : w) {
    value /= sum;
  }
  return w;
}

/// Adds what one pilot's own estimate does to noise.
void add_noise_terms(const std::vector<double>& w, int pilot, double& trace, double& norm, double& cross)
{
  trace += w[pilot];
  for (int t = 0; t < static_cast<int>(w.size()); ++t) {
    const double square = w[t] * w[t];
    norm += square;
    cross += (t - pilot) % 2 == 0 ? square : -square;
  }
}

channel_filter make_filter(const filter_class& of, int nof_prb, std::vector<float>& coefficients)
{
  const int nof_pilots = 6 * nof_prb;
  const int nof_out = 12 * nof_prb;
  channel_filter filter = {};
  filter.stride = nof_out;
  for (int delta = 0; delta < 2; ++delta) {
    filter.begin[delta] = static_cast<std::int32_t>(coefficients.size());
    coefficients.resize(coefficients.size() + static_cast<std::size_t>(nof_pilots * nof_out));
  }
  const std::vector<double> factor = factored_covariance(of, nof_pilots);
  double trace = 0.0;
  double norm = 0.0;
  double cross = 0.0;
  for (int k = 0; k < nof_out; ++k) {
    const std::vector<double> w = weights_at(of, factor, nof_pilots, 0.5 * k);
    // Comb 1 is comb 0 seen from the other end.
    for (int t = 0; t < nof_pilots; ++t) {
      coefficients[filter.begin[0] + t * nof_out + k] = static_cast<float>(w[t]);
      coefficients[filter.begin[1] + (nof_pilots - 1 - t) * nof_out + nof_out - 1 - k] =
          static_cast<float>(w[t]);
    }
    if (k % 2 == 0) {
      add_noise_terms(w, k / 2, trace, norm, cross);
    }
    if (k == filter_taps - 2) {
      double step[3] = {};
      add_noise_terms(w, k / 2, step[0], step[1], step[2]);
      filter.trace_step = static_cast<float>(step[0]);
      filter.norm_step = static_cast<float>(step[1]);
      filter.cross_step = static_cast<float>(step[2]);
    }
  }
  filter.trace = static_cast<float>(trace);
  filter.norm = static_cast<float>(norm);
  filter.cross = static_cast<float>(cross);
  return filter;
}

} // namespace

void make_filter_tables(std::vector<channel_filter>& filters, std::vector<float>& coefficients)
{
  for (int has_peer = 0; has_peer < 2; ++has_peer) {
    for (const float spread : filter_spreads) {
      for (const float snr_db : filter_snrs_db) {
        const filter_class of = {
            has_peer != 0, static_cast<double>(spread), std::pow(10.0, -0.1 * static_cast<double>(snr_db))};
        for (int nof_prb = 1; nof_prb <= filter_max_prb; ++nof_prb) {
          filters.push_back(make_filter(of, nof_prb, coefficients));
        }
      }
    }
  }
  // The bodies read whole vectors, so up to 15 values past the last coefficient.
  coefficients.resize(coefficients.size() + 16);
}

} // namespace pado::phy
