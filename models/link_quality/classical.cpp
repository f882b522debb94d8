// SPDX-License-Identifier: Apache-2.0
#include "models/link_quality/classical.h"
#include "core/limits.h"
#include "models/link_quality/mcs_threshold_data.h"
#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

namespace pado::models {

result<classical_plan> plan_classical(const classical_config& config, std::uint8_t mcs_table)
{
  const auto wrong = first_out_of_range({
      {"link_quality.mcs_table", static_cast<double>(mcs_table), 0, 4},
      {"link_quality.classical.slope_per_db", static_cast<double>(config.slope_per_db), 0.1, 20.0},
      {"link_quality.classical.gap_db", static_cast<double>(config.gap_db), -5.0, 10.0},
      {"link_quality.classical.forgetting", static_cast<double>(config.forgetting), 0.0, 0.99},
      {"link_quality.classical.spread_floor_db", static_cast<double>(config.spread_floor_db), 0.0, 10.0},
      {"link_quality.classical.correction_step_db", static_cast<double>(config.correction_step_db), 0.0, 5.0},
      {"link_quality.classical.max_offset_db", static_cast<double>(config.max_offset_db), 0.0, 40.0},
  });
  if (wrong) {
    return *wrong;
  }
  classical_plan plan;
  plan.config = config;
  plan.nof_mcs = threshold_data::nof_mcs[mcs_table];
  for (int mcs = 0; mcs < plan.nof_mcs; ++mcs) {
    plan.required_db[static_cast<std::size_t>(mcs)] = threshold_data::sinr_db[mcs_table][mcs] + config.gap_db;
  }
  return plan;
}

bool classical_engine::run(const link_features& in, view<float, 2> success_probability) noexcept
{
  const classical_config& c = plan_.config;
  for (int ue = 0; ue < in.nof_ues(); ++ue) {
    float weight = 1.0F;
    float weights = 0.0F;
    float sum = 0.0F;
    float squares = 0.0F;
    for (int i = 0; i < link_history && in.mcs(ue, i) >= 0.0F; ++i) {
      const float sinr_db = in.sinr_db(ue, i);
      weights += weight;
      sum += weight * sinr_db;
      squares += weight * sinr_db * sinr_db;
      weight *= c.forgetting;
    }
    const float mean_db = weights > 0.0F ? sum / weights : 0.0F;
    const float variance = weights > 0.0F ? std::max(0.0F, squares / weights - mean_db * mean_db) : 0.0F;
    const float spread = variance + c.spread_floor_db * c.spread_floor_db;
    const float s = c.slope_per_db;
    const float slope = s / std::sqrt(1.0F + std::numbers::pi_v<float> / 8.0F * s * s * spread);
    for (int mcs = 0; mcs < in.nof_mcs(); ++mcs) {
      const float margin_db = mean_db + in.offset_db(ue, 0) - in.mcs_required_db(ue, mcs);
      success_probability(ue, mcs) = weights > 0.0F ? 1.0F / (1.0F + std::exp(-slope * margin_db)) : 0.0F;
    }
  }
  return true;
}

float classical_engine::corrected_offset_db(float offset_db, float p, bool is_ack) const noexcept
{
  const float moved = offset_db + plan_.config.correction_step_db * ((is_ack ? 1.0F : 0.0F) - p);
  return std::clamp(moved, -plan_.config.max_offset_db, plan_.config.max_offset_db);
}

} // namespace pado::models
