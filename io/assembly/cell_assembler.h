// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ring.h"
#include "io/assembly/slot_assembler.h"
#include "io/assembly/slot_clock.h"
#include "io/assembly/slot_stores.h"
#include <vector>

namespace pado::io {

/// Stores that nobody uses. The last one given back is taken first: its memory is still in a cache.
class free_stores {
public:
  explicit free_stores(std::size_t nof_stores) : returned_(nof_stores) { free_.reserve(nof_stores); }

  /// Consuming thread.
  void give_back(std::uint32_t store) noexcept { returned_.push(store); }
  /// Pushing thread. False when all stores are in use.
  bool take(std::uint32_t& store) noexcept
  {
    while (returned_.pop(store)) {
      free_.push_back(store); // never beyond its capacity: there are no more stores
    }
    if (free_.empty()) {
      return false;
    }
    store = free_.back();
    free_.pop_back();
    return true;
  }

private:
  spsc_ring<std::uint32_t> returned_;
  std::vector<std::uint32_t> free_;
};

/// One cell: the open slots, their stores, and the clock.
class cell_assembler {
public:
  cell_assembler(std::int32_t index, const slot_assembler_config& config, assembler_counters& counters);

  const cell_config& config() const noexcept { return config_; }

  /// A readable U-plane message: its slot, and whether it is in the window. Opens nothing yet.
  struct arrival {
    std::int64_t slot = 0;
    std::int64_t at_ns = 0;
  };
  drop locate(const app_header& header, std::int64_t arrival_ns, flow_counters& flow, arrival& out) noexcept;
  drop add_pusch(const app_header& header,
                 const arrival& when,
                 const u_section& section,
                 flow_counters& flow) noexcept;
  drop add_prach(const app_header& header,
                 const arrival& when,
                 const u_section& section,
                 flow_counters& flow) noexcept;
  /// Hands over what the last message completed.
  void finish_message(const arrival& when, bool is_prach) noexcept;

  void advance_time(std::int64_t now_ns) noexcept;
  void flush() noexcept;
  void await(const awaited_prbs& what) noexcept;
  const std::optional<rx_window>& window() const noexcept { return config_.window; }
  void set_window(const rx_window& window) noexcept { config_.window = window; }

  /// Consumer side: the stores of slots handed over and not yet popped, oldest first.
  bool pop_slot(std::uint32_t& store) noexcept { return done_.pop(store); }
  bool pop_prach(std::uint32_t& store) noexcept { return done_prach_.pop(store); }
  uplink_slot slot_of(std::uint32_t store) const noexcept { return finished_[store]; }
  prach_slot prach_of(std::uint32_t store) const noexcept { return finished_prach_[store]; }
  void release_slot(std::uint32_t store) noexcept { free_.give_back(store); }
  void release_prach(std::uint32_t store) noexcept { free_prach_.give_back(store); }

private:
  static constexpr std::int32_t none = -1;

  /// What happens with one kind of sections, grid or PRACH, of one slot.
  struct entry {
    std::int64_t slot = INT64_MIN;
    std::int32_t store = none;
    bool is_closed = false;
    bool is_complete = false;
    bool is_shed = false;
  };
  /// Consecutive slots up to the newest one, at slot modulo size.
  using open_slots = std::vector<entry>;

  static entry& entry_of(open_slots& open, std::int64_t slot) noexcept;
  template <class HandOver>
  void close(open_slots& open, std::int64_t last, HandOver hand_over) noexcept;
  void move_to(std::int64_t newest) noexcept;
  void close_all() noexcept;
  void hand_over_grid(entry& open) noexcept;
  void hand_over_prach(entry& open) noexcept;
  drop acquire(entry& own, free_stores& free) noexcept;
  std::uint16_t awaited_symbols(std::int64_t slot) const noexcept;
  /// What await() said of the slot, or null.
  const awaited_prbs* awaited_of(std::int64_t slot) const noexcept;
  drop check_window(const app_header& header, const arrival& when, flow_counters& flow) const noexcept;

  std::int32_t index_;
  cell_config config_;
  assembler_counters* counters_;
  slot_clock clock_;
  std::int64_t newest_ = INT64_MIN; ///< of the entries; trails clock_ until a section is taken
  std::int64_t first_ = INT64_MIN;  ///< the slot that the stream began with
  open_slots grid_;                 ///< reorder_slots + 1
  open_slots prach_;                ///< prach_reorder_slots + 1
  std::vector<uplink_store> stores_;
  std::vector<prach_store> prach_stores_;
  std::vector<uplink_slot> finished_;
  std::vector<prach_slot> finished_prach_;
  std::vector<awaited_prbs> awaited_; ///< at slot modulo size
  free_stores free_;
  free_stores free_prach_;
  spsc_ring<std::uint32_t> done_;
  spsc_ring<std::uint32_t> done_prach_;
};

} // namespace pado::io
