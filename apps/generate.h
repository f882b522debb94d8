// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/scenario_file.h"
#include "core/result.h"
#include <cstdint>
#include <functional>
#include <string>

namespace pado::apps {

struct generate_options {
  std::string output;           ///< .pcap with fronthaul in the scenario, .sigmf-meta with iq
  std::string scenario_name;    ///< for the remark in cell.yaml
  std::int32_t nof_workers = 1; ///< the files do not depend on it
  /// Called after every slot with the number done and to be done; false stops, and what was made is finished
  /// cleanly.
  std::function<bool(std::int64_t, std::int64_t)> progress;
};

struct generate_summary {
  std::string capture_path;
  std::string schedule_path;  ///< slots.jsonl in the same folder
  std::string cell_path;      ///< cell.yaml in the same folder
  std::int64_t nof_slots = 0; ///< with grants
  std::int64_t nof_pdus = 0;
  std::int64_t nof_uplane_frames = 0; ///< in the capture
  std::int64_t nof_cplane_frames = 0;
  std::int64_t nof_lost_frames = 0;
  std::int64_t nof_samples = 0; ///< of each port
  std::int64_t nof_clipped = 0; ///< samples of a recording at the ends of their range
  bool is_cut = false;          ///< progress() said stop
};

/// Generates a capture, its schedule with the truth, and its cell.yaml.
///
/// \errors  the output's form does not fit the scenario; a file cannot be written; a cell.yaml is there that
/// this did not
///          write; what the plans of the slots refuse
result<generate_summary> generate(const scenario_config& scenario, const generate_options& options);

} // namespace pado::apps
