// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel_estimate/channel_estimate.h"
#include "phy/channel_estimate/lanes.h"

// What the passes do about pilots that never came. Everything here runs only where some are missing.

namespace pado::phy::body {

/// Which PRBs of a PDU have arrived on one port, by DM-RS symbol. Rows are null when all are there.
struct pilot_mask {
  const std::uint8_t* row[max_nof_dmrs_symbols];
  int nof_prb;
  int nof_dmrs;

  PADO_HD bool has(int d, int prb) const { return row[d] == nullptr || row[d][prb] != 0; }
  PADO_HD int count(int first, int last, int prb) const
  {
    int n = 0;
    for (int d = first; d < last; ++d) {
      n += has(d, prb) ? 1 : 0;
    }
    return n;
  }
  PADO_HD bool is_covered(int prb) const { return count(0, nof_dmrs, prb) > 0; }
};

template <memory M>
PADO_HD inline pilot_mask
mask_of(const channel_estimate_task& task, view<const std::uint8_t, 3, M> received, int port)
{
  pilot_mask mask = {{}, task.prbs.size(), task.nof_dmrs};
  for (int d = 0; d < task.nof_dmrs && received.size() > 0; ++d) {
    mask.row[d] = &received(port, task.dmrs_symbols[d], task.prbs.begin);
  }
  return mask;
}

/// PRBs that arrived, summed over the DM-RS symbols, and PRBs with at least one DM-RS symbol.
struct pilot_count {
  std::int32_t present;
  std::int32_t covered;

