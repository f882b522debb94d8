// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/ru_cell.h"
#include "apps/ru_timing.h"
#include "core/clock.h"
#include "core/counter.h"
#include "core/ring.h"
#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace pado::apps {

/// What the worker of a desk counts, in PUSCH PDUs unless said.
struct ru_grant_counters {
  counter slots;      ///< asked for
  counter made;       ///< PUSCH of slots that were made
  counter unknown_ue; ///< no UE of the scenario has this RNTI
  counter refused;    ///< cannot be sent, or a retransmission of a block that was never sent
  counter no_room;    ///< slots: more are under way than there is memory for
};

/// The UEs of a scenario in a closed loop: they send what they are granted.
///
/// A grant with new data draws a new payload for its HARQ process, one without repeats the payload with the
/// rv asked for. The slots are made by a worker thread, ahead of time; a slot that is not ready when its
/// first symbol is due is sent as noise, and counted by the emulator.
///
/// Threads: any one submits; the worker makes; the emulator's thread calls take() and give_back().
class ru_grant_desk {
public:
  struct settings {
    std::int64_t sfn0_ns = 0;
    std::string truth_path; ///< schedule lines of all that was asked for, with what was sent; empty: none
    std::size_t nof_stores = 64;
  };
  /// \errors the truth file cannot be written; propagation samples, which need the slots around
  static result<std::shared_ptr<ru_grant_desk>>
  open(std::shared_ptr<const ru_cell_plan> cell, const settings& how, const clock& time);
  ~ru_grant_desk();
  ru_grant_desk(const ru_grant_desk&) = delete;
  ru_grant_desk& operator=(const ru_grant_desk&) = delete;

  /// Grants of one slot, ahead of it. May wait for a moment for a lock.
  void submit(slot_plan plan);
  /// Waits until all that was submitted is made or refused: for tests in virtual time.
  void finish();

  struct made_slot {
    std::int64_t slot = 0; ///< since the begin of SFN 0 at settings.sfn0_ns
    packed_slot samples;
    planned_slot grants;
    bool is_sent = false;     ///< set by the emulator
    bool has_samples = false; ///< else it is only for the truth: too late to be made
  };
  /// Emulator: the samples of a slot; null when nothing was granted or nothing is ready. Slots before are out
  /// of date from then on.
  made_slot* take(std::int64_t slot, counter& nof_late) noexcept;
  /// Emulator: a slot that take() gave.
  void give_back(made_slot* slot) noexcept { returned_.push(slot); }

  const ru_grant_counters& counters() const noexcept { return count_; }

private:
  /// The block that a HARQ process of a UE holds.
  struct held_block {
    std::uint32_t number = 0;
    std::vector<std::uint8_t> payload;
  };
  ru_grant_desk(std::shared_ptr<const ru_cell_plan> cell, const settings& how, const clock& time);
  void work();
  void make(const slot_plan& plan, slot_maker& maker, buffer<cf32>& rx);
  void add(const pusch_pdu& pdu, planned_slot& to);
  void collect_returned();
  made_slot* free_store();

  std::shared_ptr<const ru_cell_plan> cell_;
  settings settings_;
  const clock& time_;
  ru_timing timing_;
  ru_grant_counters count_;
  std::ofstream truth_;
  std::map<std::pair<std::int32_t, std::int32_t>, held_block> blocks_; ///< [UE, HARQ process]
  std::int64_t make_ns_ = 0; ///< the worker's: what a slot takes, running mean

  std::vector<std::unique_ptr<made_slot>> stores_;
  std::vector<made_slot*> free_;    ///< the worker's
  spsc_ring<made_slot*> ready_;     ///< worker to emulator
  spsc_ring<made_slot*> returned_;  ///< emulator to worker
  std::vector<made_slot*> waiting_; ///< the emulator's: taken from ready_, not asked for yet

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<slot_plan> queue_;
  bool is_busy_ = false;
  bool is_stopped_ = false;
  std::thread worker_;
};

} // namespace pado::apps
