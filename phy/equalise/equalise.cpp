// SPDX-License-Identifier: Apache-2.0
#include "phy/equalise/equalise.h"
#include "core/limits.h"

namespace pado::phy {

result<equalise_plan> plan_equalise(const equalise_config& config)
{
  if (auto bad = check_range("equalise.nof_rx_ports", config.nof_rx_ports, 1, max_nof_rx_ports)) {
    return *bad;
  }
  if (auto bad = check_range("equalise.max_prb", config.max_prb, 1, max_nof_prb)) {
    return *bad;
  }
  if (auto bad = check_range("equalise.max_tiles", config.max_tiles, 1, 65535)) {
    return *bad;
  }
  if (auto bad = check_range("equalise.max_pdus", config.max_pdus, 1, 1024)) {
    return *bad;
  }
  return equalise_plan{config};
}

} // namespace pado::phy
