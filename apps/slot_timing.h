// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_file.h"
#include "core/result.h"
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pado::apps {

/// When the messages of one kind, flow and symbol came, in nanoseconds from the begin of their slot on air.
struct arrival_range {
  std::int64_t low_ns = 0;  ///< 1 % of all uplink slots' messages come before
  std::int64_t high_ns = 0; ///< and 1 % after: one stall of a thread shall not stretch the picture
  std::int64_t nof_messages = 0;
  std::vector<std::int64_t> shown_ns; ///< in the slot that is shown
};

/// The order of C-plane and U-plane around one uplink slot.
struct slot_timing {
  slot_id slot;               ///< that is shown
  std::int64_t nof_slots = 0; ///< uplink slots behind the ranges
  /// By port and symbol: type 1 of the uplink, at its first symbol. Empty in a capture without C-plane.
  std::map<std::pair<std::int32_t, std::int32_t>, arrival_range> control;
  std::map<std::pair<std::int32_t, std::int32_t>, arrival_range> user;
  std::optional<error> damage; ///< what ended the capture early
};

/// Reads a capture for `cell`'s uplink. Without `wanted` the slot in the middle of those that have most
/// messages is shown. \errors a file that cannot be read; a cell without fronthaul or with `clock: fitted`;
/// no message of the cell; `wanted` is not in the capture; messages far from the time of their slot
result<slot_timing>
read_slot_timing(const std::string& path, const cell_config& cell, std::optional<slot_id> wanted);

/// An SVG picture of it: symbols on air, T1a and Ta4 windows, messages, and the ranges over all slots.
std::string slot_timing_svg(const slot_timing& timing, const cell_config& cell);

} // namespace pado::apps
