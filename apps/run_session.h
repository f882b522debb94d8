// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/live_status.h"
#include "apps/run_plan.h"
#include "apps/run_receiver.h"
#include "apps/run_stats.h"
#include "core/clock.h"
#include "io/port/port.h"
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace pado::apps {

/// The control side of `pado run`: opens the receiver, takes what the slot threads report, knows the state.
///
/// Every member but the constructor's callees is called by one thread, which calls tick() at least a few
/// hundred times a second. The threads of the slots never wait for it: what it does not take is counted.
class run_session {
public:
  /// Called by tick() for each report, in the order of its cell.
  using listener = std::function<void(const pipeline::live_report&)>;

  /// link   outlives the session
  /// time   system time
  /// \errors everything wrong with the options and the files they name
  static result<std::unique_ptr<run_session>>
  open(const run_options& options, io::port& link, const clock& time, listener each);
  ~run_session();

  /// Threads of their own; or step() on the calling thread, for tests in virtual time.
  void start();
  void step() { receiver_->step(); }
  /// Finishes the slots that were handed over, and takes their reports.
  void stop();

  /// Takes reports. Returns how many there were.
  std::size_t tick();

  /// A plan of an external MAC for a slot to come.
  /// \errors too late for its C-plane; further ahead than is kept; too many PDUs, or slots under way
  std::optional<error> submit(std::size_t cell, const slot_plan& plan);

  /// Reads every cell.yaml again and makes what may change between two slots, on a thread of its own: it
  /// takes many slots' time, and reports and grants must not wait for it. False: one is under way.
  bool begin_reload();
  /// What became of it, once it is made: it is in use from the next slot on. Nothing before that.
  /// \errors what needs a restart or is wrong: then nothing changes at all
  std::optional<result<nothing>> take_reload();
  /// Both, waiting for it.
  std::optional<error> reload();
  std::uint64_t nof_reloads() const { return nof_reloads_; }
  std::uint64_t nof_submitted_late() const { return nof_submitted_late_; }

  live_status status();
  const std::vector<run_cell>& cells() const { return cells_; }
  const run_receiver& receiver() const { return *receiver_; }
  const run_options& options() const { return options_; }
  std::int64_t started_ns() const { return started_ns_; }

private:
  run_session() = default;

  struct changes {
    std::vector<run_cell> cells;
    std::vector<std::unique_ptr<run_receiver::spare>> spares;
    std::vector<std::unique_ptr<pipeline::poller_setup>> setups;
  };
  result<changes> make_changes(const std::vector<run_cell>& running) const;
  result<nothing> put(result<changes> made);

  run_options options_;
  std::vector<run_cell> cells_;
  io::port* link_ = nullptr;
  const clock* time_ = nullptr;
  std::unique_ptr<run_receiver> receiver_;
  listener each_;
  run_stats stats_;
  std::int64_t started_ns_ = 0;
  std::uint64_t nof_reloads_ = 0;
  std::uint64_t nof_submitted_late_ = 0;
  const char* state_ = "starting";
  std::future<result<changes>> changes_; ///< last: its thread uses the others
};

} // namespace pado::apps
