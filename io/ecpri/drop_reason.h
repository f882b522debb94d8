// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/counter.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pado::io {

/// Why a frame or a section was dropped. Every drop has exactly one reason; docs/fronthaul.md explains each.
enum class drop_reason : std::uint8_t {
  short_frame,        ///< ends inside an Ethernet, VLAN, IP or UDP header
  not_fronthaul,      ///< another ethertype, IP protocol or UDP port
  ip_fragment,        ///< a fragment of an IP packet
  bad_ip_length,      ///< IP or UDP length disagrees with the frame
  short_message,      ///< ends inside the eCPRI header or the application header
  ecpri_version,      ///< eCPRI version is not 1
  ecpri_length,       ///< the eCPRI payload size reaches beyond the frame
  ecpri_type,         ///< a message that is neither IQ data nor real-time control
  transport_fragment, ///< fragmented below the application (E = 0 or a subsequence id)
  payload_version,    ///< O-RAN payload version is not 1
  section_length,     ///< the sections do not fill the payload: wrong compression or a cut message
  section_form,       ///< rb = 1, symInc = 1, or a C-plane section that nobody can read
  compression_method, ///< a method or width outside of what is supported
  filter_index,       ///< a PRACH filter on a PUSCH flow, or a reserved filter
  bad_time,           ///< subframe, slot or symbol beyond the numerology
  prb_range,          ///< PRBs outside of the carrier
  unknown_flow,       ///< no cell has this eAxC
  wrong_vlan,         ///< a cell has this eAxC, with another VLAN
  wrong_mac,          ///< a cell has this eAxC and VLAN, and its radio unit another address
  downlink,           ///< user data of the other direction
  unexpected_symbol,  ///< not an uplink symbol in the configured TDD pattern
  early,              ///< before the reception window
  late,               ///< after the reception window
  closed_slot,        ///< its slot has been handed over already
  implausible_slot,   ///< a slot far from all others, not confirmed by a second frame
  duplicate,          ///< all its PRBs have been received before
  no_free_slot,       ///< the consumer holds all slot stores: the slot is shed
  too_many_sections,  ///< the slot holds max_sections already
  nof_reasons
};
inline constexpr std::size_t nof_drop_reasons = static_cast<std::size_t>(drop_reason::nof_reasons);

/// The name of the enumerator, for reports.
std::string_view name_of(drop_reason reason);

/// A reason, or nothing when all is well: what every packet function returns.
class drop {
public:
  constexpr drop() noexcept = default;
  constexpr drop(drop_reason reason) noexcept : reason_(reason) {}

  constexpr bool has_value() const noexcept { return reason_ != drop_reason::nof_reasons; }
  constexpr explicit operator bool() const noexcept { return has_value(); }
  /// Only with a reason.
  constexpr drop_reason operator*() const noexcept { return reason_; }
  friend constexpr bool operator==(drop, drop) noexcept = default;

private:
  drop_reason reason_ = drop_reason::nof_reasons;
};

/// Law, kept by construction and asserted by the tests: received == accepted + sum(dropped).
struct rx_counters {
  counter received;
  counter accepted;
  std::array<counter, nof_drop_reasons> dropped;

  /// Books one received thing, once.
  void book(drop why) noexcept
  {
    received.add();
    if (why) {
      dropped[static_cast<std::size_t>(*why)].add();
    } else {
      accepted.add();
    }
  }
  std::uint64_t nof_dropped(drop_reason reason) const noexcept
  {
    return dropped[static_cast<std::size_t>(reason)].value();
  }
  std::uint64_t nof_dropped() const noexcept
  {
    std::uint64_t sum = 0;
    for (const counter& one : dropped) {
      sum += one.value();
    }
    return sum;
  }
  bool is_balanced() const noexcept { return received.value() == accepted.value() + nof_dropped(); }
};

} // namespace pado::io
