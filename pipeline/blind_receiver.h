// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"
#include "phy/blind/identity_search.h"
#include "phy/blind/slot_search.h"
#include "pipeline/front_end.h"
#include "pipeline/slot_pipeline.h"
#include <memory>
#include <vector>

namespace pado::pipeline {

/// What was found in one slot and what the receiver says about it.
struct blind_slot {
  slot_id slot;
  std::vector<phy::blind_finding> found;
  std::vector<pusch_report> reports; ///< one a finding, decoded together, without earlier transmissions
  std::array<std::int64_t, nof_stages> stage_ns = {}; ///< of decoding them; the search is not in it
  std::vector<pusch_pdu> failed_grants; ///< known grants that seemed to come again and did not decode
  std::int32_t nof_unexplained = 0;     ///< places with DM-RS and without a proven PUSCH
  bool is_loud = false;                 ///< something was sent, whatever it was
  bool is_open = false;                 ///< the same, where no proven PUSCH lies
};

/// Searches slots and proves what it finds with the receiver of the cell. One object a thread.
class blind_receiver {
public:
  /// plan    of the cell, also for time-domain input
  /// codes   MCS and transport block sizes of an allocation
  /// explain  called at every step of the search; may be empty
  /// \errors throws std::bad_alloc
  blind_receiver(const slot_pipeline_plan& plan,
                 std::function<std::vector<phy::code_option>(const pusch_pdu&)> codes,
                 const clock& time,
                 std::function<void(const phy::blind_step&)> explain = {});

  blind_slot run(const uplink_slot& slot, const phy::blind_knowledge& knowledge);

  /// Identities whose DM-RS shows where nothing that was found lies: all 65536 are tried on the loudest PRBs
  /// of each symbol, and again without the PRBs of the one that was found, at most 3 times.
  ///
  /// slots  candidates for the number of the slot in the frame
  std::vector<phy::identity_match> find_identities(const uplink_slot& slot,
                                                   const std::vector<phy::blind_finding>& found,
                                                   std::span<const std::int32_t> slots);

private:
  std::vector<bool> prove(view<const ch16, 3> grid, const slot_plan& plan);
  void decode(view<const ch16, 3> grid, const slot_plan& plan);
  void report_found(view<const ch16, 3> grid, blind_slot& out);

  slot_pipeline_plan plan_;
  buffer<std::int8_t> soft_;
  front_end front_;
  slot_pipeline<backend::cpu> receiver_;
  phy::slot_search search_;
  slot_report report_;
  std::vector<pusch_pdu> decoded_;   ///< what report_ is of
  std::vector<pusch_report> proven_; ///< of the slot at hand, with whatever was received beside each
};

} // namespace pado::pipeline
