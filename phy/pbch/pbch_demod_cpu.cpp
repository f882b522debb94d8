// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/pbch/pbch_demod_body.h"

namespace pado::phy {

template <>
pbch_demod<backend::cpu>::pbch_demod(const pbch_demod_plan& plan) : plan_(plan), scratch_(plan.scratch_bytes)
{
}

template <>
void pbch_demod<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  assert(in.tasks.extent(0) <= plan_.config.max_tasks);
  const host_block block(scratch_.data(), scratch_.size());
  for (int task = 0; task < in.tasks.extent(0); ++task) {
    body::pbch_demod<backend::cpu>(block, task, in, out);
  }
}

} // namespace pado::phy
