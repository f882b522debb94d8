// SPDX-License-Identifier: Apache-2.0
#include "phy/channel/fading.h"
#include "core/limits.h"
#include "phy/channel/random.h"
#include "phy/channel/tdl_profiles_data.h"
#include <cassert>
#include <cmath>
#include <numbers>

namespace pado::phy {
namespace {

constexpr int nof_fading_waves = 32;

std::vector<channel_tap> taps_of(const channel_config& config)
{
  const auto from_table = [](const auto& table) {
    std::vector<channel_tap> taps;
    for (const table_data::tdl_tap& tap : table) {
      taps.push_back({1e-9 * static_cast<double>(tap.delay_ns), std::pow(10.0F, 0.1F * tap.power_db)});
    }
    return taps;
  };
  switch (config.model) {
  case channel_model::tdla30:
    return from_table(table_data::tdla30);
  case channel_model::tdlb100:
    return from_table(table_data::tdlb100);
  case channel_model::tdlc300:
    return from_table(table_data::tdlc300);
  case channel_model::fixed_taps:
    return config.taps;
  case channel_model::awgn:
    break;
  }
  return {channel_tap{}};
}

std::optional<error> check_interval(const char* field, double value, double low, double high)
{
  if (value >= low && value <= high) {
    return std::nullopt;
  }
  return error{field,
               "is " + std::to_string(value) + ", must be in " + std::to_string(low) + ".." +
                   std::to_string(high)};
}

std::optional<error> check(const channel_config& config)
{
  const bool is_fixed = config.model == channel_model::fixed_taps;
  const struct {
    const char* field;
    std::int64_t value, low, high;
  } ranges[] = {
      {"channel.nof_rx_ports", config.nof_rx_ports, 1, max_channel_rx_ports},
      {"channel.nof_tx_ports", config.nof_tx_ports, 1, max_channel_tx_ports},
      {"channel.first_column", config.first_column, 0, 7},
      {"channel.ue", config.ue, 0, 4095},
      {"channel.taps", is_fixed ? static_cast<std::int64_t>(config.taps.size()) : 1, 1, max_channel_taps}};
  for (const auto& r : ranges) {
    if (auto bad = check_range(r.field, r.value, r.low, r.high)) {
      return bad;
    }
  }
  const struct {
    const char* field;
    double value, low, high;
  } intervals[] = {{"channel.doppler_hz", config.doppler_hz, 0.0, 20000.0},
                   {"channel.cfo_hz", config.cfo_hz, -100000.0, 100000.0},
                   {"channel.delay_s", config.delay_s, -1e-5, 1e-4},
                   {"channel.amplitude", static_cast<double>(config.amplitude), 0.0, 1e9}};
  for (const auto& r : intervals) {
    if (auto bad = check_interval(r.field, r.value, r.low, r.high)) {
      return bad;
    }
  }
  for (const channel_tap& tap : config.taps) {
    if (!(tap.power > 0.0F) || tap.delay_s < 0.0 || tap.delay_s > 1e-4) {
      return error{"channel.taps", "must have powers above 0 and delays of 0..1e-4 s"};
    }
  }
  return std::nullopt;
}

/// Waves of one tap of one link. Draw m of the stream gives angle and phase of wave m.
void draw_waves(const channel_plan& plan, int rx, int tx, int tap, channel_wave* waves)
{
  const channel_config& config = plan.config;
  const auto item = random_item(config.ue, rx * max_channel_tx_ports + tx, tap);
  const random_stream stream = {config.seed, random_purpose::fading, 0, item};
  for (int m = 0; m < plan.nof_waves; ++m) {
    const random_words w = draw_words(stream, static_cast<std::uint32_t>(m));
    const double theta = 2.0 * static_cast<double>(unit_interval(w.word[0])) - 1.0; // in units of pi
    const double angle = std::numbers::pi * (2.0 * m + theta) / plan.nof_waves;
    waves[m] = {config.doppler_hz * std::cos(angle), static_cast<double>(unit_interval(w.word[1]))};
  }
}

void draw_all_waves(channel_plan& plan)
{
  const channel_config& config = plan.config;
  const bool is_fixed = config.model == channel_model::fixed_taps || config.model == channel_model::awgn;
  plan.nof_waves = is_fixed ? 1 : nof_fading_waves;
  plan.waves.resize(static_cast<std::size_t>(plan.nof_gains() * plan.nof_waves));
  channel_wave* at = plan.waves.data();
  for (int rx = 0; rx < config.nof_rx_ports; ++rx) {
    for (int tx = 0; tx < config.nof_tx_ports; ++tx) {
      for (int tap = 0; tap < plan.nof_taps(); ++tap) {
        draw_waves(plan, rx, tx, tap, at);
        if (config.model == channel_model::awgn) {
          at->phase = static_cast<double>(rx * (config.first_column + tx)) / config.nof_rx_ports;
        }
        at->turn_hz = is_fixed ? 0.0 : at->turn_hz;
        at += plan.nof_waves;
      }
    }
  }
}

/// Cholesky factor of R(i, j) = rho^(((i - j) / (n - 1))^2), which is positive definite for rho < 1.
template <std::size_t N>
void correlation_factor(float rho, int n, std::array<std::array<float, N>, N>& factor)
{
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j) {
      const float distance = n > 1 ? static_cast<float>(i - j) / static_cast<float>(n - 1) : 0.0F;
      float value = i == j ? 1.0F : rho == 0.0F ? 0.0F : std::pow(rho, distance * distance);
      for (int k = 0; k < j; ++k) {
        value -= factor[i][k] * factor[j][k];
      }
      factor[i][j] = i == j ? std::sqrt(value) : value / factor[j][j];
    }
  }
}

} // namespace

