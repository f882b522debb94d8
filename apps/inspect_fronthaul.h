// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_proposal.h"
#include "core/result.h"
#include "io/oran/survey.h"
#include "io/pcap/pcap_reader.h"
#include <optional>
#include <string>
#include <vector>

namespace pado::apps {

/// Received power of one rx port, over every PRB that came.
struct port_power {
  std::size_t cell = 0; ///< index into survey_report::cells
  std::uint16_t eaxc = 0;
  std::int32_t port = 0;
  double dbfs = 0.0; ///< full scale: 32768 for I alone
};

/// What a capture holds.
struct fronthaul_findings {
  io::capture_info capture;
  io::survey_report survey;
  std::int64_t nof_frames = 0;
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  std::vector<port_power> power;
  std::vector<std::string> warnings;
  std::optional<error> damage; ///< what ended the file early
  bool is_interrupted = false;
};

/// Reads a whole capture. `has_progress` allows a bar.
result<fronthaul_findings> survey_capture(const std::string& path, bool has_progress);

/// Everything derived from the survey: power and warnings.
void draw_conclusions(fronthaul_findings& findings);

/// The TDD pattern of a cell: "DDDDDDDSUU"; a slot without traffic is '-'. Empty for FDD.
std::string pattern_letters(const io::cell_report& cell);

/// A cell.yaml for one cell of a capture.
/// \errors no uplink U-plane in this cell; more ports than 8
result<cell_proposal> propose_cell(const fronthaul_findings& findings, std::size_t cell);

/// Tables for a person, and JSON with one object a line. Both show the same numbers.
std::string fronthaul_text(const fronthaul_findings& findings);
std::string fronthaul_json(const fronthaul_findings& findings);

} // namespace pado::apps
