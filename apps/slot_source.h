// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_file.h"
#include "apps/live_status.h"
#include "apps/schedule_file.h"
#include "core/result.h"
#include "core/uplink_slot.h"
#include "io/sigmf/iq_recording.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pado::apps {

/// PRBs of some symbols that a C-plane message asked a radio unit for.
struct cplane_section {
  prb_range prbs; ///< of the carrier grid
  std::uint16_t symbol_mask = 0;
};

/// A slot of a capture with the line of the schedule that speaks of it.
struct sourced_slot {
  uplink_slot slot;                          ///< borrowed until the next call of next()
  const scheduled_slot* scheduled = nullptr; ///< null: the schedule says nothing of it
  std::vector<cplane_section> asked = {};    ///< what C-plane messages of the capture asked for; empty: none
};

/// One thing counted while a capture was read, for the summary: "received", 694288.
using source_count = std::pair<std::string, std::uint64_t>;

/// What was counted of each eAxC, and against which window.
struct fronthaul_status {
  std::optional<ta4_window> window; ///< absent: arrivals were not looked at
  packet_clock clock = packet_clock::utc;
  std::vector<flow_status> flows;
};

/// Where replay takes slots from: a fronthaul capture, an IQ recording or a grid capture.
class slot_source {
public:
  slot_source() = default;
  slot_source(const slot_source&) = delete;
  slot_source& operator=(const slot_source&) = delete;
  virtual ~slot_source() = default;

  /// False at the end. An error ends the source; everything before it was delivered.
  virtual result<bool> next(sourced_slot& out) = 0;

  /// 0..1 of the capture, for a progress bar.
  virtual double progress() const = 0;

  /// Packets or samples, one number each, in the order to print.
  virtual std::vector<source_count> counts() const = 0;

  /// Each eAxC of a fronthaul capture.
  virtual std::optional<fronthaul_status> fronthaul() const { return std::nullopt; }

  /// One line about the source for the head of the output.
  virtual std::string describe() const = 0;
};

/// First sample of a slot in its subframe at one sampling rate: the first symbol of every half subframe has
/// 16 kappa more. slot: 0..slots of a subframe, where the next one begins.
std::int64_t slot_begin_in_subframe(const numerology& scs, std::int64_t sample_rate_hz, std::int32_t slot);

/// Samples of a slot: not all of a subframe are of the same length.
inline std::int64_t
slot_length(const numerology& scs, std::int64_t sample_rate_hz, std::int32_t slot_in_subframe)
{
  return slot_begin_in_subframe(scs, sample_rate_hz, slot_in_subframe + 1) -
         slot_begin_in_subframe(scs, sample_rate_hz, slot_in_subframe);
}

/// Slots of an IQ recording: those that the schedule names, found by its `sample` or by nr:sfn and nr:slot of
/// the recording. `first` and the schedule live as long as the source. \errors the recording cannot be opened
/// or does not fit the cell
result<std::unique_ptr<slot_source>>
open_iq_source(const std::string& path, const cell_config& cell, const schedule& plan);
result<std::unique_ptr<slot_source>>
open_iq_source(const io::iq_recording& recording, const cell_config& cell, const schedule& plan);

/// Slots of an O-RAN capture, in the order in which they are complete; the schedule is matched by SFN modulo
/// 256 and slot. \errors the capture cannot be opened or the cell has no fronthaul
result<std::unique_ptr<slot_source>>
open_fronthaul_source(const std::string& path, const cell_config& cell, const schedule& plan);

/// Slots of a grid capture (docs/import.md), all of them in their order; the schedule is matched by its
/// `sample`, which is the offset of a slot, or by SFN and slot. \errors the capture cannot be opened or does
/// not fit the cell
result<std::unique_ptr<slot_source>>
open_grid_source(const std::string& path, const cell_config& cell, const schedule& plan);

/// The one of these that the path names.
result<std::unique_ptr<slot_source>>
open_source(const std::string& path, const cell_config& cell, const schedule& plan);

/// Whether a path names an IQ recording (SigMF) rather than packets.
bool is_iq_path(const std::string& path);

} // namespace pado::apps
