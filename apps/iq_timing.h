// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_file.h"
#include "core/result.h"
#include "io/sigmf/iq_recording.h"
#include "phy/uplink_sync/carrier_phase.h"
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pado::apps {

/// What is known of a carrier before its timing is.
struct iq_timing_hints {
  std::optional<numerology> scs;
  std::optional<std::int32_t> nof_prb;
  std::optional<std::int64_t> centre_hz; ///< of the carrier; without: as the recording says
  std::int32_t grid_start_crb = 0;
  std::vector<std::int32_t> ids;         ///< N_ID of DM-RS to try first
  std::function<bool()> is_stopped = {}; ///< asked between the steps; may be empty
};

/// What was found of one stretch of a recording.
struct segment_timing {
  std::size_t segment = 0;
  float prefix_z = 0.0F;          ///< as of phy::prefix_match
  bool is_timed = false;          ///< DM-RS tells the slot
  io::iq_segment whole = {};      ///< begins with the first whole slot, which it names; SFN is made up
  float log_chance = 0.0F;        ///< natural logarithm: that chance finds such DM-RS
  std::int32_t nof_dmrs = 0;      ///< symbols with it, of those looked at
  std::int32_t delay_samples = 0; ///< by which DM-RS corrected the prefixes
};

/// Timing of a recording that does not say which slot it begins with.
struct iq_timing {
  numerology scs;
  std::int32_t nof_prb = 0;
  phy::dmrs_identity identity;
  bool is_identity_given = false; ///< among those to try first
  double cfo_hz = 0.0;
  float prefix_z = 0.0F;                  ///< best of the segments
  std::optional<std::int64_t> carrier_hz; ///< whose phase the symbols carry, where it is not the centre
  float carrier_agreement = 0.0F;
  std::vector<phy::carrier_candidate> carriers; ///< other frequencies that explain the DM-RS as well
  std::vector<segment_timing> segments;
  std::vector<std::int64_t> dmrs_samples; ///< of the file, where symbols with DM-RS lie
  io::iq_recording recording; ///< with those segments that have a timing, as if it had said so itself
};

/// Whether a search needs the timing to be found first.
bool lacks_timing(const io::iq_recording& recording);

/// Finds numerology, symbols and carrier offset by the cyclic prefixes, slots by DM-RS sequences.
/// \errors reading; "no timing found" and how far it came
result<iq_timing> find_iq_timing(const io::iq_recording& recording, const iq_timing_hints& hints);

/// The cell that the timing belongs to, where the rest is as given.
cell_config timed_cell(const cell_config& cell, const iq_timing& timing);

/// What was found, for people; and as JSON with one object a line.
std::string timing_text(const iq_timing& timing);
std::string timing_json(const iq_timing& timing);

} // namespace pado::apps
