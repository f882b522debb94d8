// SPDX-License-Identifier: Apache-2.0
// The noise run of `pado conform --suite blind`.
#include "apps/blind_explain.h"
#include "apps/blind_session.h"
#include "apps/conform_blind.h"
#include "phy/channel/random.h"
#include <algorithm>
#include <fmt/format.h>
#include <mutex>
#include <random>

namespace pado::apps {

namespace {

constexpr std::int32_t nof_ports = 2;
constexpr std::int32_t nof_prb = 51;

constexpr float remarkable_z = 6.7F;
constexpr float data_amplitude = 10.0F; ///< over noise of 1

/// Slots of noise: slot i is a function of i alone.
class noise_source final : public slot_source {
public:
  explicit noise_source(const blind_noise_options& options)
      : nof_slots_(options.nof_slots), first_(options.first), kind_(options.kind),
        grid_(static_cast<std::size_t>(nof_ports * nof_symbols_per_slot * nof_subcarriers_per_prb * nof_prb))
  {
  }

  result<bool> next(sourced_slot& out) override
  {
    if (at_ == nof_slots_) {
      return false;
    }
    const std::int64_t number = first_ + at_;
    const phy::random_stream stream{17, phy::random_purpose::noise, static_cast<std::uint32_t>(number), 0};
    for (std::size_t i = 0; i + 1 < grid_.size(); i += 2) {
      const phy::normal_pair pair = phy::draw_normal_pair(stream, static_cast<std::uint32_t>(i / 2));
      grid_[i] = to_ch16(pair.value[0]);
      grid_[i + 1] = to_ch16(pair.value[1]);
    }
    if (kind_ == blind_noise_kind::data) {
      add_data(number);
    }
    slot_.slot = advance({0, 0}, static_cast<std::int32_t>(number % 20480), numerology{1});
    slot_.grid = grid_.as(nof_ports, nof_symbols_per_slot, nof_subcarriers_per_prb * nof_prb);
    out.slot = slot_;
    out.scheduled = nullptr;
    ++at_;
    return true;
  }
  double progress() const override { return static_cast<double>(at_) / static_cast<double>(nof_slots_); }
  std::vector<source_count> counts() const override { return {}; }
  std::string describe() const override { return "noise"; }

private:
  /// Symbols of QPSK or 16QAM on a block of PRBs, over a channel of one delay.
  void add_data(std::int64_t number)
  {
    std::mt19937 draw(static_cast<std::uint32_t>(number) * 2654435761U + 77U);
    const auto below = [&](std::uint32_t n) { return static_cast<std::int32_t>(draw() % n); };
    const std::int32_t first_prb = below(nof_prb - 3);
    const std::int32_t end_prb = first_prb + 3 + below(static_cast<std::uint32_t>(nof_prb - first_prb - 2));
    const bool is_16qam = below(2) != 0;
    const float turn = 1e-3F * static_cast<float>(below(40));
    const auto level = [&] {
      return static_cast<float>(is_16qam ? 2 * below(4) - 3 : 6 * below(2) - 3) / 3.0F;
    };
    const auto grid = grid_.as(nof_ports, nof_symbols_per_slot, nof_subcarriers_per_prb * nof_prb);
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      for (std::int32_t k = nof_subcarriers_per_prb * first_prb; k < nof_subcarriers_per_prb * end_prb; ++k) {
        const float in_phase = level();
        const cf32 x = {data_amplitude * in_phase, data_amplitude * level()};
        for (std::int32_t port = 0; port < nof_ports; ++port) {
          const cf32 gain = polar(turn * static_cast<float>(k) + static_cast<float>(port));
          grid(port, symbol, k) = to_ch16(to_cf32(grid(port, symbol, k)) + gain * x);
        }
      }
    }
  }

  std::int64_t nof_slots_;
  std::int64_t first_;
  blind_noise_kind kind_;
  std::int64_t at_ = 0;
  buffer<ch16> grid_;
  uplink_slot slot_;
};

} // namespace

result<blind_noise_verdict> run_blind_noise(const blind_noise_options& options,
                                            const std::function<void(std::int64_t)>& each)
{
  pipeline::slot_pipeline_config config;
  config.limits.scs = {1};
  config.limits.nof_rx_ports = nof_ports;
  config.limits.nof_prb = nof_prb;
  config.limits.max_pdus = 32;
  const auto plan = pipeline::plan_slot_pipeline(config);
  if (!plan) {
    return plan.failure();
  }
  cell_config cell;
  cell.carrier.scs = {1};
  cell.carrier.nof_rx_ports = nof_ports;
  cell.carrier.nof_prb = nof_prb;
  cell.carrier.phys_cell_id = 1;
  blind_noise_verdict verdict;
  std::mutex guard;
  blind_options how;
  how.nof_workers = options.nof_workers;
  how.progress = [&](double, std::int64_t done) {
    each(done);
    return true;
  };
  how.explain = [&](const phy::blind_step& step) {
    const std::lock_guard<std::mutex> lock(guard);
    verdict.nof_places += step.what == phy::blind_step::kind::place ? 1 : 0;
    for (const phy::blind_finding& one : step.found) {
      verdict.scores.push_back(one.match.z);
      if (one.match.z > remarkable_z) {
        verdict.highest.push_back(fmt::format("{} ({} equations, second {:.1f})",
                                              blind_step_text(step),
                                              one.match.nof_equations,
                                              static_cast<double>(one.match.second_z)));
      }
    }
  };
  const steady_clock time;
  noise_source source(options);
  const auto found = discover(source, plan.value(), cell, how, time);
  if (!found) {
    return found.failure();
  }
  verdict.nof_slots = found.value().nof_slots;
  verdict.nof_findings = static_cast<std::int64_t>(found.value().pusch.size());
  std::sort(verdict.scores.begin(), verdict.scores.end());
  return verdict;
}

} // namespace pado::apps
