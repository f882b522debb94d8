// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pado::io {

/// What can go wrong on purpose. docs/ru.md explains each.
enum class fault_kind : std::uint8_t {
  loss,           ///< the frame is not sent; it took its sequence id
  loss_burst,     ///< it and the next frames, `amount` in all, are not sent
  duplicate,      ///< sent `amount` times more
  reorder,        ///< sent after the `amount` frames that follow it
  bit_error,      ///< `amount` bits anywhere in the frame are inverted
  truncate,       ///< cut anywhere behind the link header
  late,           ///< sent `amount` us after its time
  early,          ///< sent `amount` us before its time
  wrong_sequence, ///< another sequence id
  wrong_vlan,     ///< another VLAN id, of frames that have one
  wrong_mac,      ///< other addresses, of frames that have them
  silence,        ///< rate per slot: nothing is sent for `amount` slots
  slot_burst,     ///< rate per slot: all its frames come at once, when the last one is due
  ignore_cplane,  ///< a C-plane message is not answered
  nof_kinds
};
inline constexpr std::size_t nof_fault_kinds = static_cast<std::size_t>(fault_kind::nof_kinds);

/// The name of the enumerator.
std::string_view name_of(fault_kind kind);

struct fault_setting {
  double rate = 0.0;       ///< 0..1, of frames unless the kind says slots
  std::int32_t amount = 0; ///< what it counts depends on the kind; 0 for kinds without one
};

/// All faults of one sender. Nothing is on by default.
struct fault_config {
  std::uint64_t seed = 1;
  std::array<fault_setting, nof_fault_kinds> kinds{};
  std::int64_t clock_offset_ns = 0; ///< positive: the sender's clock is ahead, its frames come early
  std::int64_t clock_drift_ppb = 0; ///< positive: it runs fast

  fault_setting& operator[](fault_kind kind) { return kinds[static_cast<std::size_t>(kind)]; }
  const fault_setting& operator[](fault_kind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
};

/// How the `amount` of a kind is called in text and what it may be.
struct fault_amount {
  std::string_view name; ///< empty: the kind has none
  std::int32_t lowest = 0;
  std::int32_t highest = 0;
  std::int32_t usual = 0; ///< when nothing is said
};
fault_amount amount_of(fault_kind kind);

/// One `--fault`: "loss=0.01", "late=0.1,us=500", "clock_offset_us=-20", "clock_drift_ppb=100".
/// \errors an unknown name with the nearest known one, a rate outside of 0..1, an amount that the kind has
/// not
result<nothing> parse_fault(std::string_view text, fault_config& to);

/// \errors a rate or an amount outside of its range, by name
result<nothing> check_faults(const fault_config& config);

} // namespace pado::io
