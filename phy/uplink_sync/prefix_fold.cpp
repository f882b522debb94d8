// SPDX-License-Identifier: Apache-2.0
#include "phy/uplink_sync/prefix_fold.h"
#include "core/limits.h"

namespace pado::phy {

result<prefix_fold_plan> plan_prefix_fold(const prefix_fold_config& config)
{
  if (auto bad = check_range("prefix_fold.nof_rx_ports", config.nof_rx_ports, 1, 64)) {
    return *bad;
  }
  if (auto bad = check_range("prefix_fold.period", config.period, 1, 1 << 20)) {
    return *bad;
  }
  if (auto bad = check_range("prefix_fold.max_tasks", config.max_tasks, 1, 4096)) {
    return *bad;
  }
  return prefix_fold_plan{config};
}

} // namespace pado::phy
