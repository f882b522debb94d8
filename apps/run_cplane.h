// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_file.h"
#include "pipeline/live/cplane_sender.h"

namespace pado::apps {

/// `link` of cell.yaml, or its defaults.
radio_link_config link_of(const cell_config& cell);

/// How a cell talks to its radio unit: what cell.yaml says, for the sender.
/// form  what the frames of its port begin with
pipeline::cplane_config cplane_of(const cell_config& cell, const pipeline::slot_time& time, io::framing form);

} // namespace pado::apps
