// SPDX-License-Identifier: Apache-2.0
#include "phy/gold/gold.h"
#include "core/limits.h"

namespace pado::phy {

result<gold_plan> plan_gold(const gold_config& config)
{
  if (auto bad = check_range("gold.max_tasks", config.max_tasks, 1, 65535)) {
    return *bad;
  }
  if (auto bad = check_range("gold.max_words", config.max_words, 1, 1 << 26)) {
    return *bad;
  }
  return gold_plan{config};
}

} // namespace pado::phy
