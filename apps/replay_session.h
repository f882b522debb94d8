// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/blind_capture.h"
#include "apps/cell_file.h"
#include "apps/cell_receiver.h"
#include "apps/replay_check.h"
#include "apps/replay_reference.h"
#include "apps/replay_stats.h"
#include "apps/schedule_file.h"
#include "apps/slot_source.h"
#include "core/clock.h"
#include "pipeline/decision_loop.h"
#include "pipeline/slot_pipeline.h"
#include "pipeline/stored_slot.h"
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace pado::apps {

/// What `pado replay` was asked to do.
struct replay_options {
  std::string input;
  std::string cell;
  std::string schedule;
  std::string results; ///< JSON lines go here; empty: nowhere
  std::string model;   ///< overrides cell.yaml
  backend where = backend::cpu;
  std::int32_t nof_workers = 0;         ///< 0: one a core
  std::int32_t slot_offset = 0;         ///< added to the slot numbers of the schedule
  bool is_blind = false;                ///< no schedule: what is in the capture is searched for first
  std::optional<io::raw_iq_config> raw; ///< the input is IQ without metadata
  bool is_checked = false;
  std::vector<std::uint16_t> check_rntis; ///< UEs whose every block must decode; empty: all
};

/// When the packets of a slot came, after its begin on air.
struct slot_arrival {
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
};

/// One replay from the first slot to the last.
class replay_session {
public:
  /// \errors everything that is wrong with the options and the files they name
  static result<std::unique_ptr<replay_session>> open(const replay_options& options, const clock& time);
  ~replay_session();

  /// Called after each slot: its report and what was decided from it.
  using listener = std::function<void(const slot_report&, const pipeline::decision_loop::decision&)>;

  /// Decodes the whole capture, or until `is_stopped` says so. An error of the input ends it after everything
  /// before it was decoded.
  std::optional<error> run(const listener& each, const std::function<bool()>& is_stopped);

  /// Before run(): is shown each slot with its samples, before the listener hears of it.
  using spectator = std::function<void(const slot_report&, const uplink_slot&)>;
  void show_slots(spectator to) { spectator_ = std::move(to); }

  double progress() const { return source_->progress(); }
  const replay_stats& stats() const { return stats_; }
  replay_stats& stats() { return stats_; }
  /// Of the slot that the listener is told of; nothing when the clock of the packets is not known.
  const std::optional<slot_arrival>& arrival() const { return arrival_; }
  const replay_check& check() const { return check_; }
  const replay_reference& reference() const { return reference_; }
  const slot_source& source() const { return *source_; }
  const schedule& lines() const { return schedule_; }
  const cell_config& cell() const { return cell_; }
  const pipeline::slot_pipeline_plan& plan() const { return plan_; }
  const pipeline::decision_loop& decisions() const { return *decisions_; }
  /// What the search found out about a recording that does not say which slot it begins with; else empty.
  const std::string& timing() const { return timing_; }
  std::uint64_t nof_unscheduled() const { return nof_unscheduled_; }
  std::uint64_t nof_harq_evictions() const { return nof_harq_evictions_; }
  std::int64_t elapsed_ns() const { return elapsed_ns_; }
  std::int32_t nof_workers() const { return options_.nof_workers; }

  /// For each UE of which no block decoded: what the DM-RS says about why. One line a UE.
  std::vector<std::string> findings();

private:
  replay_session() = default;
  template <backend B>
  std::optional<error> run_on(const listener& each, const std::function<bool()>& is_stopped);
  void receive(const slot_report& report, const uplink_slot& slot, const listener& each);
  std::optional<error> open_cell();
  std::optional<error> search();
  void deliver_found(const listener& each, const std::function<bool()>& is_stopped);
  std::optional<error> open_input();
  void keep_failure(const slot_report& report, const uplink_slot& slot);

  /// The slot with the most DM-RS energy in which a UE failed, as evidence.
  struct failure_case {
    float energy_db = -1e9F;
    pusch_pdu pdu;
    pipeline::stored_slot slot;
  };

  replay_options options_;
  blind_capture capture_;
  std::string timing_;
  const clock* time_ = nullptr;
  cell_config cell_;
  schedule schedule_;
  pipeline::slot_pipeline_plan plan_;
  std::unique_ptr<schedule> blind_slots_; ///< slots of a recording that is searched; source_ reads it
  std::optional<blind_result> found_;     ///< without a schedule: reports and all
  std::unique_ptr<slot_source> source_;
  std::unique_ptr<pipeline::decision_loop> decisions_;
  replay_stats stats_;
  replay_check check_;
  replay_reference reference_;
  spectator spectator_;
  std::optional<slot_arrival> arrival_;
  std::map<std::uint16_t, failure_case> failures_;
  std::vector<const scheduled_slot*> fed_; ///< in the order of feed(), as reports come back
  std::size_t next_fed_ = 0;
  std::uint64_t nof_unscheduled_ = 0;
  std::uint64_t nof_harq_evictions_ = 0;
  std::int64_t elapsed_ns_ = 0;
};

} // namespace pado::apps
