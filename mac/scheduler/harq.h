// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot_report.h"
#include <array>
#include <cstdint>

namespace pado::mac {

inline constexpr int max_nof_harq = 16;

struct harq_config {
  std::int32_t nof_processes = 16;        ///< 1..16
  std::int32_t max_transmissions = 4;     ///< 1..8, the first one included
  std::int32_t report_timeout_slots = 40; ///< 1..1000: then an unanswered grant counts as a NACK
};

/// Redundancy version of the n-th transmission (0: the first): 0, 2, 3, 1 and again.
std::uint8_t rv_of_transmission(std::int32_t transmission);

enum class harq_state : std::uint8_t { idle, waiting, pending };

/// One process: idle, waiting for the report of a grant, or pending a retransmission. Plain data.
struct harq_process {
  harq_state state = harq_state::idle;
  std::int32_t nof_transmissions = 0; ///< granted
  std::int32_t nof_heard =
      0;           ///< of these, reported as failed: their soft bits are kept, and tell the next rv
  slot_id slot;    ///< of the last grant
  pusch_pdu grant; ///< the last grant: a retransmission keeps its MCS, number of PRBs and size
};

/// The processes of one UE.
struct harq_entity {
  std::array<harq_process, max_nof_harq> processes = {};

  /// The lowest idle process, or -1.
  std::int32_t idle_process(const harq_config& config) const noexcept;
};

/// dtx: the UE sent nothing; the same redundancy version is due again.
enum class harq_outcome : std::uint8_t { unexpected, acked, retransmit, dtx, given_up };

/// Moves the process that a report of `slot` answers; `unexpected` when none waits for it.
harq_outcome
answer(const harq_config& config, harq_entity& entity, const pusch_report& report, slot_id slot) noexcept;

/// Moves a waiting process whose transmission failed or whose report never came.
harq_outcome failed(const harq_config& config, harq_process& process) noexcept;

} // namespace pado::mac
