// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/advice.h"
#include "core/result.h"
#include "core/slot_report.h"
#include <array>
#include <cstdint>

namespace pado::mac {

/// Who chooses the MCS of a first transmission.
enum class mcs_rule : std::uint8_t {
  outer_loop, ///< last SINR plus an offset that ACK and NACK move: holds target_bler
  advice ///< largest expected throughput under the hook's probabilities; outer loop when there is no advice
};

struct link_adaptation_config {
  std::uint8_t mcs_table = 0; ///< as pusch_pdu.mcs_table
  mcs_rule rule = mcs_rule::advice;
  float target_bler = 0.1F;     ///< of first transmissions, 0.001..0.5: outer loop
  float step_down_db = 0.5F;    ///< 0.01..5: offset taken off on NACK; ACK adds target / (1 - target) of it
  float max_offset_db = 15.0F;  ///< 0..40: the offset stays in -max..max
  float sinr_forgetting = 0.5F; ///< 0..0.99: weight of the old mean when a SINR arrives; 0 is the last SINR
  float gap_db = 2.0F; ///< -5..10: SINR above Shannon's that an MCS is taken to need, before the offset
  float min_success_probability = 0.5F; ///< 0..1: an MCS less likely than this is not taken on advice
};

/// A checked configuration and what follows from it.
struct link_adaptation_plan {
  link_adaptation_config config;
  std::int32_t nof_mcs = 0;
  float step_up_db = 0.0F;
  std::array<float, max_nof_mcs> spectral_efficiency = {}; ///< [mcs] bit per resource element and layer
  std::array<float, max_nof_mcs> required_sinr_db = {};    ///< [mcs] 10 log10(2^efficiency - 1) + gap_db
};
/// \errors the first field outside its range
result<link_adaptation_plan> plan_link_adaptation(const link_adaptation_config& config);

/// The outer loop of one UE. Plain data, moved on by observed().
struct outer_loop {
  float sinr_db = 0.0F; ///< running mean
  float offset_db = 0.0F;
  bool has_sinr = false;
};

/// The loop's own choice: the highest MCS whose required SINR is at most sinr + offset; 0 before any SINR.
std::int32_t outer_loop_mcs(const link_adaptation_plan& plan, const outer_loop& loop);

/// The loop after a report of its UE.
///
/// Retransmissions, what was not sent (dtx) and reports without a finite SINR move nothing. Somebody else's
/// MCS (the hook's, or another scheduler's in a replay) moves the offset only where it proves something: an
/// ACK at least as high as the loop would have chosen, a NACK at most as high.
outer_loop observed(const link_adaptation_plan& plan, outer_loop loop, const pusch_report& report);

struct mcs_choice {
  std::int32_t mcs = 0;
  float success_probability = 0.0F;
  bool is_advised = false;
};

/// MCS of the next first transmission.
///
/// advice   may be null: no advice. One with the wrong number of MCS or a value outside [0, 1] counts as none
mcs_choice choose_mcs(const link_adaptation_plan& plan, const outer_loop& loop, const link_advice* advice);

} // namespace pado::mac
