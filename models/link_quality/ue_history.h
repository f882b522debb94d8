// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/advice.h"
#include "core/buffer.h"
#include "core/slot.h"
#include "models/link_quality/features.h"
#include "models/link_quality/guard.h"
#include <array>
#include <cstdint>

namespace pado::models {

/// Slot numbers that do not wrap, for ages. Right as long as no two calls lie more than 5.12 s apart.
class slot_counter {
public:
  explicit slot_counter(numerology n) : numerology_(n) {}

  /// Number of a slot near the newest one seen so far.
  std::int64_t number_of(slot_id slot) noexcept;

private:
  numerology numerology_;
  bool has_newest_ = false;
  slot_id newest_;
  std::int64_t newest_number_ = 0;
};

/// What one report left behind.
struct link_event {
  std::int64_t slot = 0; ///< unwrapped
  float sinr_db = 0.0F;
  float ack = 0.0F;
  float mcs = 0.0F;
  float required_db = 0.0F;
  float coherence = 0.0F;
};

/// What was said about one slot, kept until its outcome is known.
struct given_advice {
  std::int64_t slot = -1; ///< unwrapped; -1: empty
  bool has_model = false;
  std::array<float, max_nof_mcs> classical = {};
  std::array<float, max_nof_mcs> model = {};
};

/// Everything the hook keeps about one UE. Plain data.
struct ue_history {
  std::uint16_t rnti = 0;
  std::int64_t last_slot = 0;
  std::array<link_event, link_history> events = {}; ///< a ring, `newest` is the last one written
  std::int32_t nof_events = 0;
  std::int32_t newest = -1;
  float offset_db = 0.0F;
  guard_state guard;
  std::array<given_advice, 16> given = {}; ///< a ring: advice older than 16 asked-for slots is not scored
  std::int32_t next_given = 0;

  void push(const link_event& event) noexcept;
  /// The i-th newest event, i < nof_events.
  const link_event& event(std::int32_t i) const noexcept;
  /// The place for advice about a slot: the one it has already, else the oldest.
  given_advice& place_for(std::int64_t slot) noexcept;
  const given_advice* given_for(std::int64_t slot) const noexcept;
};

/// The arrays behind link_features, for a fixed number of UEs.
class feature_arrays {
public:
  feature_arrays(std::int32_t max_ues,
                 std::int32_t nof_mcs,
                 const std::array<float, max_nof_mcs>& required_db);

  /// Writes row `row` from a history, as seen from slot `target`.
  void write(std::int32_t row, const ue_history& ue, std::int64_t target) noexcept;
  /// Views of the first rows.
  link_features of(std::int32_t nof_ues) const noexcept;
  view<float, 2> classical_probability(std::int32_t nof_ues) const noexcept;

private:
  std::int32_t nof_mcs_;
  buffer<float> sinr_db_, age_slots_, ack_, mcs_, required_db_, coherence_; ///< [ue][history]
  buffer<float> offset_db_;                                                 ///< [ue][1]
  buffer<float> mcs_required_db_, classical_probability_;                   ///< [ue][mcs]
};

} // namespace pado::models
