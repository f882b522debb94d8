// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include "phy/pbch/pbch_demod.h"

namespace pado::phy::body {

inline constexpr int nof_pbch_positions = 60; ///< pilots of a whole symbol
inline constexpr int pbch_group_pilots = 6;   ///< added coherently: 24 subcarriers
inline constexpr int nof_pbch_groups = nof_pbch_pilots / pbch_group_pilots;
inline constexpr int nof_pbch_data = 432;
inline constexpr float pbch_llr_rms = 24.0F; ///< of 127: clips 1 in 10^7 Gaussian values

struct pbch_scratch {
  float group[nof_pbch_hypotheses][nof_pbch_groups];
  float power[nof_pbch_hypotheses];
  cf32 pilots[nof_pbch_pilots];     ///< received, divided by the pilot sent
  cf32 channel[nof_pbch_positions]; ///< over frequency, phase of symbol 2
  float soft[2 * nof_pbch_data];
};

struct pbch_place {
  int symbol;
  int position; ///< pilots lie on subcarrier 4 * position + pci mod 4
};

/// Place of a pilot in the order of mapping: symbol 1, the two outer parts of symbol 2, symbol 3.
PADO_HD inline pbch_place pbch_pilot_place(int pilot)
{
  if (pilot < 60) {
    return {1, pilot};
  }
  if (pilot < 84) {
    return {2, pilot < 72 ? pilot - 60 : pilot - 72 + 48};
  }
  return {3, pilot - 84};
}

PADO_HD inline cf32 pbch_pilot(const std::uint32_t* words, int pilot)
{
  const std::uint32_t bits = words[pilot / 16] >> (2 * (pilot % 16));
  const float unit = 0.70710678F;
  return {(bits & 1U) != 0 ? -unit : unit, (bits & 2U) != 0 ? -unit : unit};
}

/// The hypothesis with the most coherent pilots. Groups of 24 subcarriers are added as amplitudes and then as
/// powers, so neither delay nor phase between symbols matters.
template <class Block, memory M>
PADO_HD pbch_demod_status pbch_find_hypothesis(
    const Block& block, view<const cf32, 2, M> grid, int shift, const std::uint32_t* words, pbch_scratch* s)
{
  block.for_each(nof_pbch_hypotheses * nof_pbch_groups, [=](int i) {
    const int hypothesis = i / nof_pbch_groups;
    const int group = i % nof_pbch_groups;
    cf32 total;
    for (int k = 0; k < pbch_group_pilots; ++k) {
      const int pilot = group * pbch_group_pilots + k;
      const pbch_place place = pbch_pilot_place(pilot);
      total += grid(place.symbol, 4 * place.position + shift) *
               conj(pbch_pilot(words + hypothesis * pbch_pilot_words, pilot));
    }
    s->group[hypothesis][group] = norm(total);
  });
  block.for_each(nof_pbch_hypotheses, [=](int hypothesis) {
    float sum = 0.0F;
    for (int group = 0; group < nof_pbch_groups; ++group) {
      sum += s->group[hypothesis][group];
    }
    s->power[hypothesis] = sum;
  });
  const float all = block.template sum<float>(nof_pbch_pilots, [=](int pilot) {
    const pbch_place place = pbch_pilot_place(pilot);
    return norm(grid(place.symbol, 4 * place.position + shift));
  });
  int best = 0;
  for (int hypothesis = 1; hypothesis < nof_pbch_hypotheses; ++hypothesis) {
    best = s->power[hypothesis] > s->power[best] ? hypothesis : best;
  }
  return {best, all > 0.0F ? s->power[best] / (pbch_group_pilots * all) : 0.0F, 0.0F};
}

/// Phase from one symbol to the next. Symbols 1 and 3 share all 60 positions but leave half a turn open; the
/// 24 positions that symbol 2 has too close it.
template <class Block>
PADO_HD float pbch_phase_step(const Block& block, const pbch_scratch* s)
{
  const cf32* h = s->pilots;
  const cf32 outer = block.template sum<cf32>(60, [=](int n) { return h[84 + n] * conj(h[n]); });
  const cf32 inner = block.template sum<cf32>(24, [=](int i) {
    const int n = i < 12 ? i : i - 12 + 48;
    return h[60 + i] * conj(h[n]) + h[84 + n] * conj(h[60 + i]);
  });
  const float half = 0.5F * arg(outer);
  const cf32 turned = inner * polar(-half);
  const float pi = 3.14159265F;
  return turned.re >= 0.0F ? half : half > 0.0F ? half - pi : half + pi;
}

/// Channel on the 60 positions: mean over the symbols, phase step removed, then a triangle over five
/// positions.
template <class Block>
PADO_HD void pbch_estimate(const Block& block, float phase_step, pbch_scratch* s)
{
  const cf32 back = polar(phase_step);
  block.for_each(nof_pbch_positions, [=](int n) {
    const cf32* h = s->pilots;
    const cf32 sum = h[n] * back + h[84 + n] * conj(back);
    const bool has_inner = n < 12 || n >= 48;
    // soft is free until the demapper: it holds the mean before smoothing.
    const cf32 mean = has_inner ? (sum + h[60 + (n < 12 ? n : n - 48 + 12)]) * (1.0F / 3.0F) : 0.5F * sum;
    s->soft[2 * n] = mean.re;
    s->soft[2 * n + 1] = mean.im;
  });
  block.for_each(nof_pbch_positions, [=](int n) {
    cf32 sum;
    float weights = 0.0F;
    for (int d = -2; d <= 2; ++d) {
      if (n + d >= 0 && n + d < nof_pbch_positions) {
        const float weight = static_cast<float>(d < 0 ? 3 + d : 3 - d);
        sum += weight * cf32{s->soft[2 * (n + d)], s->soft[2 * (n + d) + 1]};
        weights += weight;
      }
    }
    s->channel[n] = sum * (1.0F / weights);
  });
}

/// Symbol and subcarrier of a data element: three of four subcarriers carry data.
PADO_HD inline pbch_place pbch_data_place(int index, int shift)
{
  const int symbol = index < 180 ? 1 : index < 252 ? 2 : 3;
  int k = symbol == 1 ? index : symbol == 2 ? index - 180 : index - 252;
  k += symbol == 2 && k >= 36 ? 108 : 0; // past the SSS
  return {symbol, 4 * (k / 3) + k % 3 + (k % 3 >= shift ? 1 : 0)};
}

/// What is known of a block before its bits.
struct pbch_block {
  int shift;                       ///< of the pilots, PCI modulo 4
  float phase_step;                ///< from symbol to symbol
  const std::uint32_t* scrambling; ///< 864 bits
};

/// Soft bits weighted with the channel, then to int8 and descrambled.
template <class Block, memory M>
PADO_HD void pbch_demap(const Block& block,
                        view<const cf32, 2, M> grid,
                        const pbch_block& known,
                        pbch_scratch* s,
                        view<std::int8_t, 1, M> llr)
{
  const int shift = known.shift;
  const float phase_step = known.phase_step;
  const std::uint32_t* scrambling = known.scrambling;
  block.for_each(nof_pbch_data, [=](int i) {
    const pbch_place at = pbch_data_place(i, shift); // position is the subcarrier here
    const float between = 0.25F * static_cast<float>(at.position - shift);
    const int left = between < 0.0F ? 0 : static_cast<int>(between) < 58 ? static_cast<int>(between) : 58;
    float right_share = between - static_cast<float>(left);
    right_share = right_share < 0.0F ? 0.0F : right_share > 1.0F ? 1.0F : right_share;
    const cf32 h = (1.0F - right_share) * s->channel[left] + right_share * s->channel[left + 1];
    const cf32 turned = h * polar(phase_step * static_cast<float>(at.symbol - 2));
    const cf32 value = grid(at.symbol, at.position) * conj(turned);
    s->soft[2 * i] = value.re;
    s->soft[2 * i + 1] = value.im;
  });
  const float power =
      block.template sum<float>(2 * nof_pbch_data, [=](int i) { return s->soft[i] * s->soft[i]; });
  const float scale = power > 0.0F ? pbch_llr_rms / sqrtf(power / (2 * nof_pbch_data)) : 0.0F;
  block.for_each(2 * nof_pbch_data, [=](int i) {
    float value = scale * s->soft[i];
    value = value > 127.0F ? 127.0F : value < -127.0F ? -127.0F : value;
    value = ((scrambling[i >> 5] >> (i & 31)) & 1U) != 0 ? -value : value;
    llr(i) = static_cast<std::int8_t>(value < 0.0F ? value - 0.5F : value + 0.5F);
  });
}

/// One block, from resource elements to LLRs.
template <backend B, class Block>
PADO_HD void pbch_demod(const Block& block,
                        int task_index,
                        const typename phy::pbch_demod<B>::input& in,
                        const typename phy::pbch_demod<B>::output& out)
{
  const pbch_demod_task task = in.tasks(task_index);
  const auto grid = in.grid[task.block];
  const int shift = task.pci % 4;
  const std::uint32_t* words = in.words.part(task.words_begin, task.words_begin + nof_pbch_words).data();
  pbch_scratch* s = block.template array<pbch_scratch>(0, 1);
  pbch_demod_status status = pbch_find_hypothesis(block, grid, shift, words, s);
  const std::uint32_t* pilot_words = words + status.time_hypothesis * pbch_pilot_words;
  block.for_each(nof_pbch_pilots, [=](int pilot) {
    const pbch_place place = pbch_pilot_place(pilot);
    s->pilots[pilot] = grid(place.symbol, 4 * place.position + shift) * conj(pbch_pilot(pilot_words, pilot));
  });
  status.phase_step_rad = pbch_phase_step(block, s);
  pbch_estimate(block, status.phase_step_rad, s);
  const int sequence = status.time_hypothesis % task.nof_candidates;
  const std::uint32_t* scrambling =
      words + nof_pbch_hypotheses * pbch_pilot_words + sequence * pbch_scrambling_words;
  pbch_demap(block,
             grid,
             {shift, status.phase_step_rad, scrambling},
             s,
             out.llr.part(task.llr_begin, task.llr_begin + 2 * nof_pbch_data));
  const auto statuses = out.status;
  block.single([=] { statuses(task_index) = status; });
}

} // namespace pado::phy::body
