// SPDX-License-Identifier: Apache-2.0
#include "phy/small_block/small_block_decode.h"
#include "core/limits.h"

namespace pado::phy {

result<small_block_decode_plan> plan_small_block_decode(const small_block_decode_config& config)
{
  if (auto bad = check_range("small_block_decode.max_tasks", config.max_tasks, 1, 65535)) {
    return *bad;
  }
  return small_block_decode_plan{config};
}

} // namespace pado::phy
