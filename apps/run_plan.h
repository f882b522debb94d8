// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_receiver.h"
#include "apps/run_receiver.h"
#include "io/port/port.h"
#include <optional>
#include <string>
#include <vector>

namespace pado::apps {

/// Where the grants of a cell come from.
enum class plan_source : std::uint8_t {
  schedule, ///< a file, looped
  statics,  ///< static_grants of cell.yaml
  external, ///< a MAC sends UL_TTI.request lines
  scheduler ///< our own, for a list of UEs
};

/// What `pado run` was asked to do.
struct run_options {
  std::vector<std::string> cells; ///< cell.yaml of each
  std::string scenario; ///< of a radio unit in the same process; it stands for a cell.yaml that is not given
  const schedule* scenario_lines = nullptr; ///< what its UEs send, where no schedule is given
  std::vector<std::string> schedules;       ///< none, or one a cell
  std::int32_t period_frames = 0;           ///< of the schedules; 0: the least power of two
  std::string l2;                           ///< "-", "unix:PATH"; empty: no external MAC
  std::vector<std::uint16_t> ues; ///< RNTIs that our own scheduler serves; empty: mac.ues of cell.yaml
  std::string model;              ///< overrides cell.yaml
  backend where = backend::cpu;
  std::int32_t deadline_us = 0; ///< from the end of a slot on air to its report; 0: three slots
  bool is_busy = false;         ///< threads never sleep
};

/// A cell as read and checked, with everything of it that may change while it runs.
struct run_cell {
  std::string path;
  cell_config cell;
  plan_source source = plan_source::schedule;
  schedule lines; ///< of the file or of static_grants
};

/// Reads the cells and the schedules, and finds out where the grants come from.
/// \errors everything wrong with the files and options, by name
result<std::vector<run_cell>> read_run_cells(const run_options& options);

/// The same for a cell that runs already: its file anew.
/// \errors also what cannot change while it runs
result<run_cell> reread_run_cell(const run_options& options, const run_cell& running);

/// Limits and links of the live receiver.
/// ports  the first carries all cells
result<pipeline::live_receiver_config>
plan_run(const run_options& options, const std::vector<run_cell>& cells, io::framing form);

/// Receiver, decisions and window of a cell. `before` is null for the first one; decisions are made anew only
/// where mac, model or UEs differ from it.
result<run_receiver::request>
request_of(const run_options& options, const run_cell& cell, const run_cell* before, const clock& time);

/// Windows and table of a cell.
result<std::unique_ptr<pipeline::poller_setup>> poller_setup_of(const run_options& options,
                                                                const run_cell& cell);

} // namespace pado::apps
