// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel_estimate/filter_tables.h"
#include "phy/channel_estimate/gaps_body.h"
#include "phy/channel_estimate/measure_body.h"

namespace pado::phy::body {

/// What a filter does to white noise on all pilots of an allocation, see channel_filter.
struct noise_terms {
  float trace;
  float norm;
  float cross;
};
PADO_HD inline noise_terms terms_of(const channel_filter& filter, int nof_prb)
{
  const auto more = static_cast<float>(nof_prb > filter_max_prb ? 6 * nof_prb - filter_taps : 0);
  return {filter.trace + more * filter.trace_step,
          filter.norm + more * filter.norm_step,
          filter.cross + more * filter.cross_step};
}

/// A layer's estimates on its pilots of one DM-RS symbol: h[2 p + delta] * factor[d], summed over d.
struct layer_on_pilots {
  const cf32* h; ///< of the first subcarrier that both have, DM-RS symbol 0
  int stride;    ///< from one DM-RS symbol to the next
  int delta;
  int begin; ///< pilots [begin, end) of the task in which the layer is there
  int end;
  cf32 factor[max_nof_dmrs_symbols];
};

/// The layer at `at`, as seen in the PRBs of a task.
template <memory M>
PADO_HD layer_on_pilots layer_at(const channel_estimate_task& task,
                                 const layer_place& at,
                                 int symbol,
                                 const channel_estimate_input<M>& in,
                                 const channel_estimate_output<M>& estimates)
{
  const channel_estimate_task& of = in.tasks(at.task);
  const channel_estimate_info& info = estimates.info(at.task);
  const int first_prb = task.prbs.begin > of.prbs.begin ? task.prbs.begin : of.prbs.begin;
  const int last_prb = task.prbs.end < of.prbs.end ? task.prbs.end : of.prbs.end;
  layer_on_pilots out = {};
  out.stride = 12 * of.prbs.size();
  out.delta = of.delta[at.layer];
  out.begin = 6 * (first_prb - task.prbs.begin);
  out.end = last_prb > first_prb ? 6 * (last_prb - task.prbs.begin) : out.begin;
  out.h = &estimates.h(at.port, of.h_begin + at.layer * of.nof_dmrs * out.stride) +
          12 * (first_prb - of.prbs.begin);
  for (int d = 0; d < of.nof_dmrs; ++d) {
    out.factor[d] = info.weight[symbol][d] * info.rotation[symbol];
  }
  return out;
}

/// N estimates from pilot p on, zero where the layer is not.
template <int N>
PADO_HD inline lanes_c<N> estimates_at(const layer_on_pilots& layer, int nof_dmrs, int p)
{
  lanes_c<N> sum = {};
  const int before = p < layer.begin ? layer.begin - p : 0;
  const int count = (layer.end - p < N ? layer.end - p : N) - before;
  if (count <= 0) {
    return sum;
  }
  for (int d = 0; d < nof_dmrs; ++d) {
    if (layer.factor[d].re == 0.0F && layer.factor[d].im == 0.0F) {
      continue;
    }
    const cf32* from = layer.h + d * layer.stride + 2 * (p + before - layer.begin);
    lanes_pairs<N> pairs;
    if (N == 1 || (before == 0 && count == N)) {
      pairs = load_pairs<N>(from);
    } else {
      cf32 values[2 * N] = {};
      for (int i = 0; i < 2 * count; ++i) {
        values[2 * before + i] = from[i];
      }
      pairs = load_pairs<N>(values);
    }
    sum += mul<N>(layer.factor[d], layer.delta == 0 ? pairs.even : pairs.odd);
  }
  return sum;
}

/// +1 on even pilots, `odd` on odd ones.
template <int N>
PADO_HD inline lanes_f<N> alternate(int p, float odd)
{
  lanes_f<N> sign = splat<N>(1.0F);
  if constexpr (N == 1) {
    sign = p % 2 == 0 ? 1.0F : odd;
  } else {
    (void)p; // a multiple of N
    for (int i = 1; i < N; i += 2) {
      sign[i] = odd;
    }
  }
  return sign;
}

/// Degrees of freedom that noise on the pilots of all DM-RS symbols has left after the filters took their
/// part. With B = F + A F' A (A: the peer's alternating sign), E |x - B x|^2 = noise (P - 2 tr B + |B|^2).
/// Missing pilots take away their part of everything.
PADO_HD inline float freedom_of(int nof_prb,
                                const channel_measure& measure,
                                const noise_terms& own,
                                bool own_static,
                                const noise_terms& peer,
                                bool peer_static)
{
  const auto all = static_cast<float>(6 * measure.nof_present);
  const float covered = static_cast<float>(measure.nof_covered) / static_cast<float>(nof_prb);
  const float present = static_cast<float>(measure.nof_present) / static_cast<float>(nof_prb);
  const float own_times = own_static ? covered : present;
  const float peer_times = peer_static ? covered : present;
  const float both_times = own_static || peer_static ? covered : present;
  const float freedom = all + own_times * (own.norm - 2.0F * own.trace) +
                        peer_times * (peer.norm - 2.0F * peer.trace) + both_times * (own.cross + peer.cross);
  return fmaxf(freedom, 0.05F * all);
}

/// The lanes of `left` whose pilots arrived; row null: all did.
template <int N>
PADO_HD inline lanes_f<N> keep_arrived(lanes_f<N> left, const std::uint8_t* row, int nof_prb, int p)
{
  return row == nullptr ? left : arrived_runs<N>(row, nof_prb, p, 1, 1) * left;
}

/// Fifth pass: what the estimates of a layer and its peer leave of the pilots.
template <class Block, memory M>
PADO_HD void measure_residual(const Block& block,
                              const layer_place& at,
                              const channel_estimate_input<M>& in,
                              const channel_estimate_work<M>& work,
                              const channel_estimate_output<M>& estimates)
{
  constexpr int N = lanes_of<Block>;
  const channel_estimate_task& task = in.tasks(at.task);
  const bool has_peer = task.peer_task[at.layer] >= 0;
  const layer_place peer_at =
      has_peer ? layer_place{task.peer_task[at.layer], at.port, task.peer_layer[at.layer]} : at;
  channel_measure& out = work.measures(at.task, at.port, at.layer);
  if (has_peer && peer_at.task == at.task && peer_at.layer < at.layer) {
    // The same REs as the peer's, and the same residual.
    block.single([&] { out.residual = out.ls_power = out.freedom = 0.0F; });
    return;
  }
  const channel_estimate_task& other = in.tasks(peer_at.task);
  const int nof_pilots = 6 * task.prbs.size();
  const float odd_sign = task.second_sign[at.layer] * other.second_sign[peer_at.layer];
  const bool has_missing = has_gaps(task, out);
  const pilot_mask mask = mask_of(task, in.received, at.port);
  int overlap = 0;
  sums<N> sum;
  for (int d = 0; d < task.nof_dmrs; ++d) {
    const int symbol = task.dmrs_symbols[d];
    const cf32* x = pilots_of(task, in.ls, at.port, at.layer, d);
    const std::uint8_t* row = has_missing ? mask.row[d] : nullptr;
    const layer_on_pilots own = layer_at<M>(task, at, symbol, in, estimates);
    layer_on_pilots peer = layer_at<M>(task, peer_at, symbol, in, estimates);
    peer.end = has_peer ? peer.end : peer.begin;
    overlap = peer.end - peer.begin;
    const int own_dmrs = task.nof_dmrs;
    const int peer_dmrs = other.nof_dmrs;
    sum += block.template sum<sums<N>>((nof_pilots + N - 1) / N, [=](int c) {
      const int p = N * c;
      const lanes_c<N> ls_value = load_c<N>(x + p, nof_pilots - p);
      const lanes_c<N> a = estimates_at<N>(own, own_dmrs, p);
      const lanes_c<N> b = estimates_at<N>(peer, peer_dmrs, p);
      const lanes_f<N> sign = alternate<N>(p, odd_sign);
      const lanes_c<N> left = {ls_value.re - a.re - sign * b.re, ls_value.im - a.im - sign * b.im};
      return sums<N>{{keep_arrived<N>(norm(left), row, nof_pilots / 6, p), norm(ls_value)}, {}};
    });
  }
  const cf32 powers = total_of(sum.a);
  noise_terms own_terms = terms_of(work.filters(out.filter), task.prbs.size());
  noise_terms peer_terms = {};
  if (overlap > 0) {
    const noise_terms all =
        terms_of(work.filters(work.measures(peer_at.task, at.port, peer_at.layer).filter), other.prbs.size());
    const float part = static_cast<float>(overlap) / static_cast<float>(6 * other.prbs.size());
    peer_terms = {part * all.trace, part * all.norm, part * all.cross};
  }
  own_terms.cross *= static_cast<float>(overlap) / static_cast<float>(nof_pilots);
  const float freedom = freedom_of(task.prbs.size(),
                                   out,
                                   own_terms,
                                   estimates.info(at.task).is_static > 0.0F,
                                   peer_terms,
                                   overlap > 0 && estimates.info(peer_at.task).is_static > 0.0F);
  block.single([&] {
    out.residual = powers.re;
    out.ls_power = powers.im;
    out.freedom = freedom;
  });
}

/// Last pass, one thread: noise per port, RSRP, coherence, presence of one PDU. A port without pilots gets
/// the noise of the others, and no say in the rest.
template <memory M>
PADO_HD void finish(const channel_estimate_task& task,
                    const channel_estimate_work<M>& work,
                    int t,
                    int nof_ports,
                    channel_estimate_info& info)
{
  float all_residual = 0.0F;
  float all_power = 0.0F;
  float rsrp = 0.0F;
  float noise_sum = 0.0F;
  float nof_heard = 0.0F;
  float of_noise = 0.0F;
  float found = 0.0F;
  info.presence = {};
  const float data_scale = task.amplitude * task.amplitude;
  const float nof_estimates = info.is_static > 0.0F ? 1.0F : static_cast<float>(task.nof_dmrs);
  for (int port = 0; port < nof_ports; ++port) {
    const channel_measure& first = work.measures(t, port, 0);
    if (first.nof_present == 0) {
      continue;
    }
    const float times = info.is_static > 0.0F
                            ? static_cast<float>(first.nof_present) / static_cast<float>(first.nof_covered)
                            : 1.0F;
    float residual = 0.0F;
    float freedom = 0.0F;
    for (int layer = 0; layer < task.nof_layers; ++layer) {
      const channel_measure& m = work.measures(t, port, layer);
      residual += m.residual;
      freedom += m.freedom;
      all_power += m.ls_power;
    }
    all_residual += residual;
    const float noise = residual / fmaxf(freedom, 1e-3F);
    info.noise[port] = noise * data_scale;
    noise_sum += info.noise[port];
    info.presence.noise_freedom += freedom;
    nof_heard += 1.0F;
    for (int layer = 0; layer < task.nof_layers; ++layer) {
      const channel_measure& m = work.measures(t, port, layer);
      const noise_terms terms = terms_of(work.filters(m.filter), task.prbs.size());
      const float expected = noise * terms.norm / (times * static_cast<float>(6 * task.prbs.size()));
      rsrp += m.h_power - expected;
      found += m.h_power;
      of_noise += expected;
      info.presence.freedom += terms.norm * nof_estimates;
    }
  }
  const float heard = fmaxf(nof_heard, 1.0F);
  for (int port = 0; port < nof_ports; ++port) {
    if (work.measures(t, port, 0).nof_present == 0) {
      info.noise[port] = noise_sum / heard;
    }
  }
  info.rsrp = fmaxf(rsrp / (heard * static_cast<float>(task.nof_layers)), 0.0F);
  info.coherence = all_power > 0.0F ? fmaxf(1.0F - all_residual / all_power, 0.0F) : 0.0F;
  info.presence.row_freedom =
      info.presence.freedom / (heard * static_cast<float>(task.nof_layers) * nof_estimates);
  info.presence.ratio = of_noise > 0.0F ? found / of_noise : found > 0.0F ? 1e9F : 0.0F;
}

} // namespace pado::phy::body
