// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/dmrs_ls/dmrs_ls.h"

namespace pado::phy::body {

/// Pilot p of a sequence: QPSK, r(p) = ((1 - 2 c(2p)) + j (1 - 2 c(2p + 1))) / sqrt 2.
template <memory M>
PADO_HD inline cf32 dmrs_pilot(view<const std::uint32_t, 1, M> words, int words_begin, int p)
{
  const std::uint32_t bits = words(words_begin + p / 16) >> (2 * (p % 16));
  const float unit = 0.70710678F;
  return {(bits & 1U) != 0 ? -unit : unit, (bits & 2U) != 0 ? -unit : unit};
}

template <class Block, memory M>
PADO_HD void dmrs_ls(const Block& block,
                     const dmrs_ls_task& task,
                     int port,
                     const typename phy::dmrs_ls<M == memory::host ? backend::cpu : backend::cuda>::input& in,
                     view<cf32, 2, M> h)
{
  const auto words = in.words;
  const std::uint8_t* arrived =
      in.received.size() > 0 ? &in.received(port, task.symbol, task.prbs.begin) : nullptr;
  const view<const ch16, 1, M> row = in.grid[port][task.symbol];
  const view<cf32, 1, M> out = h[port];
  const int nof_pilots = 6 * task.prbs.size();
  const int first_subcarrier = nof_subcarriers_per_prb * task.prbs.begin + task.delta;
  // |r| = 1, so dividing by the pilot is multiplying with its conjugate and dividing by its amplitude.
  const float scale = 1.0F / task.amplitude;
  block.for_each(nof_pilots, [=](int p) {
    const float sign = p % 2 == 0 ? scale : scale * task.second_sign;
    const cf32 pilot = dmrs_pilot(words, task.words_begin, p);
    const bool is_missing = arrived != nullptr && arrived[p / 6] == 0;
    out(task.h_begin + p) =
        is_missing ? cf32{} : sign * (to_cf32(row(first_subcarrier + 2 * p)) * conj(pilot));
  });
}

} // namespace pado::phy::body
