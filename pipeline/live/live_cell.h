// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"
#include "core/histogram.h"
#include "io/assembly/slot_assembler.h"
#include "pipeline/decision_loop.h"
#include "pipeline/live/live_plan.h"
#include "pipeline/live/slot_time.h"
#include "pipeline/live/swap_box.h"
#include "pipeline/slot_leases.h"
#include "pipeline/slot_pipeline.h"
#include <array>
#include <memory>
#include <vector>

namespace pado::pipeline {

/// Who decides what is granted.
enum class grant_source : std::uint8_t {
  given,    ///< a schedule or an external MAC: our own scheduler only proposes
  scheduler ///< the closed loop
};

/// The receiver of a cell and its decisions: what may change between two slots. Made off the slot path.
template <backend B>
struct cell_setup {
  slot_pipeline_plan plan;
  std::unique_ptr<slot_pipeline<B>> pipeline;
  std::unique_ptr<decision_loop> decisions; ///< null: those of before stay
  std::int64_t window_ns = 0;               ///< end of the reception window after the end of a slot: Ta4 max
};

/// Counted by the slot thread; readable by any.
struct live_cell_counters {
  counter decoded;              ///< slots
  counter complete, incomplete; ///< slots that arrived with all that was asked for, or not
  counter unplanned;            ///< slots that arrived although nothing was granted
  counter not_received;         ///< slots with grants of which nothing arrived
  counter shed;                 ///< slots not decoded because newer ones waited and their deadline was over
  counter deadline_misses;      ///< decoded slots whose report came after the deadline
  counter faulted;              ///< slots that the back end failed
  counter prach;                ///< occasions that arrived; they are not decoded
  counter tb, tb_failed;        ///< that were sent
  counter dtx;                  ///< PUSCH of decoded slots in which nothing was sent
  counter advice_used, advice_fallback; ///< the model's own, and classical values in its place
  counter grants_lost;                  ///< decided, but the poller holds too many
  counter slots_skipped;                ///< not decided: the thread was stopped for longer than it looks back
  std::array<duration_histogram, nof_stages> stages;
  duration_histogram air_to_report; ///< from the end of the slot on air
};

/// Between a slot thread and the others.
template <backend B>
struct cell_links {
  io::slot_assembler* assembler = nullptr;
  plan_ring* orders = nullptr;       ///< in: from the poller
  plan_ring* decided = nullptr;      ///< out: to the poller; only for grant_source::scheduler
  report_ring* reports = nullptr;    ///< out: to the control thread
  const counter* air_slot = nullptr; ///< in: the slot on air
  swap_box<cell_setup<B>>* setup = nullptr;
};

struct live_cell_config {
  std::int32_t cell = 0;
  slot_time time;
  grant_source source = grant_source::given;
  std::int64_t deadline_ns = 0; ///< from the end of the slot on air to its report
  std::int64_t window_ns = 0; ///< after the end of a slot at least this long until it counts as not received
  std::int32_t nof_harq_blocks = 2048;
  std::int32_t nof_stores = 16; ///< of the assembler
  std::size_t max_pdus = 64;
};

/// One slot thread's work: slots in, reports and grants out.
///
/// step() decodes at most one slot and never waits, so a test steps it in virtual time.
template <backend B>
class live_cell {
public:
  /// May throw std::bad_alloc, and std::runtime_error when there is no device.
  live_cell(const live_cell_config& config, const cell_links<B>& links, const clock& time);

  /// HARQ memory, for the slot_pipeline of a setup.
  view<std::int8_t, 1, memory_of<B>> soft() const noexcept;

  /// False: there was nothing to do.
  bool step() noexcept;

  const live_cell_counters& counters() const noexcept { return counters_; }
  std::uint64_t nof_harq_evictions() const noexcept { return nof_evictions_.value(); }

private:
  /// A slot that was ordered.
  struct expected {
    std::int64_t slot = INT64_MIN;
    bool is_open = false;
    slot_plan plan;
  };
  static constexpr std::int64_t nof_expected = 128;

  void take_setup() noexcept;
  void take_orders() noexcept;
  bool decide_due() noexcept;
  void decide(std::int64_t target) noexcept;
  void collect() noexcept;
  void expire(std::int64_t on_air) noexcept;
  bool is_waiting(std::int64_t slot) const noexcept;
  void decode(const io::lent<uplink_slot>& lent, expected& order) noexcept;
  void leave_out(live_report::kind why, expected& order) noexcept;
  void finish(live_report& out, bool is_lent) noexcept;
  live_report& report_object(bool& is_lent) noexcept;
  void shape(slot_report& report, std::size_t nof_pdus) noexcept;
  void count(const live_report& done) noexcept;
  std::int64_t number_of(const uplink_slot& slot) const noexcept;
  expected& at(std::int64_t slot) noexcept;

  live_cell_config config_;
  cell_links<B> links_;
  const clock& time_;
  harq_pool pool_;
  buffer<std::int8_t, memory_of<B>> soft_;
  std::unique_ptr<cell_setup<B>> setup_;
  std::unique_ptr<decision_loop> decisions_;
  slot_leases leases_;
  std::vector<expected> expected_;           ///< at slot modulo size
  std::vector<io::lent<uplink_slot>> queue_; ///< popped and not decoded, oldest first
  live_report scratch_;                      ///< when the control thread has all reports
  std::vector<std::vector<std::uint8_t>> spare_payloads_;
  std::int64_t oldest_expected_ = INT64_MIN; ///< none before is open
  std::int64_t last_decided_ = INT64_MIN;
  std::int64_t nof_slots_ = 0;
  counter nof_evictions_;
  live_cell_counters counters_;
};

} // namespace pado::pipeline
