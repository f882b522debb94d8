// SPDX-License-Identifier: Apache-2.0
#include "phy/channel/slot_channel.h"
#include <algorithm>
#include <cmath>
#include <numbers>

namespace pado::phy {

void slot_channel_grid::clear()
{
  tasks.clear();
  gains.clear();
  steering.clear();
}

void slot_channel_grid::add(const channel_plan& plan,
                            const carrier_config& carrier,
                            std::int64_t slot,
                            prb_range prbs,
                            std::int32_t tx_port)
{
  const int nof_taps = plan.nof_taps();
  const auto gains_begin = static_cast<std::int32_t>(gains.size());
  const auto steering_begin = static_cast<std::int32_t>(steering.size());
  const int first = nof_subcarriers_per_prb * prbs.begin;
  const int nof_subcarriers = nof_subcarriers_per_prb * prbs.size();
  tasks.push_back(
      {first, nof_subcarriers, tx_port, plan.config.nof_tx_ports, nof_taps, gains_begin, steering_begin});

  const double slot_s = slot_start_s(carrier.scs, slot);
  gains.resize(gains.size() + static_cast<std::size_t>(nof_symbols_per_slot * plan.nof_gains()));
  for (int symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    const double time_s = slot_s + symbol_middle_s(carrier.scs, slot, symbol);
    const auto of_symbol =
        std::span(gains).subspan(static_cast<std::size_t>(gains_begin + symbol * plan.nof_gains()),
                                 static_cast<std::size_t>(plan.nof_gains()));
    channel_gains(plan, time_s, of_symbol);
    const cf32 turn = cfo_rotation(plan.config.cfo_hz, time_s);
    for (cf32& gain : of_symbol) {
      gain = turn * gain;
    }
  }

  steering.resize(steering.size() + static_cast<std::size_t>(nof_subcarriers * nof_taps));
  for (int i = 0; i < nof_subcarriers; ++i) {
    // Subcarrier k lies (k - 6 nof_prb) spacings above the carrier's centre. TS 38.211, 5.3.1.
    const double frequency_hz = static_cast<double>(first + i - 6 * carrier.nof_prb) * carrier.scs.scs_hz();
    for (int tap = 0; tap < nof_taps; ++tap) {
      steering[static_cast<std::size_t>(steering_begin + i * nof_taps + tap)] =
          cfo_rotation(-frequency_hz, plan.delays_s[static_cast<std::size_t>(tap)]);
    }
  }
}

void slot_channel_time::clear()
{
  tasks.clear();
  taps.clear();
  gains.clear();
  nof_samples = 0;
}

void slot_channel_time::add(const channel_plan& plan,
                            const carrier_config& carrier,
                            std::int64_t slot,
                            std::int32_t slot_samples,
                            std::int32_t tx_port)
{
  const double rate_hz = static_cast<double>(carrier.fft_size) * carrier.scs.scs_hz();
  const double start_s = slot_start_s(carrier.scs, slot) - channel_lead_samples / rate_hz;
  channel_time_task task = {};
  task.tx_port = tx_port;
  task.nof_tx_ports = plan.config.nof_tx_ports;
  task.nof_taps = plan.nof_taps();
  task.taps_begin = static_cast<std::int32_t>(taps.size());
  task.gains_begin = static_cast<std::int32_t>(gains.size());
  double longest = 0.0;
  for (const double delay_s : plan.delays_s) {
    taps.push_back(delay_filter(delay_s * rate_hz));
    longest = std::max(longest, delay_s * rate_hz);
  }
  const int samples = channel_lead_samples + slot_samples + static_cast<int>(longest) + delay_filter_length;
  nof_samples = std::max(nof_samples, samples);
  // A wave that turns by x between knots is missed by x^2 / 8 in the middle: -80 dB at 0.028 rad, 1/225 of a
  // turn.
  const double fastest_hz = std::max(plan.config.doppler_hz, 1.0);
  task.knot_samples =
      static_cast<std::int32_t>(std::min(rate_hz / (225.0 * fastest_hz), static_cast<double>(slot_samples)));
  task.knot_samples = std::max(task.knot_samples, 1);
  const double turns = plan.config.cfo_hz * start_s;
  task.cfo_turns = turns - std::floor(turns);
  task.cfo_turns_per_sample = plan.config.cfo_hz / rate_hz;
  // The output may be as long as the longest of all UEs: a fixed bound serves them all.
  constexpr double max_tail_s = 3e-4;
  const int nof_knots =
      (channel_lead_samples + slot_samples + static_cast<int>(max_tail_s * rate_hz)) / task.knot_samples + 2;
  gains.resize(gains.size() + static_cast<std::size_t>(nof_knots * plan.nof_gains()));
  for (int knot = 0; knot < nof_knots; ++knot) {
    const double time_s = start_s + static_cast<double>(knot) * task.knot_samples / rate_hz;
    channel_gains(
        plan,
        time_s,
        std::span(gains).subspan(static_cast<std::size_t>(task.gains_begin + knot * plan.nof_gains()),
                                 static_cast<std::size_t>(plan.nof_gains())));
  }
  tasks.push_back(task);
}

} // namespace pado::phy
