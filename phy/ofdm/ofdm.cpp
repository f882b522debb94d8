// SPDX-License-Identifier: Apache-2.0
#include "phy/ofdm/ofdm.h"
#include "core/limits.h"
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace pado::phy {

namespace {

constexpr int max_fft_size = 16384;
constexpr int size_step =
    128; ///< the prefix is 144/2048 = 9/128 of the useful part: whole samples need a multiple

bool is_good_size(int size)
{
  if (size < size_step || size % size_step != 0) {
    return false;
  }
  for (const int prime : {2, 3, 5}) {
    while (size % prime == 0) {
      size /= prime;
    }
  }
  return size == 1;
}

std::optional<error> check_fft_size(const ofdm_config& config)
{
  const int lowest = nof_subcarriers_per_prb * config.nof_prb;
  if (config.fft_size >= lowest && config.fft_size <= max_fft_size && is_good_size(config.fft_size)) {
    return std::nullopt;
  }
  int nearest = max_fft_size;
  for (int size = max_fft_size; size >= lowest; size -= size_step) {
    if (is_good_size(size) && std::abs(size - config.fft_size) < std::abs(nearest - config.fft_size)) {
      nearest = size;
    }
  }
  return error{"ofdm.fft_size",
               "is " + std::to_string(config.fft_size) + ", must be 128 times a product of 2, 3 and 5 in " +
                   std::to_string(lowest) + ".." + std::to_string(max_fft_size) + ": resample to " +
                   std::to_string(static_cast<std::int64_t>(nearest) * config.scs.scs_hz()) +
                   " samples/s (size " + std::to_string(nearest) + ")"};
}

/// exp(j 2 pi numerator / denominator), reduced in integers first: a carrier turns 10^5 times in a slot.
cf32 turn(std::int64_t numerator, std::int64_t denominator)
{
  const double angle = 2.0 * std::numbers::pi * static_cast<double>(numerator % denominator) /
                       static_cast<double>(denominator);
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

} // namespace

std::int32_t ofdm_plan::useful_begin(std::int32_t slot_in_subframe, std::int32_t symbol) const
{
  // Symbols 0 and 7 * 2^mu of the subframe have the long prefix.
  const std::int32_t period = 7 << config.scs.mu;
  const std::int32_t first = nof_symbols_per_slot * slot_in_subframe;
  const std::int32_t nof_long = (first + symbol) / period - (first + period - 1) / period + 1;
  return symbol * (config.fft_size + cp_samples) + cp_samples + nof_long * extra_cp_samples;
}

result<ofdm_plan> plan_ofdm(const ofdm_config& config)
{
  if (auto bad = check_range("ofdm.scs.mu", config.scs.mu, 0, 3)) {
    return *bad;
  }
  if (auto bad = check_range("ofdm.nof_rx_ports", config.nof_rx_ports, 1, 8)) {
    return *bad;
  }
  if (auto bad = check_range("ofdm.nof_prb", config.nof_prb, 1, max_nof_prb)) {
    return *bad;
  }
  if (auto bad = check_fft_size(config)) {
    return *bad;
  }
  if (auto bad = check_range("ofdm.centre_hz", config.centre_hz, 0, 100'000'000'000)) {
    return *bad;
  }
  ofdm_plan plan;
  plan.config = config;
  plan.cp_samples = prefix_samples(config.fft_size);
  plan.extra_cp_samples = (config.fft_size / size_step) << config.scs.mu; // 16 kappa Tc, whatever mu is
  if (auto bad = check_range("ofdm.window_advance", config.window_advance, 0, plan.cp_samples)) {
    return *bad;
  }
  if (!std::isfinite(config.gain) || config.gain <= 0.0F) {
    return error{"ofdm.gain", "is " + std::to_string(config.gain) + ", must be above 0"};
  }
  const std::int64_t size = config.fft_size;
  const float scale = config.gain / std::sqrt(static_cast<float>(size));
  for (int k = 0; k < plan.nof_subcarriers(); ++k) {
    // A window that begins earlier sees the symbol later: bin f turned by -f * window_advance / size.
    plan.subcarrier_factor.push_back(
        scale * turn((k - plan.nof_subcarriers() / 2) * std::int64_t{config.window_advance}, size));
  }
  const std::int64_t rate_hz = size * config.scs.scs_hz();
  for (int slot = 0, slot_begin = 0; slot < config.scs.slots_per_subframe(); ++slot) {
    for (int symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      const std::int64_t sample = slot_begin + plan.useful_begin(slot, symbol);
      plan.symbol_factor.push_back(turn(config.centre_hz % rate_hz * sample, rate_hz));
    }
    slot_begin += slot_samples(plan, slot);
  }
  return plan;
}

std::int32_t slot_samples(const ofdm_plan& plan, std::int32_t slot_in_subframe)
{
  return plan.useful_begin(slot_in_subframe, nof_symbols_per_slot - 1) + plan.config.fft_size;
}

} // namespace pado::phy
