// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/advice.h"
#include "core/view.h"
#include <array>
#include <cstdint>
#include <string_view>

namespace pado::models {

inline constexpr int link_history = 12; ///< newest reports of a UE that the hook keeps

/// Inputs of one batch of the hook link_quality. All float, last axis contiguous. docs/models.md is the full
/// contract.
///
/// History is newest first. Entries that do not exist (yet) have ack, sinr_db, coherence and age_slots 0, mcs
/// -1.
struct link_features {
  view<const float, 2> sinr_db;     ///< [ue][history] dB, post-equaliser, one value per transmission
  view<const float, 2> age_slots;   ///< [ue][history] slots from the DM-RS to the slot asked for, 0..10000
  view<const float, 2> ack;         ///< [ue][history] 1 ACK, -1 NACK, 0 none: a retransmission, or no entry
  view<const float, 2> mcs;         ///< [ue][history] MCS index used, -1: no entry
  view<const float, 2> required_db; ///< [ue][history] dB, SINR at which that MCS succeeds every second time
  view<const float, 2> coherence;   ///< [ue][history] 0..1, dmrs_coherence of the report
  view<const float, 2> offset_db; ///< [ue][1] dB, outer correction learnt from ACKs: true minus reported SINR
  view<const float, 2> mcs_required_db; ///< [ue][mcs] dB, SINR at which each MCS succeeds every second time
  view<const float, 2> classical_probability; ///< [ue][mcs] 0..1, what the classical engine says

  std::int32_t nof_ues() const { return sinr_db.extent(0); }
  std::int32_t nof_mcs() const { return mcs_required_db.extent(1); }
};

/// The output: P(CRC holds) of a first transmission with each MCS.
inline constexpr std::string_view success_probability_name = "success_probability"; ///< [ue][mcs] 0..1

/// Name and width of one input tensor, for engines that match by name.
struct tensor_info {
  std::string_view name;
  view<const float, 2> link_features::*member;
  bool is_per_mcs; ///< width nof_mcs instead of `width`
  std::int32_t width;
};
inline constexpr std::array<tensor_info, 9> link_tensors = {{
    {"sinr_db", &link_features::sinr_db, false, link_history},
    {"age_slots", &link_features::age_slots, false, link_history},
    {"ack", &link_features::ack, false, link_history},
    {"mcs", &link_features::mcs, false, link_history},
    {"required_db", &link_features::required_db, false, link_history},
    {"coherence", &link_features::coherence, false, link_history},
    {"offset_db", &link_features::offset_db, false, 1},
    {"mcs_required_db", &link_features::mcs_required_db, true, 0},
    {"classical_probability", &link_features::classical_probability, true, 0},
}};

} // namespace pado::models
