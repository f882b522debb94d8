// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/small_block/small_block_decode_body.h"

namespace pado::phy {

template <>
small_block_decode<backend::cpu>::small_block_decode(const small_block_decode_plan& plan)
    : plan_(plan), scratch_(body::small_block_scratch_bytes)
{
}

template <>
void small_block_decode<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  assert(in.tasks.extent(0) <= plan_.config.max_tasks);
  const host_block block(scratch_.data(), scratch_.size());
  for (std::int32_t task = 0; task < in.tasks.extent(0); ++task) {
    body::small_block_decode<host_block, memory::host>(block, task, in, out);
  }
}

} // namespace pado::phy
