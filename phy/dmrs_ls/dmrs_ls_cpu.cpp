// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/dmrs_ls/dmrs_ls_body.h"

namespace pado::phy {

template <>
void dmrs_ls<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  const host_block block;
  for (int t = 0; t < in.tasks.extent(0); ++t) {
    for (int port = 0; port < in.grid.extent(0); ++port) {
      body::dmrs_ls(block, in.tasks(t), port, in, out.h);
    }
  }
}

} // namespace pado::phy
