// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel_estimate/channel_estimate.h"
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

/// First pass: correlation of neighbouring pilot pairs. Averaging a pair removes the FD-OCC peer well enough
/// for a delay.
template <class Block, memory M>
PADO_HD void measure_delay(const Block& block,
                           const channel_estimate_task& task,
                           int port,
                           int layer,
                           view<const cf32, 2, M> ls,
                           channel_measure& out)
{
  constexpr int N = lanes_of<Block>;
  const int nof_pairs = 3 * task.prbs.size();
  const int chunks = (nof_pairs + N - 1) / N;
  cf32 neighbour = {};
  for (int d = 0; d < task.nof_dmrs; ++d) {
    const cf32* x = pilots_of(task, ls, port, layer, d);
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
  block.single([&] { out.neighbour = neighbour; });
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

/// Mean power in the band of the null taps.
template <class Block>
PADO_HD float null_band_power(const Block& block, const split_pilots& x, int nof_pairs, const null_taps& taps)
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
    return sums<N>{{keep_below<N>(norm(y[0]), nof_even - j), keep_below<N>(norm(y[1]), nof_odd - j)}, {}};
  });
  const cf32 power = total_of(s.a);
  return with_odd ? (power.re + power.im) / static_cast<float>(nof_values)
                  : power.re / static_cast<float>(nof_even);
}

/// Pilots with the delay taken out, low-passed by (1 3 3 1) / 8 and thinned to one a pair. The peer, at half
/// the sampling rate of the pilots, meets a zero of order 3. White noise of power 1 becomes 20 / 64.
template <class Block>
PADO_HD void
low_pass(const Block& block, const split_pilots& x, int nof_pairs, float turns, float* z_re, float* z_im)
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
    }
    store<N>(z_re + j, keep_below<N>(z.re, nof_pairs - 1 - j));
    store<N>(z_im + j, keep_below<N>(z.im, nof_pairs - 1 - j));
  });
}

/// Correlations of low-passed pilots: a against itself at two lags, or against b.
template <class Block>
PADO_HD sums<lanes_of<Block>> correlate(const Block& block,
                                        int nof_values,
                                        const float* a_re,
                                        const float* a_im,
                                        const float* b_re,
                                        const float* b_im,
                                        int lag_0,
                                        int lag_1)
{
  constexpr int N = lanes_of<Block>;
  return block.template sum<sums<N>>((nof_values + N - 1) / N, [=](int c) {
    const int j = N * c;
    const lanes_c<N> a = {load<N>(a_re + j), load<N>(a_im + j)};
    const lanes_c<N> b0 = {load<N>(b_re + j + lag_0), load<N>(b_im + j + lag_0)};
    const lanes_c<N> b1 = {load<N>(b_re + j + lag_1), load<N>(b_im + j + lag_1)};
    return sums<N>{conj_mul(a, b0), conj_mul(a, b1)};
  });
}

/// Second pass: noise, correlation over frequency and over DM-RS symbols.
template <class Block, memory M>
PADO_HD void measure_channel(const Block& block,
                             const channel_estimate_task& task,
                             int port,
                             int layer,
                             view<const cf32, 2, M> ls,
                             float turns,
                             float peer_turns,
                             channel_measure& out)
{
  const int nof_pairs = 3 * task.prbs.size();
  const int stride = measure_stride(task.prbs.size());
  float* scratch = block.template array<float>(0, static_cast<std::size_t>((4 + 2 * task.nof_dmrs) * stride));
  const split_pilots x = {scratch, scratch + stride, scratch + 2 * stride, scratch + 3 * stride};
  float* z = scratch + 4 * stride;
  const null_taps taps = make_null_taps(task.prbs.size(), turns, task.peer_task[layer] >= 0, peer_turns);
  channel_measure m = {};
  for (int d = 0; d < task.nof_dmrs; ++d) {
    split_into(block, pilots_of(task, ls, port, layer, d), nof_pairs, x);
    m.noise += null_band_power(block, x, nof_pairs, taps) / static_cast<float>(task.nof_dmrs);
    low_pass(block, x, nof_pairs, turns, z + 2 * d * stride, z + (2 * d + 1) * stride);
  }
  int pair = 0;
  for (int d = 0; d < task.nof_dmrs; ++d) {
    const float* re = z + 2 * d * stride;
    const float* im = re + stride;
    const auto near = correlate(block, nof_pairs, re, im, re, im, 2, 4);
    const auto far = correlate(block, nof_pairs, re, im, re, im, 8, 16);
    m.lag[0] += total_of(near.a);
    m.lag[1] += total_of(near.b);
    m.lag[2] += total_of(far.a);
    m.lag[3] += total_of(far.b);
    m.power[d] = total_of(correlate(block, nof_pairs, re, im, re, im, 0, 0).a).re;
    for (int first = 0; first < d; ++first) {
      const float* before = z + 2 * first * stride;
      m.cross[pair++] = total_of(correlate(block, nof_pairs, before, before + stride, re, im, 0, 0).a);
    }
  }
  block.single([&] {
    m.neighbour = out.neighbour;
    out = m;
  });
}

} // namespace pado::phy::body
