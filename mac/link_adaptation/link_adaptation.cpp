// SPDX-License-Identifier: Apache-2.0
#include "mac/link_adaptation/link_adaptation.h"
#include "core/limits.h"
#include "mac/mcs/mcs_table.h"
#include <algorithm>
#include <cmath>
#include <cstddef>

namespace pado::mac {
namespace {

/// Whether an advice can be used at all; NaN fails both comparisons.
bool is_usable(const link_adaptation_plan& plan, const link_advice& advice)
{
  return advice.nof_mcs == plan.nof_mcs && std::all_of(advice.success_probability.begin(),
                                                       advice.success_probability.begin() + advice.nof_mcs,
                                                       [](float p) { return p >= 0.0F && p <= 1.0F; });
}

} // namespace

result<link_adaptation_plan> plan_link_adaptation(const link_adaptation_config& config)
{
  const auto wrong = first_out_of_range({
      {"link_adaptation.mcs_table", static_cast<double>(config.mcs_table), 0, nof_mcs_tables - 1},
      {"link_adaptation.target_bler", static_cast<double>(config.target_bler), 0.001, 0.5},
      {"link_adaptation.step_down_db", static_cast<double>(config.step_down_db), 0.01, 5},
      {"link_adaptation.max_offset_db", static_cast<double>(config.max_offset_db), 0, 40},
      {"link_adaptation.sinr_forgetting", static_cast<double>(config.sinr_forgetting), 0, 0.99},
      {"link_adaptation.gap_db", static_cast<double>(config.gap_db), -5, 10},
      {"link_adaptation.min_success_probability", static_cast<double>(config.min_success_probability), 0, 1},
  });
  if (wrong) {
    return *wrong;
  }
  link_adaptation_plan plan;
  plan.config = config;
  plan.nof_mcs = nof_mcs(config.mcs_table);
  plan.step_up_db = config.step_down_db * config.target_bler / (1.0F - config.target_bler);
  for (std::int32_t mcs = 0; mcs < plan.nof_mcs; ++mcs) {
    const double efficiency = mcs_of(config.mcs_table, mcs).spectral_efficiency();
    const double shannon_db = 10.0 * std::log10(std::exp2(efficiency) - 1.0);
    plan.spectral_efficiency[static_cast<std::size_t>(mcs)] = static_cast<float>(efficiency);
    plan.required_sinr_db[static_cast<std::size_t>(mcs)] = static_cast<float>(shannon_db) + config.gap_db;
  }
  return plan;
}

std::int32_t outer_loop_mcs(const link_adaptation_plan& plan, const outer_loop& loop)
{
  std::int32_t chosen = 0;
  for (std::int32_t mcs = 1; loop.has_sinr && mcs < plan.nof_mcs; ++mcs) {
    // Efficiencies are not quite ascending (16QAM and 64QAM meet), so the best one is kept, not the last.
    const auto i = static_cast<std::size_t>(mcs);
    const bool fits = plan.required_sinr_db[i] <= loop.sinr_db + loop.offset_db;
    if (fits && plan.spectral_efficiency[i] > plan.spectral_efficiency[static_cast<std::size_t>(chosen)]) {
      chosen = mcs;
    }
  }
  return chosen;
}

outer_loop observed(const link_adaptation_plan& plan, outer_loop loop, const pusch_report& report)
{
  const pusch_pdu& pdu = report.pdu;
  const bool is_first = pdu.new_data && pdu.rv_index == 0;
  const bool has_rate = pdu.mcs_table == plan.config.mcs_table && pdu.mcs_index < plan.nof_mcs;
  if (!is_first || report.dtx || !std::isfinite(report.sinr_db)) {
    return loop;
  }
  if (has_rate && loop.has_sinr) {
    const auto own = static_cast<std::size_t>(outer_loop_mcs(plan, loop));
    const float used = plan.spectral_efficiency[pdu.mcs_index];
    if (report.tb_crc_ok && used >= plan.spectral_efficiency[own]) {
      loop.offset_db += plan.step_up_db;
    } else if (!report.tb_crc_ok && used <= plan.spectral_efficiency[own]) {
      loop.offset_db -= plan.config.step_down_db;
    }
    loop.offset_db = std::clamp(loop.offset_db, -plan.config.max_offset_db, plan.config.max_offset_db);
  }
  const float kept = loop.has_sinr ? plan.config.sinr_forgetting : 0.0F;
  loop.sinr_db = kept * loop.sinr_db + (1.0F - kept) * report.sinr_db;
  loop.has_sinr = true;
  return loop;
}

mcs_choice choose_mcs(const link_adaptation_plan& plan, const outer_loop& loop, const link_advice* advice)
{
  if (plan.config.rule == mcs_rule::outer_loop || advice == nullptr || !is_usable(plan, *advice)) {
    return {outer_loop_mcs(plan, loop), 1.0F - plan.config.target_bler, false};
  }
  mcs_choice best{0, advice->success_probability[0], true};
  float best_rate = -1.0F;
  for (std::int32_t mcs = 0; mcs < plan.nof_mcs; ++mcs) {
    const auto i = static_cast<std::size_t>(mcs);
    const float p = advice->success_probability[i];
    const float rate = p * plan.spectral_efficiency[i];
    if (p >= plan.config.min_success_probability && rate > best_rate) {
      best_rate = rate;
      best = {mcs, p, true};
    }
  }
  return best;
}

} // namespace pado::mac
