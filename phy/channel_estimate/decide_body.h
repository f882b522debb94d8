// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel_estimate/filter_tables.h"
#include "phy/channel_estimate/measure_body.h"

namespace pado::phy::body {

inline constexpr float low_pass_noise = 20.0F / 64.0F; ///< power of low-passed noise of unit power
inline constexpr float low_pass_overlap = 1.2F;        ///< low-passed values for one independent one
inline constexpr float two_pi = 6.2831853F;

/// Seconds from the start of the slot to symbol l, up to a constant. A prefix is longer at each half of a
/// subframe. \spec TS 38.211, 5.3.1
PADO_HD inline float symbol_time_s(int l, int slot_in_subframe, float scs_hz)
{
  const int half_subframe = static_cast<int>(scs_hz / 15000.0F) * 7;
  int longer = 0;
  for (int i = 1; i <= l; ++i) {
    longer += (14 * slot_in_subframe + i) % half_subframe == 0 ? 1 : 0;
  }
  // 2048 + 144 samples at 30.72 MHz, shorter with the subcarrier spacing, and 16 more that are not.
  return static_cast<float>(l) * (2192.0F / 2048.0F) / scs_hz +
         static_cast<float>(longer) * (16.0F / 30.72e6F);
}

/// The measurements of a PDU, all ports and layers together.
struct measure_sum {
  cf32 lag[4];
  cf32 cross[6];
  float pair_power[6];
  float lag_count[4];
  float pair_count[6];
  float power_count; ///< low-passed pilots that are there
  float noise;       ///< mean per pilot
  float signal;      ///< mean per low-passed pilot, noise taken off
  float nof_rows;    ///< ports x layers x DM-RS symbols
  float nof_values;  ///< low-passed pilots of a row
};

template <memory M>
PADO_HD measure_sum
sum_measures(const channel_estimate_task& task, const channel_estimate_work<M>& work, int t, int nof_ports)
{
  measure_sum s = {};
  float power = 0.0F;
  float noise_count = 0.0F;
  for (int port = 0; port < nof_ports; ++port) {
    for (int layer = 0; layer < task.nof_layers; ++layer) {
      const channel_measure& m = work.measures(t, port, layer);
      for (int i = 0; i < 4; ++i) {
        s.lag[i] += m.lag[i];
        s.lag_count[i] += m.lag_count[i];
      }
      for (int i = 0; i < 6; ++i) {
        s.cross[i] += m.cross[i];
        s.pair_power[i] += m.pair_power[i];
        s.pair_count[i] += m.pair_count[i];
      }
      power += m.power;
      s.power_count += m.power_count;
      s.noise += m.noise * m.noise_count;
      noise_count += m.noise_count;
    }
  }
  s.nof_rows = static_cast<float>(nof_ports * task.nof_layers * task.nof_dmrs);
  s.nof_values = static_cast<float>(3 * task.prbs.size() - 1);
  s.noise /= fmaxf(noise_count, 1.0F);
  const float mean = power / fmaxf(s.power_count, 1.0F);
  s.noise = fmaxf(s.noise, 1e-9F * mean + 1e-30F);
  s.signal = fmaxf(mean - low_pass_noise * s.noise, 0.02F * low_pass_noise * s.noise);
  return s;
}

/// Relative error of the mean of `count` products of low-passed values.
PADO_HD inline float product_error(const measure_sum& s, float count)
{
  const float inverse_snr = low_pass_noise * s.noise / s.signal;
  return sqrtf((2.0F * inverse_snr + inverse_snr * inverse_snr) * low_pass_overlap /
               (2.0F * fmaxf(count, 1.0F)));
}

struct delay_found {
  float turns;  ///< per subcarrier, beside the coarse ones
  float spread; ///< rad per pilot, as in filter_spreads, with the error of the delay
};

/// Finer delay from longer lags, as far as they hold together, and the delay spread from where they fall
/// apart.
PADO_HD inline delay_found refine_delay(const measure_sum& s)
{
  float angle = 0.0F; // rad per pilot pair
  float weight = 1.0F;
  float error = product_error(s, s.power_count - s.nof_rows);
  float spread = 0.03F; // on 1 PRB nothing can be measured: the class of 0.05
  bool is_found = false;
  for (int i = 0; i < 4; ++i) {
    const auto lag = static_cast<float>(2 << i);
    const float count = s.lag_count[i];
    if (count <= 0.0F) {
      break;
    }
    const float r = sqrtf(norm(s.lag[i])) / (count * s.signal);
    const float r_error = product_error(s, count);
    if (r > 0.5F + r_error) {
      const float w = lag * lag * r * r * (s.nof_values - lag) / (s.nof_values - 1.0F);
      const cf32 turned = s.lag[i] * polar(-lag * angle);
      angle += arg(turned) / lag * (w / (w + weight));
      weight += w;
      error = fminf(error, r_error / lag);
    }
    if (!is_found) {
      const float low = fmaxf(r - r_error, 0.05F);
      spread = low >= 1.0F ? 0.0F : sqrtf(1.0F / low - 1.0F) / (2.0F * lag);
      is_found = 1.0F - r > fmaxf(2.0F * r_error, 0.15F);
    }
  }
  return {angle / (4.0F * two_pi), sqrtf(spread * spread + error * error)};
}

/// Position of (first, second) in channel_measure::cross.
PADO_HD inline int cross_index(int first, int second)
{
  return second * (second - 1) / 2 + first;
}

/// Carrier offset from the turn between DM-RS symbols: the closest two say how often the others have turned
/// over.
PADO_HD inline float find_cfo_hz(const channel_estimate_task& task, const measure_sum& s, const float* time_s)
{
  float gap = 1.0F;
  cf32 closest = {};
  for (int d = 1; d < task.nof_dmrs; ++d) {
    if (time_s[d] - time_s[d - 1] < 0.95F * gap && s.pair_count[cross_index(d - 1, d)] > 0.0F) {
      gap = time_s[d] - time_s[d - 1];
      closest = s.cross[cross_index(d - 1, d)];
    }
  }
  const float coarse = arg(closest) / (two_pi * gap);
  float sum = 0.0F;
  float weights = 0.0F;
  for (int d = 1; d < task.nof_dmrs; ++d) {
    for (int first = 0; first < d; ++first) {
      const float span = time_s[d] - time_s[first];
      const cf32 cross = s.cross[cross_index(first, d)];
      const float w = sqrtf(norm(cross)) * span * span;
      sum += w * arg(cross * polar(-two_pi * coarse * span)) / (two_pi * span);
      weights += w;
    }
  }
  return weights > 0.0F ? coarse + sum / weights : 0.0F;
}

/// Whether the mean over the DM-RS symbols may stand for all: the channel's motion, seen as noise on a data
/// RE, is below 1.25 % of the noise (0.05 dB), or it cannot be told from noise (3 standard deviations).
/// Motion is what the values that two DM-RS symbols have in common differ by, on average over the pairs.
PADO_HD inline bool holds_still(const channel_estimate_task& task, const measure_sum& s, const cf32* unturn)
{
  const auto nof_dmrs = static_cast<float>(task.nof_dmrs);
  float apart = 0.0F;
  float count = 0.0F;
  float nof_pairs = 0.0F;
  for (int d = 1; d < task.nof_dmrs; ++d) {
    for (int first = 0; first < d; ++first) {
      const int pair = cross_index(first, d);
      if (s.pair_count[pair] > 0.0F) {
        const float coherent = 2.0F * (s.cross[pair] * unturn[d] * conj(unturn[first])).re;
        apart += (s.pair_power[pair] - coherent) / s.pair_count[pair];
        count += s.pair_count[pair];
        nof_pairs += 1.0F;
      }
    }
  }
  if (nof_pairs == 0.0F) {
    return true;
  }
  count /= nof_pairs;
  const float noise = (nof_dmrs - 1.0F) * low_pass_noise * s.noise;
  const float motion = (0.5F * (nof_dmrs - 1.0F) * apart / nof_pairs - noise) / nof_dmrs;
  const float deviation = noise * sqrtf(low_pass_overlap / (count * (nof_dmrs - 1.0F))) / nof_dmrs;
  const float noise_on_data = s.noise * task.amplitude * task.amplitude;
  return motion < 0.0125F * noise_on_data / static_cast<float>(task.nof_layers) + 3.0F * deviation;
}

/// Straight lines between DM-RS symbols, continued beyond the outer ones by at most half a gap.
PADO_HD inline void line_weights(int nof_dmrs, const float* time_s, float at_s, float* weight)
{
  int d = 0;
  while (d < nof_dmrs - 2 && at_s > time_s[d + 1]) {
    ++d;
  }
  const float along = (at_s - time_s[d]) / (time_s[d + 1] - time_s[d]);
  const float held = fminf(fmaxf(along, -0.5F), 1.5F);
  weight[d] = 1.0F - held;
  weight[d + 1] = held;
}

/// CFO, its removal, and the weights over time.
PADO_HD inline void decide_time(const channel_estimate_task& task,
                                const measure_sum& s,
                                float scs_hz,
                                channel_decision& decision,
                                channel_estimate_info& info)
{
  float time_s[max_nof_dmrs_symbols] = {};
  for (int d = 0; d < task.nof_dmrs; ++d) {
    time_s[d] = symbol_time_s(task.dmrs_symbols[d], task.slot_in_subframe, scs_hz);
  }
  float removed_hz = 0.0F;
  if (task.nof_dmrs > 1) {
    info.cfo_hz = find_cfo_hz(task, s, time_s);
    // A turn that may be noise stays in: on few PRBs taking it out would cost more than it brings.
    const float turn = two_pi * info.cfo_hz * (time_s[task.nof_dmrs - 1] - time_s[0]);
    float count = 0.0F;
    for (const float of_pair : s.pair_count) {
      count = fmaxf(count, of_pair);
    }
    const float error = product_error(s, count);
    removed_hz = fabsf(turn) > 2.0F * error ? info.cfo_hz : 0.0F;
  }
  for (int d = 0; d < max_nof_dmrs_symbols; ++d) {
    decision.unturn[d] =
        d < task.nof_dmrs ? polar(-two_pi * removed_hz * (time_s[d] - time_s[0])) : cf32{1.0F, 0.0F};
  }
  const bool is_static = task.nof_dmrs == 1 || holds_still(task, s, decision.unturn);
  decision.is_static = is_static ? 1 : 0;
  info.is_static = is_static ? 1.0F : 0.0F;
  for (int l = 0; l < nof_symbols_per_slot; ++l) {
    const float at_s = symbol_time_s(l, task.slot_in_subframe, scs_hz);
    info.rotation[l] = polar(two_pi * removed_hz * (at_s - time_s[0]));
    if (is_static) {
      info.weight[l][0] = 1.0F;
    } else {
      line_weights(task.nof_dmrs, time_s, at_s, info.weight[l]);
    }
  }
}

/// The first filter class at least as wide as the spread. One allocation shows few of a channel's fades, and
/// too narrow a filter leaves an error that no SNR removes, so the more noise counts for little, the wider.
PADO_HD inline int spread_class(float measured, float snr)
{
  const float spread = measured * (snr > 100.0F ? 1.6F : 1.2F);
  constexpr float limits[nof_filter_spreads - 1] = {
      filter_spreads[0], filter_spreads[1], filter_spreads[2], filter_spreads[3]};
  int i = 0;
  for (const float limit : limits) {
    i += spread > limit ? 1 : 0;
  }
  return i;
}
/// The nearest class, -6, 4, 14, 24, 36 dB.
PADO_HD inline int snr_class(float snr)
{
  constexpr float limits[nof_filter_snrs - 1] = {0.7943F, 7.943F, 79.43F, 1000.0F};
  int i = 0;
  for (const float limit : limits) {
    i += snr > limit ? 1 : 0;
  }
  return i;
}

/// Third pass, one thread: everything that is chosen for one PDU.
template <memory M>
PADO_HD void decide(const channel_estimate_task& task,
                    const channel_estimate_work<M>& work,
                    int t,
                    int nof_ports,
                    channel_estimate_info& info)
{
  const measure_sum s = sum_measures(task, work, t, nof_ports);
  channel_decision decision = {};
  channel_estimate_info out = {};
  const delay_found delay = refine_delay(s);
  decision.turns = coarse_turns(task, work, t, nof_ports) + delay.turns;
  out.ta_s = -decision.turns / work.scs_hz;
  decide_time(task, s, work.scs_hz, decision, out);
  const int nof_prb = task.prbs.size() < filter_max_prb ? task.prbs.size() : filter_max_prb;
  const float gain = decision.is_static != 0 ? static_cast<float>(task.nof_dmrs) : 1.0F;
  for (int port = 0; port < nof_ports; ++port) {
    for (int layer = 0; layer < task.nof_layers; ++layer) {
      channel_measure& m = work.measures(t, port, layer);
      // A port's own noise where it is measured well, else that of all ports.
      const float noise = nof_prb >= 4 ? fmaxf(m.noise, 0.1F * s.noise) : s.noise;
      const float signal = m.power / fmaxf(m.power_count, 1.0F) - low_pass_noise * noise;
      m.filter = filter_index(task.peer_task[layer] >= 0 ? 1 : 0,
                              spread_class(delay.spread, gain * signal / noise),
                              snr_class(gain * signal / noise),
                              nof_prb);
    }
  }
  work.decisions(t) = decision;
  info = out;
}

} // namespace pado::phy::body
