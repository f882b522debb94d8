// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel_estimate/channel_estimate_body.h"

namespace pado::phy {

/// All passes one after the other, for any host block.
template <class Block>
void run_channel_estimate(const Block& block,
                          const channel_estimate<backend::cpu>::input& in,
                          const channel_estimate<backend::cpu>::output& out,
                          const channel_estimate_work<memory::host>& work) noexcept
{
  const int nof_ports = in.ls.extent(0);
  const auto for_all = [&](const auto& f) {
    for (int t = 0; t < in.tasks.extent(0); ++t) {
      for (int port = 0; port < nof_ports; ++port) {
        for (int layer = 0; layer < in.tasks(t).nof_layers; ++layer) {
          f(body::layer_place{t, port, layer});
        }
      }
    }
  };
  for_all([&](const body::layer_place& at) {
    body::measure_delay<memory::host>(block, at, in, work.measures(at.task, at.port, at.layer));
  });
  for_all([&](const body::layer_place& at) {
    const channel_estimate_task& task = in.tasks(at.task);
    const int peer = task.peer_task[at.layer];
    const body::delay_turns delay = {body::coarse_turns(task, work, at.task, nof_ports),
                                     peer >= 0 ? body::coarse_turns(in.tasks(peer), work, peer, nof_ports)
                                               : 0.0F};
    body::measure_channel<memory::host>(block, at, in, delay, work.measures(at.task, at.port, at.layer));
  });
  for (int t = 0; t < in.tasks.extent(0); ++t) {
    body::decide(in.tasks(t), work, t, nof_ports, out.info(t));
  }
  for_all([&](const body::layer_place& at) { body::filter_channel(block, at, in, work, out.h); });
  for_all([&](const body::layer_place& at) { body::measure_residual(block, at, in, work, out); });
  for (int t = 0; t < in.tasks.extent(0); ++t) {
    body::finish(in.tasks(t), work, t, nof_ports, out.info(t));
  }
}

/// The same for AVX-512; only where cpu_has_avx512().
void run_channel_estimate_avx512(const channel_estimate<backend::cpu>::input& in,
                                 const channel_estimate<backend::cpu>::output& out,
                                 const channel_estimate_work<memory::host>& work,
                                 std::byte* scratch,
                                 std::size_t scratch_bytes) noexcept;

} // namespace pado::phy
