// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel_estimate/filter_tables.h"
#include "phy/channel_estimate/gaps_body.h"
#include "phy/channel_estimate/measure_body.h"

namespace pado::phy::body {

inline constexpr int filter_pad = 96; ///< after the last pilot: what whole vectors read
PADO_HD inline int filter_stride(int nof_prb)
{
  return (6 * nof_prb + filter_pad + 15) / 16 * 16;
}
inline std::size_t filter_scratch_floats(int max_prb)
{
  return static_cast<std::size_t>(2 * filter_stride(max_prb));
}

/// One layer on one port, ready to be filtered.
struct filter_job {
  const float* x_re; ///< pilots, delay taken out
  const float* x_im;
  const float* coefficients; ///< of the layer's comb
  int stride;
  int taps;
  float turns;
  cf32* h;
};

/// Mean of the pilots of some DM-RS symbols, carrier offset and delay taken out.
template <class Block>
PADO_HD void centre_pilots(const Block& block,
                           int nof_pilots,
                           const channel_decision& decision,
                           const centred_pilots& pilots)
{
  constexpr int N = lanes_of<Block>;
  const int first = pilots.first;
  const int last = pilots.last;
  const float turns = decision.turns;
  const double start = -static_cast<double>(turns) * pilots.delta;
  cf32 scale[max_nof_dmrs_symbols];
  for (int d = 0; d < max_nof_dmrs_symbols; ++d) {
    scale[d] =
        d >= first && d < last ? (1.0F / static_cast<float>(last - first)) * decision.unturn[d] : cf32{};
  }
  const cf32 s0 = scale[0];
  const cf32 s1 = scale[1];
  const cf32 s2 = scale[2];
  const cf32 s3 = scale[3];
  block.for_each((nof_pilots + filter_pad / 2 + N - 1) / N, [=](int c) {
    const int p = N * c;
    lanes_c<N> sum = {};
    if (p < nof_pilots) {
      for (int d = first; d < last; ++d) {
        const cf32 s = d == 0 ? s0 : d == 1 ? s1 : d == 2 ? s2 : s3;
        sum += mul<N>(s, load_c<N>(pilots.ls + d * nof_pilots + p, nof_pilots - p));
      }
      sum = mul<N>(sum, phasors<N>(start - 2.0 * static_cast<double>(turns) * p, -2.0F * turns));
    }
    store<N>(pilots.x_re + p, sum.re);
    store<N>(pilots.x_im + p, sum.im);
  });
}

/// Subcarriers [first, first + count) from the pilots [window, window + taps), row by row of the table. Gives
/// the power.
template <class Block>
PADO_HD float filter_rows(const Block& block, const filter_job& job, int first, int count, int window)
{
  constexpr int N = lanes_of<Block>;
  const int first_row = first - 2 * window;
  const sums<N> s = block.template sum<sums<N>>((count + N - 1) / N, [=](int c) {
    const int at = N * c;
    const float* coefficient = job.coefficients + first_row + at;
    lanes_c<N> h = {};
    for (int t = 0; t < job.taps; ++t) {
      const lanes_f<N> w = load<N>(coefficient + t * job.stride);
      h.re += job.x_re[window + t] * w;
      h.im += job.x_im[window + t] * w;
    }
    store_c<N>(job.h + first + at,
               mul<N>(h, phasors<N>(static_cast<double>(job.turns) * (first + at), job.turns)),
               count - at);
    return sums<N>{{keep_below<N>(norm(h), count - at), {}}, {}};
  });
  return total_of(s.a).re;
}

/// Two neighbouring subcarriers from each of `count` windows, which slide by one pilot. Gives the power.
template <class Block>
PADO_HD float filter_slide(const Block& block, const filter_job& job, int first_row, int count)
{
  constexpr int N = lanes_of<Block>;
  const cf32 one = polar(6.2831853F * job.turns);
  // Two vectors at a time: 8 chains of multiply-add hide the latency of each.
  const sums<N> s = block.template sum<sums<N>>((count + 2 * N - 1) / (2 * N), [=](int c) {
    const int window = 2 * N * c;
    const float* coefficient = job.coefficients + first_row;
    lanes_pairs<N> h[2] = {};
    for (int t = 0; t < filter_taps; ++t) {
      const float even = coefficient[t * job.stride];
      const float odd = coefficient[t * job.stride + 1];
      for (int v = 0; v < 2; ++v) {
        const lanes_f<N> re = load<N>(job.x_re + window + t + v * N);
        const lanes_f<N> im = load<N>(job.x_im + window + t + v * N);
        h[v].even.re += even * re;
        h[v].even.im += even * im;
        h[v].odd.re += odd * re;
        h[v].odd.im += odd * im;
      }
    }
    lanes_f<N> power = {};
    for (int v = 0; v < 2; ++v) {
      const int at = window + v * N;
      const int left = count - at;
      power += keep_below<N>(norm(h[v].even) + norm(h[v].odd), left);
      const int k = 2 * at + first_row;
      const lanes_c<N> turn = phasors<N>(static_cast<double>(job.turns) * k, 2.0F * job.turns);
      const lanes_pairs<N> out = {mul<N>(h[v].even, turn), mul<N>(one, mul<N>(h[v].odd, turn))};
      if (left >= N) {
        store_pairs<N>(job.h + k, out);
      } else if (left > 0) {
        cf32 values[2 * N];
        store_pairs<N>(values, out);
        for (int i = 0; i < 2 * left; ++i) {
          job.h[k + i] = values[i];
        }
      }
    }
    return sums<N>{{power, {}}, {}};
  });
  return total_of(s.a).re;
}

/// All subcarriers of one layer on one port. Gives the power.
template <class Block>
PADO_HD float filter_all(const Block& block, const filter_job& job, int nof_prb, int delta)
{
  if (nof_prb <= filter_max_prb) {
    return filter_rows(block, job, 0, 12 * nof_prb, 0);
  }
  // The middle two rows of the table slide, the rows around them serve the edges.
  const int first_row = filter_taps - 2 + 2 * delta;
  const int nof_windows = 6 * nof_prb - filter_taps + 1;
  const int last = first_row + 2 * nof_windows;
  return filter_rows(block, job, 0, first_row, 0) + filter_slide(block, job, first_row, nof_windows) +
         filter_rows(block, job, last, 12 * nof_prb - last, nof_windows - 1);
}

/// Makes up for missing pilots in the centred mean of the DM-RS symbols [first, last).
template <class Block>
PADO_HD void mend_pilots(const Block& block,
                         const channel_estimate_task& task,
                         const pilot_mask& mask,
                         const channel_decision& decision,
                         const centred_pilots& pilots)
{
  mend_from_symbols(block, mask, task, decision, pilots);
  mend_from_neighbours(block, mask, pilots.x_re, pilots.x_im);
}

/// Fourth pass: the estimates.
template <class Block, memory M>
PADO_HD void filter_channel(const Block& block,
                            const layer_place& at,
                            const channel_estimate_input<M>& in,
                            const channel_estimate_work<M>& work,
                            view<cf32, 2, M> h)
{
  const channel_estimate_task& task = in.tasks(at.task);
  const int nof_prb = task.prbs.size();
  const int stride = filter_stride(nof_prb);
  float* scratch = block.template array<float>(0, static_cast<std::size_t>(2 * stride));
  const channel_decision& decision = work.decisions(at.task);
  channel_measure& measure = work.measures(at.task, at.port, at.layer);
  const channel_filter filter = work.filters(measure.filter);
  const int taps = 6 * (nof_prb < filter_max_prb ? nof_prb : filter_max_prb);
  const int nof_out = decision.is_static != 0 ? 1 : task.nof_dmrs;
  const bool has_missing = has_gaps(task, measure);
  const pilot_mask mask = mask_of(task, in.received, at.port);
  float power = 0.0F;
  for (int d = 0; d < nof_out; ++d) {
    const int last = decision.is_static != 0 ? task.nof_dmrs : d + 1;
    const centred_pilots pilots = {pilots_of(task, in.ls, at.port, at.layer, 0),
                                   task.delta[at.layer],
                                   d,
                                   last,
                                   scratch,
                                   scratch + stride};
    centre_pilots(block, 6 * nof_prb, decision, pilots);
    if (has_missing) {
      mend_pilots(block, task, mask, decision, pilots);
    }
    const filter_job job = {scratch,
                            scratch + stride,
                            &work.coefficients(filter.begin[task.delta[at.layer]]),
                            filter.stride,
                            taps,
                            decision.turns,
                            &h(at.port, task.h_begin + (at.layer * task.nof_dmrs + d) * 12 * nof_prb)};
    power += filter_all(block, job, nof_prb, task.delta[at.layer]);
    if (has_missing) {
      power -= clear_uncovered(block, mask, job.h);
    }
  }
  const int nof_used = measure.nof_covered > 0 ? measure.nof_covered : 1;
  block.single([&] { measure.h_power = power / static_cast<float>(12 * nof_used * nof_out); });
}

} // namespace pado::phy::body
