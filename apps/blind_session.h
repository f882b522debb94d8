// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_file.h"
#include "apps/schedule_file.h"
#include "apps/slot_source.h"
#include "core/clock.h"
#include "io/sigmf/iq_recording.h"
#include "pipeline/blind_receiver.h"
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pado::apps {

/// One PUSCH that the search found.
struct found_pusch {
  slot_id slot;
  std::optional<std::int64_t> sample; ///< where the slot starts in a recording
  phy::blind_finding finding;
  pusch_report report;
  std::int32_t block = -1; ///< same number: transmissions that were decoded together; negative: alone
};

/// A slot in which something was found, as the receiver and the packets tell of it.
struct heard_slot {
  slot_id slot;
  std::optional<std::int64_t> sample;
  std::array<std::int64_t, nof_stages> stage_ns = {}; ///< of decoding; the search is not in it
  std::int32_t nof_missing_prb = 0;
  std::int64_t air_ns = 0; ///< as in uplink_slot
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
};

/// Everything about one UE.
struct found_ue {
  std::uint16_t rnti = 0;
  std::vector<std::size_t> pusch; ///< indices into blind_result::pusch
  std::int64_t nof_proven = 0;
};

struct blind_result {
  std::vector<found_pusch> pusch; ///< in slot order: proven, and likely ones of proven UEs
  std::vector<heard_slot> slots;  ///< those of `pusch`, in the same order
  std::map<std::uint16_t, found_ue> ues;
  std::vector<phy::dmrs_identity> identities;
  std::int64_t nof_slots = 0;
  std::int64_t nof_loud_slots = 0;
  std::int64_t nof_unexplained = 0; ///< places with DM-RS but no proven PUSCH
  std::int64_t nof_unlikely = 0;    ///< matches thrown away: neither CRC nor known UE
};

struct blind_options {
  std::int32_t nof_workers = 0;                       ///< 0: one a core
  std::function<bool(double, std::int64_t)> progress; ///< share done and slots done; false stops
  /// Called at every step of the search, by any worker; may be empty.
  std::function<void(const phy::blind_step&)> explain = {};
  bool has_rnti_zero = false; ///< test vectors send with RNTI 0, which no UE has
};

/// MCS and transport block sizes of an allocation, out of all tables, as phy::blind_hooks wants them.
std::vector<phy::code_option> codes_of(const pusch_pdu& allocation);

/// A capture opened to be searched. The schedule names the slots of a recording and holds no PDU.
struct blind_input {
  std::unique_ptr<schedule> slots;
  std::unique_ptr<slot_source> source;
};

/// Slots of a recording as a schedule without PDUs: all whole slots of all segments.
/// \errors a segment whose first slot is not known
result<schedule> every_slot(const io::iq_recording& recording, numerology scs);

/// The receiver of a cell with room for all hypotheses that are equalised together.
result<pipeline::slot_pipeline_plan> plan_blind_receiver(const cell_config& cell);

/// Searches a whole capture. Slots are searched in batches on all cores; what one batch teaches, the next
/// ones know. Batches do not depend on the number of workers, so the result does not either.
result<blind_result>
discover(const std::string& path, const cell_config& cell, const blind_options& options, const clock& time);

/// The same from any source of slots.
result<blind_result> discover(slot_source& source,
                              const pipeline::slot_pipeline_plan& plan,
                              const cell_config& cell,
                              const blind_options& options,
                              const clock& time);

/// The cell of a capture: of the file named, or, when that is empty, as pado inspect proposes it.
/// \errors what reading and proposing refuse
result<cell_config> cell_of_capture(const std::string& path, const std::string& cell_path);

/// What was found, as the schedule that pado replay takes. HARQ processes are made up: retransmissions of a
/// block get the process of its first transmission.
schedule schedule_of(const blind_result& found);

} // namespace pado::apps
