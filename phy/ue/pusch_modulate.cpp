// SPDX-License-Identifier: Apache-2.0
#include "phy/ue/pusch_modulate.h"
#include "core/limits.h"

namespace pado::phy {

result<pusch_modulate_plan> plan_pusch_modulate(const pusch_modulate_config& config)
{
  if (auto bad = check_range("pusch_modulate.nof_tx_ports", config.nof_tx_ports, 1, 32)) {
    return *bad;
  }
  if (auto bad = check_range("pusch_modulate.nof_prb", config.nof_prb, 1, max_nof_prb)) {
    return *bad;
  }
  if (auto bad = check_range("pusch_modulate.max_tasks", config.max_tasks, 1, 4096)) {
    return *bad;
  }
  return pusch_modulate_plan{config};
}

} // namespace pado::phy
