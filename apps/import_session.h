// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_proposal.h"
#include "apps/import_schedule.h"
#include "core/result.h"
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pado::apps {

/// What `pado import` was asked to do.
struct import_options {
  std::vector<std::string> inputs; ///< a log, a file of symbols, FAPI messages: told apart by what they hold
  std::string output;              ///< NAME or NAME.grid-meta; slots.jsonl and cell.yaml lie beside it
  std::int32_t nof_rx_ports = 0;   ///< in the file of symbols; 0: by arithmetic
  std::int32_t scs_khz = 0;        ///< 0: by the slot numbers of the log
  std::function<bool(double)> progress; ///< share done; false stops
};

/// What was read and written.
struct import_summary {
  std::string log_path, symbols_path, fapi_path; ///< empty: none was given
  gnb_log_counts log;
  std::int64_t nof_fapi_messages = 0;
  log_remarks remarks; ///< all that was not understood
  std::map<std::uint16_t, imported_ue> ues;
  std::int64_t nof_prach = 0;
  std::int64_t nof_srs = 0;
  std::int64_t nof_schedule_slots = 0;
  std::int64_t nof_grids = 0;        ///< slots that were written
  std::int64_t nof_beyond = 0;       ///< slots of the log that the file of symbols does not hold whole
  std::int64_t nof_prach_places = 0; ///< PRACH values of the file, which are left there
  std::int64_t nof_not_finite = 0;   ///< values that are no numbers
  std::optional<cell_proposal> cell; ///< with a file of symbols
  std::string capture_path, schedule_path, cell_path; ///< empty: not written
  bool is_cut = false;                                ///< stopped before all was done
};

/// Reads what a gNB wrote and writes a capture with its schedule. What is not understood is counted, all else
/// is delivered. \errors a file cannot be read or written, or is none of the three kinds; nothing in it was
/// understood; what
///         the files leave open and an option must say
result<import_summary> import_files(const import_options& options);

/// For a person, and as one JSON object.
std::string import_text(const import_summary& summary);
std::string import_json(const import_summary& summary);

} // namespace pado::apps
