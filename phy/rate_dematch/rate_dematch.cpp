// SPDX-License-Identifier: Apache-2.0
#include "phy/rate_dematch/rate_dematch.h"
#include "core/limits.h"

namespace pado::phy {

result<rate_dematch_plan> plan_rate_dematch(const rate_dematch_config& config)
{
  if (auto bad = check_range("rate_dematch.max_tasks", config.max_tasks, 1, 65536)) {
    return *bad;
  }
  if (!is_available(config.simd)) {
    return error{"rate_dematch.simd", "asks for instructions that this CPU does not have, use best"};
  }
  return rate_dematch_plan{config};
}

} // namespace pado::phy
