// SPDX-License-Identifier: Apache-2.0
#include "phy/dmrs_ls/dmrs_ls.h"
#include "core/limits.h"

namespace pado::phy {

result<dmrs_ls_plan> plan_dmrs_ls(const dmrs_ls_config& config)
{
  if (auto bad = check_range("dmrs_ls.nof_rx_ports", config.nof_rx_ports, 1, 8)) {
    return *bad;
  }
  if (auto bad = check_range("dmrs_ls.max_prb", config.max_prb, 1, max_nof_prb)) {
    return *bad;
  }
  if (auto bad = check_range("dmrs_ls.max_tasks", config.max_tasks, 1, 4096)) {
    return *bad;
  }
  return dmrs_ls_plan{config};
}

} // namespace pado::phy
