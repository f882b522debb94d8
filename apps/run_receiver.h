// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pipeline/live/live_receiver.h"
#include <memory>
#include <vector>

namespace pado::apps {

/// A live_receiver of either back end, as the control thread uses it. Members as there.
class run_receiver {
public:
  run_receiver() = default;
  run_receiver(const run_receiver&) = delete;
  run_receiver& operator=(const run_receiver&) = delete;
  virtual ~run_receiver() = default;

  /// \errors as live_receiver::make(); std::runtime_error when there is no device
  static result<std::unique_ptr<run_receiver>> make(backend where,
                                                    const pipeline::live_receiver_config& config,
                                                    const std::vector<io::port*>& ports,
                                                    const clock& air);

  /// The receiver and the decisions of a cell.
  struct request {
    pipeline::slot_pipeline_plan plan;
    std::unique_ptr<pipeline::decision_loop> decisions; ///< null: those of before stay
    std::int64_t window_ns = 0;
  };
  /// A receiver that is made and not in use yet.
  class spare {
  public:
    virtual ~spare() = default;
  };
  /// Allocates, computes tables: takes many slots' time. May be called on another thread.
  virtual std::unique_ptr<spare> make_spare(std::size_t cell, request wanted) const = 0;
  /// spare  of make_spare() for the same cell; stays when the answer is false
  virtual bool put(std::size_t cell, std::unique_ptr<spare>& made) = 0;
  virtual bool put(std::size_t cell, std::unique_ptr<pipeline::poller_setup> setup) = 0;

  virtual pipeline::numbered_plan* begin_plan(std::size_t cell) = 0;
  virtual void submit(std::size_t cell, pipeline::numbered_plan* plan) = 0;
  virtual pipeline::live_report* pop(std::size_t cell) = 0;
  virtual void release(std::size_t cell, pipeline::live_report* report) = 0;

  virtual void start() = 0;
  virtual void stop() = 0;
  virtual void step() = 0;

  virtual const pipeline::live_receiver_config& config() const = 0;
  virtual const io::slot_assembler& assembler() const = 0;
  virtual const pipeline::live_poller& poller() const = 0;
  virtual const pipeline::live_cell_counters& counters(std::size_t cell) const = 0;
  virtual std::uint64_t nof_harq_evictions(std::size_t cell) const = 0;
  virtual std::uint64_t nof_reports_lost(std::size_t cell) const = 0;
};

} // namespace pado::apps
