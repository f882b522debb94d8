// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"
#include "io/assembly/slot_assembler.h"
#include "io/port/port.h"
#include "pipeline/live/cplane_sender.h"
#include "pipeline/live/doorbell.h"
#include "pipeline/live/live_plan.h"
#include "pipeline/live/plan_table.h"
#include "pipeline/live/swap_box.h"
#include <memory>
#include <span>
#include <vector>

namespace pado::pipeline {

/// What of a running poller may change between two slots.
struct poller_setup {
  io::rx_window window;
  std::int64_t t1a_max_ns = 0;
  std::int64_t t1a_min_ns = 0;
  plan_table table; ///< empty: plans come from the ring
};

/// Between the poller and the other threads of one cell.
struct poller_links {
  plan_ring* decided = nullptr;            ///< in: from a scheduler or an external MAC, ahead of their slots
  plan_ring* orders = nullptr;             ///< out: what the slot thread is to decode, in order of slots
  counter* air_slot = nullptr;             ///< out: the slot on air, counted from INT64 0
  doorbell* bell = nullptr;                ///< rung when the slot thread has something to do
  swap_box<poller_setup>* setup = nullptr; ///< in
};

/// Counted by the poller for one cell; readable by any thread.
struct poller_counters {
  counter plans;            ///< slots with a plan
  counter plans_late;       ///< decided plans that came after the last moment for their C-plane
  counter plans_early;      ///< too far ahead
  counter plans_twice;      ///< for a slot that had one
  counter orders_lost;      ///< the slot thread holds too many
  counter slots_skipped;    ///< not looked at: the poller was stopped for longer than its memory reaches
  counter max_cycle_ns;     ///< the longest time between two looks at the ports
  counter cycles_over_slot; ///< cycles longer than a slot
};

/// One thread's work: frames from ports into the assembler, C-plane out in its windows, plans to slot
/// threads.
///
/// poll() does all that is due at a moment and never waits, so a test steps it in virtual time.
class live_poller {
public:
  struct cell_config {
    cplane_config cplane;
    std::unique_ptr<poller_setup> setup;
    poller_links links;
    std::size_t port = 0; ///< index of the port that its C-plane leaves by
    std::size_t max_pdus = 64;
  };
  live_poller(io::slot_assembler& assembler, std::vector<io::port*> ports, std::vector<cell_config> cells);
  ~live_poller();

  /// Everything due until now. False: there was nothing.
  bool poll(std::int64_t now_ns) noexcept;

  /// From now on no slot is begun: what was asked for is still received.
  void close() noexcept { is_closing_ = true; }

  /// The next moment at which poll() has something to do even if no frame comes.
  std::int64_t next_event_ns(std::int64_t now_ns) const noexcept;

  const poller_counters& counters(std::size_t cell) const noexcept;
  const cplane_counters& cplane(std::size_t cell) const noexcept;

private:
  struct cell_part;

  void take_decided(cell_part& own, std::int64_t now_ns) noexcept;
  void advance(cell_part& own, std::int64_t now_ns) noexcept;
  void begin_slot(cell_part& own, std::int64_t slot) noexcept;
  void order(cell_part& own, std::int64_t slot, const slot_plan& plan) noexcept;
  std::size_t receive(io::port& from) noexcept;

  io::slot_assembler& assembler_;
  std::vector<io::port*> ports_;
  std::vector<std::unique_ptr<cell_part>> cells_;
  bool is_closing_ = false;
  std::int64_t last_poll_ns_ = 0;
  std::uint64_t nof_handed_over_ = 0;
};

} // namespace pado::pipeline
