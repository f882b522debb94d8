// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_proposal.h"
#include "core/result.h"
#include "io/grid/grid_capture.h"
#include <string>
#include <vector>

namespace pado::apps {

/// Measured on one port of a grid capture, in grid units.
struct grid_port_power {
  double mean_db = 0.0;    ///< of a resource element; minus infinity: silent
  double busiest_db = 0.0; ///< mean of the loudest PRB of any symbol
};

/// What a grid capture holds.
struct grid_findings {
  io::grid_capture capture;
  std::vector<grid_port_power> power; ///< of each port
  std::int64_t nof_measured = 0;      ///< slots
  std::int64_t nof_unusable = 0;      ///< values that are no numbers
  bool is_interrupted = false;
};

result<grid_findings> survey_grid(const std::string& path, bool has_progress);

/// The cell.yaml of a grid capture: all of it is in its metadata but the cell's identity, sometimes.
cell_proposal propose_grid_cell(const io::grid_capture& capture);

/// Tables for a person, and JSON with one object a line.
std::string grid_text(const grid_findings& findings);
std::string grid_json(const grid_findings& findings);

} // namespace pado::apps