  PADO_HD pilot_count& operator+=(const pilot_count& b)
  {
    present += b.present;
    covered += b.covered;
    return *this;
  }
};

template <class Block>
PADO_HD pilot_count count_pilots(const Block& block, const pilot_mask& mask)
{
  if (mask.row[0] == nullptr) {
    return {mask.nof_dmrs * mask.nof_prb, mask.nof_prb};
  }
  return block.template sum<pilot_count>(mask.nof_prb, [=](int prb) {
    const int n = mask.count(0, mask.nof_dmrs, prb);
    return pilot_count{n, n > 0 ? 1 : 0};
  });
}

PADO_HD inline bool has_gaps(const channel_estimate_task& task, const channel_measure& measure)
{
  return measure.nof_present < task.nof_dmrs * task.prbs.size();
}

/// 1 in the lanes i whose pilots [first + step i, first + step i + count) have all arrived; count is at most
/// 7.
template <int N>
PADO_HD inline lanes_f<N> arrived_runs(const std::uint8_t* row, int nof_prb, int first, int step, int count)
{
  lanes_f<N> mask = {};
  for (int i = 0; i < N; ++i) {
    const int begin = first + step * i;
    const int last = begin + count - 1;
    const float here = last < 6 * nof_prb && row[begin / 6] != 0 && row[last / 6] != 0 ? 1.0F : 0.0F;
    if constexpr (N == 1) {
      mask = here;
    } else {
      mask[i] = here;
    }
  }
  return mask;
}

/// 1 in the lanes in which neither is zero, as missing values are.
template <int N>
PADO_HD inline lanes_f<N> both_there(const lanes_c<N>& a, const lanes_c<N>& b)
{
  const lanes_f<N> zero = {};
  const lanes_f<N> one = splat<N>(1.0F);
  return smaller<N>(norm(a), norm(b)) > zero ? one : zero;
}

/// The pilots of one layer of a PDU on one port, centred for the filter.
struct centred_pilots {
  const cf32* ls; ///< as received, DM-RS symbol 0
  int delta;      ///< comb of the layer
  int first;      ///< DM-RS symbols whose mean is wanted
  int last;
  float* x_re; ///< their mean, missing ones counted as zeros
  float* x_im;
};

/// Weights of the DM-RS symbols that replace the mean of [first, last) on one PRB; all zero where none came.
/// One symbol is replaced by the nearest before and after it, on a straight line, or by the only one of both.
PADO_HD inline void weigh_sources(
    const pilot_mask& mask, const channel_estimate_task& task, int first, int last, int prb, float* weight)
{
  const std::int32_t* symbols = task.dmrs_symbols;
  const int n = mask.count(first, last, prb);
  for (int d = 0; d < max_nof_dmrs_symbols; ++d) {
    weight[d] = n > 0 && d >= first && d < last && mask.has(d, prb) ? 1.0F / static_cast<float>(n) : 0.0F;
  }
  if (n > 0 || last - first > 1) {
    return;
  }
  int before = first - 1;
  int after = last;
  while (before >= 0 && !mask.has(before, prb)) {
    --before;
  }
  while (after < mask.nof_dmrs && !mask.has(after, prb)) {
    ++after;
  }
  const bool has_after = after < mask.nof_dmrs;
  if (before >= 0 && has_after) {
    weight[after] = static_cast<float>(symbols[first] - symbols[before]) /
                    static_cast<float>(symbols[after] - symbols[before]);
    weight[before] = 1.0F - weight[after];
  } else if (before >= 0 || has_after) {
    weight[before >= 0 ? before : after] = 1.0F;
  }
}

/// Replaces what is missing in some of the DM-RS symbols by what came in the others.
template <class Block>
PADO_HD void mend_from_symbols(const Block& block,
                               const pilot_mask& mask,
                               const channel_estimate_task& task,
                               const channel_decision& decision,
                               const centred_pilots& pilots)
{
  const int nof_pilots = 6 * mask.nof_prb;
  const channel_estimate_task* of = &task;
  const channel_decision* decided = &decision;
  block.for_each(mask.nof_prb, [=](int prb) {
    if (mask.count(pilots.first, pilots.last, prb) == pilots.last - pilots.first) {
      return;
    }
    float weight[max_nof_dmrs_symbols];
    weigh_sources(mask, *of, pilots.first, pilots.last, prb, weight);
    for (int p = 6 * prb; p < 6 * prb + 6; ++p) {
      cf32 sum = {};
      for (int d = 0; d < mask.nof_dmrs; ++d) {
        sum += weight[d] * (decided->unturn[d] * pilots.ls[d * nof_pilots + p]);
      }
      const double turns = -static_cast<double>(decided->turns) * (pilots.delta + 2 * p);
      const lanes_c<1> turn = phasors<1>(turns, 0.0F);
      const cf32 x = sum * cf32{turn.re, turn.im};
      pilots.x_re[p] = x.re;
      pilots.x_im[p] = x.im;
    }
  });
}

/// Fills PRBs without any pilots so that the filter finds no edge there, on a line between the nearest PRBs
/// that have some. Even and odd pilots apart, so that the FD-OCC peer goes on, too. What the filter gives in
/// these PRBs is not used.
template <class Block>
PADO_HD void mend_from_neighbours(const Block& block, const pilot_mask& mask, float* x_re, float* x_im)
{
  block.for_each(mask.nof_prb, [=](int prb) {
    if (mask.is_covered(prb)) {
      return;
    }
    int left = prb;
    int right = prb;
    while (left >= 0 && !mask.is_covered(left)) {
      --left;
    }
    while (right < mask.nof_prb && !mask.is_covered(right)) {
      ++right;
    }
    const bool has_left = left >= 0;
    const bool has_right = right < mask.nof_prb;
    const float along = has_left && has_right
                            ? static_cast<float>(prb - left) / static_cast<float>(right - left)
                            : (has_right ? 1.0F : 0.0F);
    for (int odd = 0; odd < 2; ++odd) {
      cf32 sum = {};
      for (int p = odd; p < 6; p += 2) {
        if (has_left) {
          sum += (1.0F - along) / 3.0F * cf32{x_re[6 * left + p], x_im[6 * left + p]};
        }
        if (has_right) {
          sum += along / 3.0F * cf32{x_re[6 * right + p], x_im[6 * right + p]};
        }
      }
      for (int p = 6 * prb + odd; p < 6 * prb + 6; p += 2) {
        x_re[p] = sum.re;
        x_im[p] = sum.im;
      }
    }
  });
}

/// A port counts as absent on PRBs where none of its pilots came: no channel. Gives the power that was there.
template <class Block>
PADO_HD float clear_uncovered(const Block& block, const pilot_mask& mask, cf32* h)
{
  return block.template sum<float>(mask.nof_prb, [=](int prb) {
    float power = 0.0F;
    for (int k = 12 * prb; k < 12 * prb + 12 && !mask.is_covered(prb); ++k) {
      power += norm(h[k]);
      h[k] = {};
    }
    return power;
  });
}

} // namespace pado::phy::body
