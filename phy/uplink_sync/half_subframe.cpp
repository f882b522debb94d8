// SPDX-License-Identifier: Apache-2.0
#include "phy/uplink_sync/half_subframe.h"
#include "core/limits.h"
#include "phy/uplink_sync/prefix_search.h"
#include <cmath>
#include <numbers>

namespace pado::phy {

half_subframe::half_subframe(const half_subframe_config& config, const fft_plan& plan)
    : config_(config), fft_size_(plan.config.size), transform_(std::make_unique<fft<backend::cpu>>(plan)),
      window_(static_cast<std::size_t>(fft_size_)), bins_(static_cast<std::size_t>(fft_size_))
{
}

result<half_subframe> half_subframe::plan(const half_subframe_config& config)
{
  if (!has_whole_samples(config.scs, config.sample_rate_hz)) {
    return error{"half_subframe.sample_rate_hz",
                 "is " + std::to_string(config.sample_rate_hz) + ", must be a multiple of " +
                     std::to_string(128 * config.scs.scs_hz())};
  }
  const auto size = static_cast<std::int32_t>(config.sample_rate_hz / config.scs.scs_hz());
  if (auto bad = check_range("half_subframe.nof_subcarriers", config.nof_subcarriers, 2, size)) {
    return *bad;
  }
  const result<fft_plan> plan = plan_fft({size, 1, fft_direction::forward, fft_effort::estimate});
  return plan ? result<half_subframe>(half_subframe(config, plan.value())) : plan.failure();
}

void half_subframe::run(view<const cf32, 2> samples,
                        std::int32_t first_position,
                        std::vector<frame_symbol>& to)
{
  constexpr double whole_turn = 2.0 * std::numbers::pi;
  // From one half subframe to the next the phase goes on: symbols of a slot are compared.
  const std::int64_t before = first_position / (7 << config_.scs.mu) * std::int64_t{nof_samples()};
  const double turn =
      -whole_turn * static_cast<double>(config_.cfo_hz) / static_cast<double>(config_.sample_rate_hz);
  const std::int32_t half = config_.nof_subcarriers / 2;
  for (std::int32_t symbol = 0; symbol < 7 << config_.scs.mu; ++symbol) {
    const std::int32_t begin =
        symbol_begin_in_half(config_.scs, config_.sample_rate_hz, symbol + 1) - fft_size_ - window_advance();
    frame_symbol out;
    out.position = first_position + symbol;
    out.nof_ports = samples.extent(0);
    for (std::int32_t port = 0; port < samples.extent(0); ++port) {
      for (std::int32_t n = 0; n < fft_size_; ++n) {
        const double angle = std::remainder(turn * static_cast<double>(before + begin + n), whole_turn);
        window_.data()[n] = samples(port, begin + n) * polar(static_cast<float>(angle));
      }
      transform_->run({window_.as(1, fft_size_)}, {bins_.as(1, fft_size_)}, {});
      const cf32* const bins = bins_.data();
      out.re.insert(out.re.end(), bins + fft_size_ - half, bins + fft_size_);
      out.re.insert(out.re.end(), bins, bins + half);
    }
    to.push_back(std::move(out));
  }
}

} // namespace pado::phy
