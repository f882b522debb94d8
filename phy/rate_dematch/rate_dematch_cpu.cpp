// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/rate_dematch/rate_dematch_body.h"

namespace pado::phy {

template <>
void rate_dematch<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  const host_block block;
  for (int t = 0; t < in.tasks.extent(0); ++t) {
    body::rate_dematch(block, in.tasks(t), in.llr, out.soft);
  }
}

} // namespace pado::phy
