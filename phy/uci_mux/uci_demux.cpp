// SPDX-License-Identifier: Apache-2.0
#include "phy/uci_mux/uci_demux.h"
#include "core/limits.h"

namespace pado::phy {

result<uci_demux_plan> plan_uci_demux(const uci_demux_config& config)
{
  if (auto bad = check_range("uci_demux.max_tasks", config.max_tasks, 1, 65535)) {
    return *bad;
  }
  return uci_demux_plan{config};
}

} // namespace pado::phy
