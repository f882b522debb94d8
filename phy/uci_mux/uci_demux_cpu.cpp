// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/uci_mux/uci_demux_body.h"

namespace pado::phy {

template <>
void uci_demux<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  assert(in.tasks.extent(0) <= plan_.config.max_tasks);
  const host_block block;
  for (std::int32_t t = 0; t < in.tasks.extent(0); ++t) {
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      body::uci_demux<host_block, memory::host>(block, in.tasks(t), symbol, in, out.llr);
    }
  }
}

} // namespace pado::phy
