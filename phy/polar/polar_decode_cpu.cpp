// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/polar/polar_decode_body.h"

namespace pado::phy {

template <>
polar_decode<backend::cpu>::polar_decode(const polar_decode_plan& plan)
    : plan_(plan), scratch_(plan.scratch_bytes)
{
}

template <>
void polar_decode<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  const host_block block(scratch_.data(), scratch_.size());
  for (int task = 0; task < in.tasks.extent(0); ++task) {
    body::polar_decode<backend::cpu>(block, plan_, task, in, out);
  }
}

} // namespace pado::phy
