// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/counter.h"
#include "core/grants.h"
#include "mac/link_adaptation/link_adaptation.h"
#include "mac/scheduler/harq.h"
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pado::mac {

/// Whether the grants are carried out.
enum class control_loop : std::uint8_t {
  closed, ///< grants go out, reports answer them: HARQ is kept
  open    ///< a replay: reports answer somebody else's grants, ours are proposals. No HARQ; reported UEs are
          ///< added
};

struct scheduler_config {
  std::int32_t cell = 0;
  pado::numerology numerology;
  control_loop loop = control_loop::closed;
  /// What all grants share: bandwidth part, symbols, DM-RS, scrambling, layers, transform precoding, LBRM.
  /// rnti, PRBs, MCS, HARQ and size are filled per grant; mcs_table is link_adaptation's.
  pusch_pdu common;
  std::int32_t overhead_re = 0; ///< xOverhead: 0, 6, 12 or 18
  std::int32_t k2 = 4;          ///< 0..32 slots from the report to the grant's slot
  std::vector<bool> is_uplink;  ///< [slot of the TDD period]; empty: every slot. The period divides 10 ms
  std::int32_t max_ues = 64;    ///< 1..1024 known
  std::int32_t max_ues_per_slot = 8; ///< 1..64
  std::int32_t min_prb = 4;          ///< 1..bwp_size: so many for each UE of a slot that wants as many
  harq_config harq;
  float fairness_slots = 100.0F; ///< 1..100000: window of the mean throughput, in uplink slots
  link_adaptation_config link_adaptation;
};

struct scheduler_plan {
  scheduler_config config;
  link_adaptation_plan link_adaptation;
};
/// \errors the first field outside its range
result<scheduler_plan> plan_scheduler(const scheduler_config& config);

/// What happened so far. One writer; any thread may read.
struct scheduler_counters {
  counter first_transmissions, retransmissions;
  counter advised;           ///< first transmissions whose MCS is the hook's
  counter acked, nacked;     ///< reports that answered a grant
  counter dtx;               ///< likewise: nothing was sent. No decoding error, the same rv is granted again
  counter given_up;          ///< transport blocks lost after the last transmission
  counter unanswered;        ///< grants whose report did not come in time
  counter unknown_rnti;      ///< reports of UEs that were not added
  counter unexpected_report; ///< reports that no open grant asked for
  counter refused_ues;       ///< reported UEs beyond max_ues
  counter faulted_reports;
};

/// Uplink scheduler of one cell: reports and advice in, grants out. A deterministic state machine without
/// clock or thread.
///
/// Retransmissions first, oldest first; then proportional fairness: the UEs with the largest ratio of
/// expected rate to mean throughput share the PRBs that are left, in one contiguous piece each.
///
/// \spec    TS 38.214, 6.1.2.2.2 (type 1), 6.1.4; TS 38.321, 5.4.2 (HARQ)
class scheduler {
public:
  /// Allocates everything that observe() and grant() need. May throw std::bad_alloc.
  explicit scheduler(const scheduler_plan& plan);

  /// UEs and their backlog; between slots, from the slot thread. add_ue is false when full or known already.
  bool add_ue(std::uint16_t rnti) noexcept;
  bool remove_ue(std::uint16_t rnti) noexcept;
  /// Bytes that wait at the UE (buffer status report); without a value its buffer is full, as it is after
  /// add_ue.
  bool set_backlog(std::uint16_t rnti, std::optional<std::uint32_t> backlog_bytes) noexcept;

  /// Slot path: no allocation, lock, wait, log or throw. A faulted report moves nothing but its counter.
  void observe(const slot_report& report) noexcept;

  /// Slot path. Grants of one slot, in the order they were decided; empty in a slot that is not uplink.
  /// Valid until the next call. Each slot is asked for at most once.
  const slot_grants& grant(slot_id target, std::span<const link_advice> advice) noexcept;

  /// observe(report), then grants of the slot k2 later. Where only uplink slots have reports, call the two
  /// apart.
  const slot_grants& next(const slot_report& report, std::span<const link_advice> advice) noexcept;

  bool is_uplink(slot_id slot) const noexcept;
  const scheduler_counters& counters() const noexcept { return counters_; }

  /// What the scheduler holds about a UE, for reports and tests.
  struct ue_view {
    std::uint16_t rnti;
    outer_loop loop;
    float mean_bits_per_slot;
    std::optional<std::uint32_t> backlog_bytes;
  };
  std::optional<ue_view> ue(std::uint16_t rnti) const noexcept;

private:
  struct ue_state {
    std::uint16_t rnti = 0;
    std::optional<std::uint32_t> backlog_bytes;
    outer_loop loop;
    float mean_bits = 0.0F;
    float granted_bits = 0.0F; ///< expected of the slot at hand
    bool is_granted = false;   ///< in the slot at hand: one PUSCH per UE and slot
    const link_advice* advice = nullptr;
    harq_entity harq;
  };
  struct candidate {
    std::int32_t ue = 0;
    std::int32_t harq_id = 0;
    mcs_choice choice;
    float metric = 0.0F;
    std::int32_t wanted_prb = 0;
  };

  ue_state* find(std::uint16_t rnti) noexcept;
  void observe_pusch(const pusch_report& report, slot_id slot) noexcept;
  void expire_reports(slot_id target) noexcept;
  void collect_retransmissions(slot_id target) noexcept;
  void grant_retransmissions(slot_id target) noexcept;
  void collect_first_transmissions(std::span<const link_advice> advice) noexcept;
  void grant_first_transmissions(slot_id target) noexcept;
  pusch_pdu first_grant(const candidate& chosen, std::int32_t nof_prb) const noexcept;
  std::int32_t wanted_prb(const candidate& chosen, std::int32_t limit) const noexcept;
  void send(ue_state& ue, pusch_pdu pdu, slot_id target) noexcept;
  std::int32_t free_prb() const noexcept;

  scheduler_plan plan_;
  std::vector<ue_state> ues_;
  std::vector<std::int16_t> index_of_rnti_;
  std::vector<candidate> candidates_;
  slot_grants grants_;
  std::int32_t next_prb_ = 0;
  scheduler_counters counters_;
};

} // namespace pado::mac
