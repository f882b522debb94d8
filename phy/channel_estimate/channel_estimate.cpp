// SPDX-License-Identifier: Apache-2.0
#include "phy/channel_estimate/channel_estimate.h"
#include "core/limits.h"
#include "phy/channel_estimate/channel_estimate_body.h"
#include "phy/channel_estimate/filter_tables.h"

namespace pado::phy {

result<channel_estimate_plan> plan_channel_estimate(const channel_estimate_config& config)
{
  if (auto bad = check_range("channel_estimate.scs.mu", config.scs.mu, 0, 4)) {
    return *bad;
  }
  if (auto bad = check_range("channel_estimate.nof_rx_ports", config.nof_rx_ports, 1, max_nof_rx_ports)) {
    return *bad;
  }
  if (auto bad = check_range("channel_estimate.max_prb", config.max_prb, 1, max_nof_prb)) {
    return *bad;
  }
  if (auto bad = check_range("channel_estimate.max_tasks", config.max_tasks, 1, 1024)) {
    return *bad;
  }
  channel_estimate_plan plan;
  plan.config = config;
  make_filter_tables(plan.filters, plan.coefficients);
  plan.scratch_bytes = body::channel_estimate_scratch_bytes(config.max_prb);
  return plan;
}

} // namespace pado::phy