result<channel_plan> plan_channel(const channel_config& config)
{
  if (auto bad = check(config)) {
    return *bad;
  }
  channel_plan plan;
  plan.config = config;
  double total = 0.0;
  const std::vector<channel_tap> taps = taps_of(config);
  for (const channel_tap& tap : taps) {
    total += static_cast<double>(tap.power);
  }
  for (const channel_tap& tap : taps) {
    plan.delays_s.push_back(tap.delay_s + config.delay_s);
    plan.tap_amplitude.push_back(static_cast<float>(std::sqrt(static_cast<double>(tap.power) / total)));
  }
  draw_all_waves(plan);
  const bool is_low = config.correlation == mimo_correlation::low;
  const bool is_tdl = config.model != channel_model::awgn && config.model != channel_model::fixed_taps;
  // alpha at the base station, beta at the UE; alpha and beta have no meaning where the phases are set by the
  // model.
  const float alpha = is_low || !is_tdl ? 0.0F : 0.9F;
  const float beta = is_low || !is_tdl ? 0.0F : config.correlation == mimo_correlation::medium ? 0.3F : 0.9F;
  correlation_factor(alpha, config.nof_rx_ports, plan.rx_factor);
  correlation_factor(beta, config.nof_tx_ports, plan.tx_factor);
  return plan;
}

cf32 cfo_rotation(double cfo_hz, double time_s)
{
  const double turns = cfo_hz * time_s;
  return polar(static_cast<float>(2.0 * std::numbers::pi * (turns - std::floor(turns))));
}

void channel_gains(const channel_plan& plan, double time_s, std::span<cf32> gains)
{
  const channel_config& config = plan.config;
  const int nof_tx = config.nof_tx_ports;
  const int nof_taps = plan.nof_taps();
  assert(gains.size() >= static_cast<std::size_t>(plan.nof_gains()));
  std::array<std::array<cf32, max_channel_tx_ports>, max_channel_rx_ports> drawn;
  const float wave_amplitude = config.amplitude / std::sqrt(static_cast<float>(plan.nof_waves));
  for (int tap = 0; tap < nof_taps; ++tap) {
    for (int rx = 0; rx < config.nof_rx_ports; ++rx) {
      for (int tx = 0; tx < nof_tx; ++tx) {
        const channel_wave* waves =
            &plan.waves[static_cast<std::size_t>(((rx * nof_tx + tx) * nof_taps + tap) * plan.nof_waves)];
        cf32 sum;
        for (int m = 0; m < plan.nof_waves; ++m) {
          const double turns = waves[m].turn_hz * time_s + waves[m].phase;
          sum += polar(static_cast<float>(2.0 * std::numbers::pi * (turns - std::floor(turns))));
        }
        drawn[rx][tx] = wave_amplitude * plan.tap_amplitude[tap] * sum;
      }
    }
    for (int rx = 0; rx < config.nof_rx_ports; ++rx) {
      for (int tx = 0; tx < nof_tx; ++tx) {
        cf32 sum;
        for (int i = 0; i <= rx; ++i) {
          for (int j = 0; j <= tx; ++j) {
            sum += plan.rx_factor[rx][i] * plan.tx_factor[tx][j] * drawn[i][j];
          }
        }
        gains[static_cast<std::size_t>((rx * nof_tx + tx) * nof_taps + tap)] = sum;
      }
    }
  }
}

namespace {

constexpr double time_unit_s = 1.0 / 30.72e6; // kappa T_c, TS 38.211, 4.1

/// Begin of the useful part of a symbol counted from the begin of its subframe, in units of kappa T_c. 5.3.1.
double useful_start(numerology n, int symbol_in_subframe)
{
  const double scale = 1.0 / (1 << n.mu);
  const double longer = symbol_in_subframe >= (7 << n.mu) ? 32.0 : 16.0; // prefixes 0 and 7 * 2^mu are longer
  return (2048.0 * symbol_in_subframe + 144.0 * (symbol_in_subframe + 1)) * scale + longer;
}

} // namespace

double slot_start_s(numerology n, std::int64_t slot)
{
  const std::int64_t per_subframe = n.slots_per_subframe();
  const int in_subframe = static_cast<int>(slot % per_subframe);
  const int symbol = nof_symbols_per_slot * in_subframe;
  const bool is_long = symbol == 0 || symbol == 7 << n.mu;
  const double prefix = 144.0 / (1 << n.mu) + (is_long ? 16.0 : 0.0);
  return 1e-3 * static_cast<double>((slot - in_subframe) / per_subframe) +
         time_unit_s * (useful_start(n, symbol) - prefix);
}

double symbol_middle_s(numerology n, std::int64_t slot, int symbol)
{
  const int in_subframe = static_cast<int>(slot % n.slots_per_subframe());
  const double middle = useful_start(n, nof_symbols_per_slot * in_subframe + symbol) + 1024.0 / (1 << n.mu);
  return time_unit_s * middle - slot_start_s(n, in_subframe);
}

} // namespace pado::phy
