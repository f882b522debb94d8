// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/live_status.h"
#include "pipeline/live/live_plan.h"
#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

namespace pado::apps {

/// What the control thread remembers of the reports of all cells: UEs, the last grants. Bounded whatever
/// comes.
class run_stats {
public:
  static constexpr std::size_t max_ues = 1024; ///< of all cells; others are counted
  static constexpr std::size_t nof_grant_slots = 64;

  /// Grants of a slot of which nothing is known yet.
  void expect(std::int32_t cell, std::int64_t slot, const std::vector<pusch_pdu>& pdus, slot_id id);
  void add(const pipeline::live_report& report, std::int64_t now_ns);

  std::vector<ue_status> ues(std::int64_t now_ns);
  std::vector<grant_status> grants() const;
  std::uint64_t nof_ues_refused() const { return nof_ues_refused_; }

private:
  /// Per quarter of a second, so that "the last second" slides.
  struct bucket {
    std::int64_t quarter = 0;
    std::uint64_t nof_tb = 0, nof_tb_failed = 0, nof_bits = 0;
  };
  struct ue_record {
    ue_status status;
    std::array<bucket, 4> recent;
  };
  /// One slot of one cell.
  struct granted_slot {
    std::int32_t cell = 0;
    std::int64_t slot = 0;
    std::vector<grant_status> grants;
  };
  ue_record* record_of(std::int32_t cell, std::uint16_t rnti);
  granted_slot& slot_of(std::int32_t cell, std::int64_t slot);

  std::map<std::pair<std::int32_t, std::uint16_t>, ue_record> ues_;
  std::deque<granted_slot> slots_;
  std::uint64_t nof_ues_refused_ = 0;
};

} // namespace pado::apps
