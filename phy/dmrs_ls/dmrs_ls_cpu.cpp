// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/dmrs_ls/dmrs_ls_body.h"
#include "phy/dmrs_ls/dmrs_ls_vector.h"
#include <algorithm>

namespace pado::phy {

#if defined(__x86_64__)
namespace {

void clear_missing(const dmrs_ls_task& task, const std::uint8_t* arrived, cf32* h)
{
  for (int prb = 0; prb < task.prbs.size(); ++prb) {
    if (arrived[prb] == 0) {
      std::fill_n(h + 6 * prb, 6, cf32{});
    }
  }
}

} // namespace
#endif

template <>
void dmrs_ls<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  assert(in.tasks.extent(0) <= plan_.config.max_tasks && in.grid.extent(0) <= plan_.config.nof_rx_ports);
  for (int t = 0; t < in.tasks.extent(0); ++t) {
    const dmrs_ls_task& task = in.tasks(t);
    assert(task.prbs.size() >= 1 && task.prbs.size() <= plan_.config.max_prb);
    for (int port = 0; port < in.grid.extent(0); ++port) {
#if defined(__x86_64__)
      // 4.8 times as fast as the body (bench/dmrs_ls_bench): compilers make no vector code of its
      // conversions.
      dmrs_ls_row(task,
                  &in.words(task.words_begin),
                  &in.grid(port, task.symbol, nof_subcarriers_per_prb * task.prbs.begin),
                  &out.h(port, task.h_begin));
      if (in.received.size() > 0) {
        clear_missing(task, &in.received(port, task.symbol, task.prbs.begin), &out.h(port, task.h_begin));
      }
#else
      body::dmrs_ls(host_block(), task, port, in, out.h);
#endif
    }
  }
}

} // namespace pado::phy
