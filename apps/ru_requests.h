// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pado::apps {

/// What a section of the C-plane asks for, of one flow and slot.
struct ru_request {
  std::uint16_t flow = 0; ///< rx port, or nof_rx_ports + index of the PRACH eAxC
  std::uint16_t section_id = 0;
  prb_range prbs;
  std::int32_t symbol_begin = 0;
  std::int32_t symbol_end = 0; ///< PRACH: symbol_begin + repetitions, may pass 14
  std::uint8_t filter_index = 0;
  bool is_prach = false;
  std::int64_t start_ns = 0;      ///< PRACH: from the begin of the start symbol to the first repetition
  std::int64_t repetition_ns = 0; ///< PRACH: useful length of one
};

/// Requests of the slots to come. Fixed memory.
class ru_request_ring {
public:
  static constexpr std::int64_t nof_slots = 256;   ///< that may be asked for ahead
  static constexpr std::size_t max_requests = 512; ///< of one slot

  ru_request_ring() : slots_(nof_slots)
  {
    for (ring_slot& slot : slots_) {
      slot.requests.reserve(max_requests);
    }
  }
  /// False: no room in this slot.
  bool add(std::int64_t slot, const ru_request& request) noexcept
  {
    ring_slot& to = at(slot);
    if (to.requests.size() >= max_requests) {
      return false;
    }
    to.requests.push_back(request);
    for (std::int32_t symbol = request.symbol_begin; symbol < request.symbol_end && symbol < 14; ++symbol) {
      to.symbols |= 1U << static_cast<unsigned>(symbol);
    }
    return true;
  }
  std::span<const ru_request> of(std::int64_t slot) const noexcept { return at(slot).requests; }
  /// Bit l: something is asked of symbol l.
  std::uint32_t symbols(std::int64_t slot) const noexcept { return at(slot).symbols; }
  void clear(std::int64_t slot) noexcept
  {
    at(slot).requests.clear();
    at(slot).symbols = 0;
  }
  /// Makes the slot have something in its last symbol, so that it is looked at.
  void touch(std::int64_t slot, std::uint32_t symbols) noexcept { at(slot).symbols |= symbols; }

private:
  struct ring_slot {
    std::vector<ru_request> requests;
    std::uint32_t symbols = 0;
  };
  ring_slot& at(std::int64_t slot) noexcept { return slots_[static_cast<std::size_t>(slot % nof_slots)]; }
  const ring_slot& at(std::int64_t slot) const noexcept
  {
    return slots_[static_cast<std::size_t>(slot % nof_slots)];
  }

  std::vector<ring_slot> slots_;
};

} // namespace pado::apps
