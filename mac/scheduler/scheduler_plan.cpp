// SPDX-License-Identifier: Apache-2.0
#include "core/limits.h"
#include "mac/mcs/tbs.h"
#include "mac/scheduler/scheduler.h"
#include <bit>

namespace pado::mac {
namespace {

std::optional<error> wrong_number(const scheduler_config& c)
{
  return first_out_of_range({
      {"scheduler.numerology", static_cast<double>(c.numerology.mu), 0, 6},
      {"scheduler.k2", static_cast<double>(c.k2), 0, 32},
      {"scheduler.max_ues", static_cast<double>(c.max_ues), 1, 1024},
      {"scheduler.max_ues_per_slot", static_cast<double>(c.max_ues_per_slot), 1, 64},
      {"scheduler.fairness_slots", static_cast<double>(c.fairness_slots), 1, 100000},
      {"scheduler.overhead_re", static_cast<double>(c.overhead_re), 0, 18},
      {"scheduler.common.bwp_size", static_cast<double>(c.common.bwp_size), 1, max_nof_prb},
      {"scheduler.min_prb", static_cast<double>(c.min_prb), 1, static_cast<double>(c.common.bwp_size)},
      {"scheduler.harq.nof_processes", static_cast<double>(c.harq.nof_processes), 1, max_nof_harq},
      {"scheduler.harq.max_transmissions", static_cast<double>(c.harq.max_transmissions), 1, 8},
      {"scheduler.harq.report_timeout_slots",
       static_cast<double>(c.harq.report_timeout_slots),
       static_cast<double>(c.k2 + 1),
       1000},
      {"scheduler.common.start_symbol", static_cast<double>(c.common.start_symbol), 0, 13},
      {"scheduler.common.nof_symbols",
       static_cast<double>(c.common.nof_symbols),
       1,
       static_cast<double>(nof_symbols_per_slot - c.common.start_symbol)},
      {"scheduler.common.nof_layers",
       static_cast<double>(c.common.nof_layers),
       1,
       c.common.transform_precoding ? 1.0 : 4.0},
      {"scheduler.common.dmrs_config_type", static_cast<double>(c.common.dmrs_config_type), 1, 2},
      {"scheduler.common.nof_cdm_groups_no_data",
       static_cast<double>(c.common.nof_cdm_groups_no_data),
       1,
       c.common.dmrs_config_type == 1 ? 2.0 : 3.0},
  });
}

std::optional<error> wrong_combination(const scheduler_config& c)
{
  const auto period = static_cast<std::int32_t>(c.is_uplink.size());
  if (period > 0 && 2 * c.numerology.slots_per_frame() % period != 0) {
    return error{"scheduler.is_uplink",
                 "has " + std::to_string(period) + " slots, must divide the " +
                     std::to_string(2 * c.numerology.slots_per_frame()) + " slots of 20 ms"};
  }
  if (c.overhead_re % 6 != 0) {
    return error{"scheduler.overhead_re", "is " + std::to_string(c.overhead_re) + ", must be 0, 6, 12 or 18"};
  }
  const std::uint32_t symbols = ((1U << c.common.nof_symbols) - 1U) << c.common.start_symbol;
  if ((symbols & c.common.dmrs_symbol_mask) == 0) {
    return error{"scheduler.common.dmrs_symbol_mask",
                 "has no symbol inside the allocation: there must be one"};
  }
  if (std::popcount(c.common.dmrs_ports) != c.common.nof_layers) {
    return error{"scheduler.common.dmrs_ports",
                 "has " + std::to_string(std::popcount(c.common.dmrs_ports)) +
                     " ports, must have one for each of the " + std::to_string(c.common.nof_layers) +
                     " layers"};
  }
  const std::uint8_t table = c.link_adaptation.mcs_table;
  if (table != 1 && c.common.transform_precoding != (table >= 3)) {
    return error{"scheduler.link_adaptation.mcs_table",
                 "is " + std::to_string(table) + ", must be " +
                     (c.common.transform_precoding ? "1, 3 or 4 with" : "0, 1 or 2 without") +
                     " transform precoding"};
  }
  return std::nullopt;
}

} // namespace

result<scheduler_plan> plan_scheduler(const scheduler_config& config)
{
  for (const auto check : {wrong_number, wrong_combination}) {
    if (const std::optional<error> wrong = check(config)) {
      return *wrong;
    }
  }
  const result<link_adaptation_plan> link_adaptation = plan_link_adaptation(config.link_adaptation);
  if (!link_adaptation) {
    return link_adaptation.failure();
  }
  if (nof_re_per_prb(config.common, config.overhead_re) <= 0) {
    return error{"scheduler.common",
                 "has no resource element for data: more symbols or fewer DM-RS symbols are needed"};
  }
  scheduler_plan plan{config, link_adaptation.value()};
  plan.config.common.mcs_table = config.link_adaptation.mcs_table;
  return plan;
}

} // namespace pado::mac
