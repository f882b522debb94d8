// SPDX-License-Identifier: Apache-2.0
#include "phy/tb_assemble/tb_assemble.h"
#include "core/limits.h"

namespace pado::phy {

result<tb_assemble_plan> plan_tb_assemble(const tb_assemble_config& config)
{
  if (auto bad = check_range("tb_assemble.max_tasks", config.max_tasks, 1, 4096)) {
    return *bad;
  }
  return tb_assemble_plan{config};
}

} // namespace pado::phy
