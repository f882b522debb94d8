// SPDX-License-Identifier: Apache-2.0
#include "phy/decompress/decompress.h"
#include "core/limits.h"

namespace pado::phy {

result<decompress_plan> plan_decompress(const decompress_config& config)
{
  if (auto bad = check_range("decompress.nof_rx_ports", config.nof_rx_ports, 1, 8)) {
    return *bad;
  }
  if (auto bad = check_range("decompress.nof_prb", config.nof_prb, 1, max_nof_prb)) {
    return *bad;
  }
  if (auto bad = check_range("decompress.max_sections", config.max_sections, 1, 65535)) {
    return *bad;
  }
  return decompress_plan{config};
}

} // namespace pado::phy
