// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"
#include "io/assembly/slot_assembler.h"
#include "io/port/port.h"
#include "pipeline/live/live_cell.h"
#include "pipeline/live/live_poller.h"
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace pado::pipeline {

/// How the threads wait for work.
enum class waiting : std::uint8_t {
  adaptive, ///< look for a while, then sleep until a packet or the next moment comes
  busy      ///< never sleep: one core for the poller and one for each cell
};

struct live_receiver_config {
  struct cell {
    live_cell_config slots;
    cplane_config cplane;
    std::size_t port = 0; ///< index of the port that the C-plane leaves by
  };
  std::vector<cell> cells;
  io::slot_assembler_config assembler; ///< cells in the same order, each with sfn0_ns and window
  std::size_t nof_reports = 64;        ///< of a cell, between its slot thread and the control thread
  waiting how = waiting::adaptive;
};

/// Slots live from ports: the threads and everything between them.
///
/// Either start() makes the threads (one poller, one for each cell), or step() does their work on the calling
/// thread. The control side (submit, pop, setups) is one thread of the caller's.
template <backend B>
class live_receiver {
public:
  /// air    system time: what packets are stamped with and slots are counted from
  /// \errors what the assembler refuses. May throw std::bad_alloc
  static result<std::unique_ptr<live_receiver>>
  make(live_receiver_config config, std::vector<io::port*> ports, const clock& air);
  ~live_receiver();
  live_receiver(const live_receiver&) = delete;
  live_receiver& operator=(const live_receiver&) = delete;

  /// A new receiver, decisions or table for a cell, taken between two slots. Both before the first step.
  /// False while earlier ones wait to be taken.
  bool put(std::size_t cell, std::unique_ptr<cell_setup<B>>& setup)
  {
    return cells_[cell]->cell_box.put(setup);
  }
  bool put(std::size_t cell, std::unique_ptr<poller_setup>& setup)
  {
    return cells_[cell]->poller_box.put(setup);
  }
  /// HARQ memory of a cell, for the slot_pipeline of its setup.
  view<std::int8_t, 1, memory_of<B>> soft(std::size_t cell) const { return cells_[cell]->slots->soft(); }

  /// Plans of an external MAC. Null: too many are under way, the plan is lost.
  numbered_plan* begin_plan(std::size_t cell) noexcept { return cells_[cell]->decided.acquire(); }
  void submit(std::size_t cell, numbered_plan* plan) noexcept { cells_[cell]->decided.push(plan); }

  /// What the slot thread of a cell reports, in order; give each back.
  live_report* pop(std::size_t cell) noexcept { return cells_[cell]->reports.pop(); }
  void release(std::size_t cell, live_report* report) noexcept { cells_[cell]->reports.release(report); }

  void start();
  /// No new slot is begun; those under way are received and decoded first: some ms.
  void stop();
  /// One round of every thread's work, until nothing is left to do now. Not with start().
  void step() noexcept;
  /// The poller's round alone, as when the slot threads are busy.
  void poll_only() noexcept { poller_->poll(air_.now_ns()); }

  std::size_t nof_cells() const noexcept { return cells_.size(); }
  const slot_time& time(std::size_t cell) const noexcept { return config_.cells[cell].slots.time; }
  const live_receiver_config& config() const noexcept { return config_; }
  const io::slot_assembler& assembler() const noexcept { return *assembler_; }
  const live_poller& poller() const noexcept { return *poller_; }
  const live_cell_counters& counters(std::size_t cell) const noexcept
  {
    return cells_[cell]->slots->counters();
  }
  std::uint64_t nof_harq_evictions(std::size_t cell) const noexcept
  {
    return cells_[cell]->slots->nof_harq_evictions();
  }
  std::uint64_t nof_reports_lost(std::size_t cell) const noexcept
  {
    return cells_[cell]->reports.nof_refused();
  }

private:
  /// What the threads of one cell share.
  struct cell_part {
    cell_part(std::size_t nof_plans, std::size_t nof_reports, std::size_t max_pdus)
        : decided(nof_plans, numbered_plan::with_room(max_pdus)),
          orders(nof_plans, numbered_plan::with_room(max_pdus)), reports(nof_reports)
    {
    }
    plan_ring decided;
    plan_ring orders;
    report_ring reports;
    counter air_slot;
    doorbell bell;
    swap_box<poller_setup> poller_box;
    swap_box<cell_setup<B>> cell_box;
    std::unique_ptr<live_cell<B>> slots;
    std::thread thread;
  };

  live_receiver(live_receiver_config config,
                const io::slot_assembler_plan& assembler,
                std::vector<io::port*> ports,
                const clock& air);
  void poll_loop() noexcept;
  /// How long the poller goes on after stop().
  std::int64_t drain_ns() const noexcept;
  void slot_loop(cell_part& own) noexcept;

  live_receiver_config config_;
  const clock& air_;
  std::vector<io::port*> ports_;
  std::unique_ptr<io::slot_assembler> assembler_;
  std::vector<std::unique_ptr<cell_part>> cells_;
  std::unique_ptr<live_poller> poller_;
  std::thread poller_thread_;
  std::atomic<bool> is_polling_{false};
  std::atomic<bool> is_decoding_{false};
};

} // namespace pado::pipeline
