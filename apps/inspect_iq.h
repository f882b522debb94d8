// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_proposal.h"
#include "core/result.h"
#include "io/sigmf/iq_recording.h"
#include "phy/ssb/ssb_search.h"
#include <optional>
#include <string>
#include <vector>

namespace pado::apps {

/// Measured on one channel of a recording.
struct channel_power {
  double mean_dbfs = 0.0; ///< full scale: |sample| = 1
  double peak_dbfs = 0.0;
  std::int64_t nof_clipped = 0;    ///< samples with I or Q at full scale (ci16)
  std::int64_t nof_not_finite = 0; ///< NaN or infinite, left out of the rest (cf32)
};

/// What a recording holds.
struct iq_findings {
  io::iq_recording recording;
  std::vector<channel_power> power; ///< of each channel
  std::vector<phy::heard_cell> cells;
  std::optional<std::string> not_searched; ///< why no cell was looked for
  double searched_s = 0.0;                 ///< time searched, from the start of each stretch
  bool is_interrupted = false;
};

/// Widths of carriers in PRB (TS 38.104, 5.3.2) that a sample rate has room for, widest first.
std::vector<std::int32_t> usual_widths(std::int64_t sample_rate_hz, numerology scs);

struct iq_inspection {
  bool has_progress = true;
  bool has_search = true;
  double search_limit_s = 0.04; ///< of the recording: two periods of 20 ms of SS/PBCH blocks
};

result<iq_findings> survey_recording(const io::iq_recording& recording, const iq_inspection& how);

/// A cell.yaml for the recording: what the metadata says, then what was heard, then a guess from the sample
/// rate. \errors a sample rate that is no multiple of the subcarrier spacing
result<cell_proposal> propose_iq_cell(const iq_findings& findings);

/// Tables for a person, and JSON with one object a line. Both show the same numbers.
std::string iq_text(const iq_findings& findings);
std::string iq_json(const iq_findings& findings);

} // namespace pado::apps
