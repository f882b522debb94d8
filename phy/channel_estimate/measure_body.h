// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel_estimate/channel_estimate.h"
#include "phy/channel_estimate/gaps_body.h"
#include "phy/channel_estimate/lanes.h"

namespace pado::phy::body {

/// Four sums at a time: 16 bytes a device thread, so a reduction of a whole block fits static shared memory.
template <int N>
struct sums {
  lanes_c<N> a{};
  lanes_c<N> b{};

  PADO_HD sums& operator+=(const sums& other)
  {
    a += other.a;
    b += other.b;
    return *this;
  }
};
template <int N>
PADO_HD inline cf32 total_of(const lanes_c<N>& c)
{
  return {total<N>(c.re), total<N>(c.im)};
}

/// The least-squares values of one layer, one DM-RS symbol, one port.
template <memory M>
PADO_HD inline const cf32*
pilots_of(const channel_estimate_task& task, view<const cf32, 2, M> ls, int port, int layer, int d)
{
  return &ls(port, task.ls_begin + (layer * task.nof_dmrs + d) * 6 * task.prbs.size());
}

template <memory M>
using channel_estimate_stage = phy::channel_estimate<M == memory::host ? backend::cpu : backend::cuda>;
template <memory M>
using channel_estimate_input = typename channel_estimate_stage<M>::input;
template <memory M>
using channel_estimate_output = typename channel_estimate_stage<M>::output;

/// What one block of a pass works on.
struct layer_place {
  int task;
  int port;
  int layer;
};

/// First pass: what has arrived, and correlation of neighbouring pilot pairs. Averaging a pair removes the
/// FD-OCC peer well enough for a delay; missing pilots are zero and add nothing.
template <memory M, class Block>
PADO_HD void measure_delay(const Block& block,
                           const layer_place& at,
                           const channel_estimate_input<M>& in,
                           channel_measure& out)
{
  constexpr int N = lanes_of<Block>;
  const channel_estimate_task& task = in.tasks(at.task);
  const int nof_pairs = 3 * task.prbs.size();
  const int chunks = (nof_pairs + N - 1) / N;
  cf32 neighbour = {};
  for (int d = 0; d < task.nof_dmrs; ++d) {
    const cf32* x = pilots_of(task, in.ls, at.port, at.layer, d);
    const sums<N> s = block.template sum<sums<N>>(chunks, [=](int c) {
      const int j = N * c;
      const lanes_pairs<N> here = load_pairs<N>(x + 2 * j, nof_pairs - j);
      const lanes_pairs<N> next = load_pairs<N>(x + 2 * j + 2, nof_pairs - j - 1);
      const lanes_c<N> a = {here.even.re + here.odd.re, here.even.im + here.odd.im};
      const lanes_c<N> b = {next.even.re + next.odd.re, next.even.im + next.odd.im};
      return sums<N>{conj_mul(a, b), {}};
    });
    neighbour += total_of(s.a);
  }
  const pilot_count count = count_pilots(block, mask_of(task, in.received, at.port));
  block.single([&] {
    out.neighbour = neighbour;
    out.nof_present = count.present;
    out.nof_covered = count.covered;
  });
}

/// Delay of a PDU as turns per subcarrier: all its ports and layers together, since they belong to one UE.
template <memory M>
PADO_HD inline float
coarse_turns(const channel_estimate_task& task, const channel_estimate_work<M>& work, int t, int nof_ports)
{
  cf32 sum = {};
  for (int port = 0; port < nof_ports; ++port) {
    for (int layer = 0; layer < task.nof_layers; ++layer) {
      sum += work.measures(t, port, layer).neighbour;
    }
  }
  return arg(sum) * (0.15915494F / 4.0F); // two pairs are 4 subcarriers apart
}

inline constexpr int measure_pad = 64; ///< zeros after the last pair: longest lag, taps and two vectors
PADO_HD inline int measure_stride(int nof_prb)
{
  return (3 * nof_prb + measure_pad + 15) / 16 * 16;
}
inline std::size_t measure_scratch_floats(int max_prb)
{
  return static_cast<std::size_t>((4 + 2 * max_nof_dmrs_symbols) * measure_stride(max_prb));
}

/// Taps that pass neither a layer at its delay nor its FD-OCC peer at the peer's: nulls of order 3 each
/// (order 1 on 1 PRB); without a peer all are for the layer. Unit noise gain.
struct null_taps {
  cf32 tap[7];
  int count;
};
PADO_HD inline null_taps make_null_taps(int nof_prb, float own_turns, bool has_peer, float peer_turns)
{
  null_taps taps = {{{1.0F, 0.0F}}, 1};
  const int order = nof_prb == 1 ? 1 : 3;
  for (int i = 0; i < 2 * order; ++i) {
    const bool of_peer = has_peer && i >= order;
    // y(p) = x(p + 1) - root x(p), a pilot is 2 subcarriers further and the peer alternates in sign.
    const cf32 root = (of_peer ? -1.0F : 1.0F) * polar(12.566371F * (of_peer ? peer_turns : own_turns));
    for (int j = taps.count; j >= 0; --j) {
      const cf32 below = j > 0 ? taps.tap[j - 1] : cf32{};
      const cf32 here = j < taps.count ? taps.tap[j] : cf32{};
      taps.tap[j] = below - root * here;
    }
    ++taps.count;
  }
  float power = 0.0F;
  for (int i = 0; i < taps.count; ++i) {
    power += norm(taps.tap[i]);
  }
  for (int i = 0; i < taps.count; ++i) {
    taps.tap[i] = (1.0F / sqrtf(power)) * taps.tap[i];
  }
  return taps;
}

/// The pilots of one DM-RS symbol in scratch, even and odd ones apart, zeros after the end.
struct split_pilots {
  float* even_re;
  float* even_im;
  float* odd_re;
  float* odd_im;
};

template <class Block>
PADO_HD void split_into(const Block& block, const cf32* x, int nof_pairs, const split_pilots& to)
{
  constexpr int N = lanes_of<Block>;
  block.for_each((nof_pairs + 16 + N - 1) / N, [=](int c) {
    const int j = N * c;
    const lanes_pairs<N> p = load_pairs<N>(x + 2 * j, nof_pairs - j);
    store<N>(to.even_re + j, p.even.re);
    store<N>(to.even_im + j, p.even.im);
    store<N>(to.odd_re + j, p.odd.re);
    store<N>(to.odd_im + j, p.odd.im);
  });
}

template <int N>
PADO_HD inline lanes_c<N> even_at(const split_pilots& x, int j)
{
  return {load<N>(x.even_re + j), load<N>(x.even_im + j)};
}
template <int N>
PADO_HD inline lanes_c<N> odd_at(const split_pilots& x, int j)
{
  return {load<N>(x.odd_re + j), load<N>(x.odd_im + j)};
}

/// How many values of the null band have all their pilots, even and odd positions apart.
template <class Block>
PADO_HD cf32 count_null_band(const Block& block, const std::uint8_t* row, int nof_pairs, int nof_taps)
{
  constexpr int N = lanes_of<Block>;
  const sums<N> s = block.template sum<sums<N>>((nof_pairs + N - 1) / N, [=](int c) {
    return sums<N>{{arrived_runs<N>(row, nof_pairs / 3, 2 * N * c, 2, nof_taps),
                    arrived_runs<N>(row, nof_pairs / 3, 2 * N * c + 1, 2, nof_taps)},
                   {}};
  });
  return total_of(s.a);
}

/// Power in the band of the null taps, and of how many values. `row` tells the PRBs that arrived; null: all.
template <class Block>
PADO_HD cf32 null_band_power(
    const Block& block, const split_pilots& x, int nof_pairs, const null_taps& taps, const std::uint8_t* row)
{
  constexpr int N = lanes_of<Block>;
  const int nof_values = 2 * nof_pairs - taps.count + 1; // one per pilot position
  const int nof_even = (nof_values + 1) / 2;
  const int nof_odd = nof_values / 2;
  // Neighbours are highly correlated: long allocations do with every second one.
  const bool with_odd = nof_pairs <= 24;
  const sums<N> s = block.template sum<sums<N>>((nof_even + N - 1) / N, [=](int c) {
    const int j = N * c;
    lanes_c<N> y[2] = {};
    for (int i = 0; i < taps.count; ++i) {
      y[0] += mul<N>(taps.tap[i], i % 2 == 0 ? even_at<N>(x, j + i / 2) : odd_at<N>(x, j + i / 2));
      if (with_odd) {
        y[1] += mul<N>(taps.tap[i], i % 2 == 0 ? odd_at<N>(x, j + i / 2) : even_at<N>(x, j + i / 2 + 1));
      }
    }
    lanes_c<N> power = {keep_below<N>(norm(y[0]), nof_even - j), keep_below<N>(norm(y[1]), nof_odd - j)};
    if (row != nullptr) {
      power.re = power.re * arrived_runs<N>(row, nof_pairs / 3, 2 * j, 2, taps.count);
      power.im = power.im * arrived_runs<N>(row, nof_pairs / 3, 2 * j + 1, 2, taps.count);
    }
    return sums<N>{power, {}};
  });
  const cf32 power = total_of(s.a);
  const cf32 count = row == nullptr ? cf32{static_cast<float>(nof_even), static_cast<float>(nof_odd)}
                                    : count_null_band(block, row, nof_pairs, taps.count);
  return with_odd ? cf32{power.re + power.im, count.re + count.im} : cf32{power.re, count.re};
}

/// The low-passed pilots of one DM-RS symbol.
struct low_passed {
  float* re;
  float* im;
};

/// Pilots with the delay taken out, low-passed by (1 3 3 1) / 8 and thinned to one a pair. The peer, at half
/// the sampling rate of the pilots, meets a zero of order 3. White noise of power 1 becomes 20 / 64. Where
/// one of the four is missing the value is 0.
template <class Block>
PADO_HD void low_pass(const Block& block,
                      const split_pilots& x,
                      int nof_pairs,
                      float turns,
                      const std::uint8_t* row,
                      const low_passed& to)
{
  constexpr int N = lanes_of<Block>;
  cf32 tap[4];
  for (int i = 0; i < 4; ++i) {
    tap[i] = (i == 0 || i == 3 ? 0.125F : 0.375F) * polar(-12.566371F * turns * static_cast<float>(i));
  }
  const cf32 t0 = tap[0];
  const cf32 t1 = tap[1];
  const cf32 t2 = tap[2];
  const cf32 t3 = tap[3];
  block.for_each((nof_pairs + 32 + N - 1) / N, [=](int c) {
    const int j = N * c;
    lanes_c<N> z = {};
    if (j < nof_pairs) {
      z = mul<N>(t0, even_at<N>(x, j));
      z += mul<N>(t1, odd_at<N>(x, j));
      z += mul<N>(t2, even_at<N>(x, j + 1));
      z += mul<N>(t3, odd_at<N>(x, j + 1));
      z = mul<N>(z, phasors<N>(-4.0 * static_cast<double>(turns) * j, -4.0F * turns));
      if (row != nullptr) {
        const lanes_f<N> mask = arrived_runs<N>(row, nof_pairs / 3, 2 * j, 2, 4);
        z = {z.re * mask, z.im * mask};
      }
    }
    store<N>(to.re + j, keep_below<N>(z.re, nof_pairs - 1 - j));
    store<N>(to.im + j, keep_below<N>(z.im, nof_pairs - 1 - j));
  });
}

/// Correlations of low-passed pilots at two lags.
template <class Block>
PADO_HD sums<lanes_of<Block>>
correlate(const Block& block, int nof_values, const low_passed& x, const low_passed& y, int lag_0, int lag_1)
{
  constexpr int N = lanes_of<Block>;
  return block.template sum<sums<N>>((nof_values + N - 1) / N, [=](int c) {
    const int j = N * c;
    const lanes_c<N> a = {load<N>(x.re + j), load<N>(x.im + j)};
    const lanes_c<N> b0 = {load<N>(y.re + j + lag_0), load<N>(y.im + j + lag_0)};
    const lanes_c<N> b1 = {load<N>(y.re + j + lag_1), load<N>(y.im + j + lag_1)};
    return sums<N>{conj_mul(a, b0), conj_mul(a, b1)};
  });
}

/// How many products of correlate() at two lags have both factors.
template <class Block>
PADO_HD cf32 count_lags(const Block& block, int nof_values, const low_passed& z, int lag_0, int lag_1)
{
  constexpr int N = lanes_of<Block>;
  const sums<N> s = block.template sum<sums<N>>((nof_values + N - 1) / N, [=](int c) {
    const int j = N * c;
    const lanes_c<N> a = {load<N>(z.re + j), load<N>(z.im + j)};
    const lanes_c<N> b0 = {load<N>(z.re + j + lag_0), load<N>(z.im + j + lag_0)};
    const lanes_c<N> b1 = {load<N>(z.re + j + lag_1), load<N>(z.im + j + lag_1)};
    return sums<N>{{both_there(a, b0), both_there(a, b1)}, {}};
  });
  return total_of(s.a);
}

/// How many values two DM-RS symbols have in common, and their power in both.
template <class Block>
PADO_HD cf32 count_pair(const Block& block, int nof_values, const low_passed& first, const low_passed& second)
{
  constexpr int N = lanes_of<Block>;
  const sums<N> s = block.template sum<sums<N>>((nof_values + N - 1) / N, [=](int c) {
    const int j = N * c;
    const lanes_c<N> a = {load<N>(first.re + j), load<N>(first.im + j)};
    const lanes_c<N> b = {load<N>(second.re + j), load<N>(second.im + j)};
    const lanes_f<N> both = both_there(a, b);
    return sums<N>{{both, both * (norm(a) + norm(b))}, {}};
  });
  return total_of(s.a);
}

/// Adds the correlations over frequency of one DM-RS symbol.
template <class Block>
PADO_HD float
add_lags(const Block& block, int nof_pairs, const low_passed& z, bool has_missing, channel_measure& m)
{
  const auto near = correlate(block, nof_pairs, z, z, 2, 4);
  const auto far = correlate(block, nof_pairs, z, z, 8, 16);
  const auto same = correlate(block, nof_pairs, z, z, 0, 0);
  m.lag[0] += total_of(near.a);
  m.lag[1] += total_of(near.b);
  m.lag[2] += total_of(far.a);
  m.lag[3] += total_of(far.b);
  const float power = total_of(same.a).re;
  m.power += power;
  if (has_missing) {
    const cf32 few = count_lags(block, nof_pairs, z, 2, 4);
    const cf32 many = count_lags(block, nof_pairs, z, 8, 16);
    const float counts[4] = {few.re, few.im, many.re, many.im};
    for (int i = 0; i < 4; ++i) {
      m.lag_count[i] += counts[i];
    }
    m.power_count += count_lags(block, nof_pairs, z, 0, 0).re;
  } else {
    for (int i = 0; i < 4; ++i) {
      const int count = nof_pairs - 1 - (2 << i);
      m.lag_count[i] += count > 0 ? static_cast<float>(count) : 0.0F;
    }
    m.power_count += static_cast<float>(nof_pairs - 1);
  }
  return power;
}

/// Delays of a layer and of its FD-OCC peer as turns per subcarrier.
struct delay_turns {
  float own;
  float peer;
};

/// Second pass: noise, correlation over frequency and over DM-RS symbols.
template <memory M, class Block>
PADO_HD void measure_channel(const Block& block,
                             const layer_place& at,
                             const channel_estimate_input<M>& in,
                             const delay_turns& delay,
                             channel_measure& out)
{
  const channel_estimate_task& task = in.tasks(at.task);
  const float turns = delay.own;
  const int nof_pairs = 3 * task.prbs.size();
  const int stride = measure_stride(task.prbs.size());
  float* scratch = block.template array<float>(0, static_cast<std::size_t>((4 + 2 * task.nof_dmrs) * stride));
  const split_pilots x = {scratch, scratch + stride, scratch + 2 * stride, scratch + 3 * stride};
  float* z = scratch + 4 * stride;
  const null_taps taps = make_null_taps(task.prbs.size(), turns, task.peer_task[at.layer] >= 0, delay.peer);
  const bool has_missing = has_gaps(task, out);
  const pilot_mask mask = mask_of(task, in.received, at.port);
  channel_measure m = {};
  for (int d = 0; d < task.nof_dmrs; ++d) {
    const std::uint8_t* row = has_missing ? mask.row[d] : nullptr;
    split_into(block, pilots_of(task, in.ls, at.port, at.layer, d), nof_pairs, x);
    const cf32 band = null_band_power(block, x, nof_pairs, taps, row);
    m.noise += band.re;
    m.noise_count += band.im;
    low_pass(block, x, nof_pairs, turns, row, {z + 2 * d * stride, z + (2 * d + 1) * stride});
  }
  m.noise = m.noise_count > 0.0F ? m.noise / m.noise_count : 0.0F;
  float power[max_nof_dmrs_symbols] = {};
  int pair = 0;
  for (int d = 0; d < task.nof_dmrs; ++d) {
    const low_passed here = {z + 2 * d * stride, z + (2 * d + 1) * stride};
    power[d] = add_lags(block, nof_pairs, here, has_missing, m);
    for (int first = 0; first < d; ++first, ++pair) {
      const low_passed before = {z + 2 * first * stride, z + (2 * first + 1) * stride};
      m.cross[pair] = total_of(correlate(block, nof_pairs, before, here, 0, 0).a);
      const cf32 common = has_missing ? count_pair(block, nof_pairs, before, here)
                                      : cf32{static_cast<float>(nof_pairs - 1), power[first] + power[d]};
      m.pair_count[pair] = common.re;
      m.pair_power[pair] = common.im;
    }
  }
  block.single([&] {
    m.neighbour = out.neighbour;
    m.nof_present = out.nof_present;
    m.nof_covered = out.nof_covered;
    out = m;
  });
}

} // namespace pado::phy::body
