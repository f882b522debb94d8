// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/blind_session.h"
#include "apps/iq_timing.h"

namespace pado::apps {

/// A capture as the search takes it.
struct blind_capture {
  std::string path;
  std::optional<io::iq_recording> recording; ///< IQ: every segment says which slot it begins with
  cell_config cell;
  std::optional<iq_timing> timing; ///< where the recording did not say that itself
};

/// What to search: the cell of the file named or as pado inspect proposes it, and, for IQ that does not say
/// which slot it begins with, the timing.
///
/// raw  IQ without metadata
/// \errors what reading and proposing refuse; no timing
result<blind_capture> open_blind_capture(const std::string& path,
                                         const std::string& cell_path,
                                         const std::optional<io::raw_iq_config>& raw,
                                         const clock& time);

/// The same for a recording and a cell at hand. Where several carrier frequencies explain the DM-RS, the
/// one with which most CRCs hold.
result<blind_capture> time_recording(const io::iq_recording& recording,
                                     const cell_config& cell,
                                     bool is_cell_given,
                                     const clock& time);

/// Where the slots of a capture come from. `plan` lives as long as the source.
result<std::unique_ptr<slot_source>> open_source(const blind_capture& capture, const schedule& plan);

/// The whole capture, to be searched. \errors what opening refuses, and a recording whose first slot is not
/// known
result<blind_input> open_blind_input(const blind_capture& capture);

/// Searches the whole capture.
result<blind_result> discover(const blind_capture& capture, const blind_options& options, const clock& time);

} // namespace pado::apps
