// SPDX-License-Identifier: Apache-2.0
#include "phy/uplink_sync/prefix_search.h"
#include "phy/ofdm/ofdm.h"
#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace pado::phy {

namespace {

constexpr std::int64_t long_prefix_rate_hz = 1920000; ///< 16 kappa Tc: one sample more at this rate

using sums = std::vector<std::complex<double>>; ///< of all products before a sample, two periods long

sums running_sums(view<const cf32, 1> products)
{
  const std::int32_t period = products.extent(0);
  sums out(static_cast<std::size_t>(2 * period) + 1);
  for (std::int32_t i = 0; i < 2 * period; ++i) {
    const cf32 value = products(i % period);
    out[static_cast<std::size_t>(i) + 1] =
        out[static_cast<std::size_t>(i)] +
        std::complex<double>(static_cast<double>(value.re), static_cast<double>(value.im));
  }
  return out;
}

/// Begins of the prefixes of a half subframe; the last one is its end.
std::vector<std::int32_t> begins_of(numerology scs, std::int64_t rate)
{
  std::vector<std::int32_t> out;
  for (std::int32_t symbol = 0; symbol <= 7 << scs.mu; ++symbol) {
    out.push_back(symbol_begin_in_half(scs, rate, symbol));
  }
  return out;
}

} // namespace

bool has_whole_samples(numerology scs, std::int64_t sample_rate_hz)
{
  return sample_rate_hz % (std::int64_t{128} * scs.scs_hz()) == 0;
}

std::int32_t symbol_begin_in_half(numerology scs, std::int64_t sample_rate_hz, std::int32_t symbol)
{
  const auto useful = static_cast<std::int32_t>(sample_rate_hz / scs.scs_hz());
  const auto extra = static_cast<std::int32_t>(sample_rate_hz / long_prefix_rate_hz);
  return symbol * (useful + prefix_samples(useful)) + (symbol > 0 ? extra : 0);
}

prefix_match find_prefixes(view<const cf32, 1> products, numerology scs, std::int64_t sample_rate_hz)
{
  const std::int32_t period = products.extent(0);
  const std::vector<std::int32_t> begins = begins_of(scs, sample_rate_hz);
  const auto useful = static_cast<std::int32_t>(sample_rate_hz / scs.scs_hz());
  const std::int32_t prefix = prefix_samples(useful);
  const sums sum = running_sums(products);
  std::vector<std::complex<double>> on_prefixes(static_cast<std::size_t>(period));
  std::complex<double> mean;
  for (std::int32_t t = 0; t < period; ++t) {
    std::complex<double> one;
    for (std::size_t k = 0; k + 1 < begins.size(); ++k) {
      one += sum[static_cast<std::size_t>(t + begins[k + 1] - useful)] -
             sum[static_cast<std::size_t>(t + begins[k])];
    }
    on_prefixes[static_cast<std::size_t>(t)] = one;
    mean += one / static_cast<double>(period);
  }
  // Where prefixes repeat, the mean holds some of them; the quiet places below give the better one.
  std::int32_t peak = 0;
  const auto find_peak = [&](std::complex<double> base) {
    for (std::int32_t t = 0; t < period; ++t) {
      const auto at = static_cast<std::size_t>(t);
      peak = std::norm(on_prefixes[at] - base) > std::norm(on_prefixes[static_cast<std::size_t>(peak)] - base)
                 ? t
                 : peak;
    }
  };
  find_peak(mean);
  std::complex<double> base;
  double power = 0.0;
  for (int round = 0; round < 2; ++round) {
    std::complex<double> total;
    double count = 0.0;
    power = 0.0;
    std::size_t k = 0;
    for (std::int32_t i = 0; i < period; ++i) {
      k += i >= begins[k + 1] ? 1 : 0;
      if (i - begins[k] > prefix + prefix / 4 && begins[k + 1] - i > prefix + prefix / 4) {
        const std::complex<double> one = on_prefixes[static_cast<std::size_t>((peak + i) % period)];
        total += one;
        power += std::norm(one - base);
        count += 1.0;
      }
    }
    base = total / count;
    power /= count;
    find_peak(base);
  }
  const std::complex<double> best = on_prefixes[static_cast<std::size_t>(peak)] - base;
  prefix_match match;
  match.scs = scs;
  match.half_begin = peak;
  match.z = power > 0.0 ? static_cast<float>(std::abs(best) / std::sqrt(power)) : 0.0F;
  match.cfo_hz = static_cast<float>(std::arg(best) / (2.0 * std::numbers::pi) * scs.scs_hz());
  match.sum = {static_cast<float>(best.real()), static_cast<float>(best.imag())};
  return match;
}

} // namespace pado::phy
