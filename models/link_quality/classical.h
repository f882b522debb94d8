// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/advice.h"
#include "core/result.h"
#include "models/link_quality/engine.h"
#include <array>
#include <cstdint>

namespace pado::models {

struct classical_config {
  float slope_per_db = 4.0F;    ///< 0.1..20: steepness of the block error curve of one MCS at a constant SINR
  float gap_db = 1.0F;          ///< -5..10: SINR that the decoder needs above the BICM capacity for P = 1/2
  float forgetting = 0.7F;      ///< 0..0.99: weight of an entry against the next newer one
  float spread_floor_db = 0.5F; ///< 0..10: least standard deviation of the SINR around its mean
  float correction_step_db = 0.3F; ///< 0..5: outer correction per unit of ACK minus predicted P
  float max_offset_db = 10.0F;     ///< 0..40: bound of the outer correction
};

struct classical_plan {
  classical_config config;
  std::int32_t nof_mcs = 0;
  std::array<float, max_nof_mcs> required_db = {}; ///< [mcs] SINR of P = 1/2
};
/// mcs_table   0..4, as pusch_pdu.mcs_table
/// \errors     the first field outside its range
result<classical_plan> plan_classical(const classical_config& config, std::uint8_t mcs_table);

/// The classical predictor: Gaussian SINR in dB around the weighted mean of the history, logistic block error
/// curve.
///
/// P(mcs) = E[logistic(slope (s - required))], s ~ N(mean + offset, spread^2), by the probit approximation of
/// MacKay, Neural Computation 4 (1992), eq. 10. A UE without any entry gets P = 0.
class classical_engine final : public link_quality_engine {
public:
  explicit classical_engine(const classical_plan& plan) : plan_(plan) {}

  /// Reads sinr_db, mcs, offset_db and mcs_required_db.
  bool run(const link_features& in, view<float, 2> success_probability) noexcept override;

  /// The outer correction after an outcome whose predicted probability was p.
  float corrected_offset_db(float offset_db, float p, bool is_ack) const noexcept;

private:
  classical_plan plan_;
};

} // namespace pado::models
