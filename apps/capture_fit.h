// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "io/assembly/assembler_config.h"
#include <optional>
#include <string>

namespace pado::apps {

/// `clock: fitted`: the begin of SFN 0 in the stamps of a capture for which the uplink message that comes
/// soonest after its symbol comes at the begin of the window. Nothing when no cell has such a message.
///
/// Reads the whole capture. What it says of the SFN is right modulo 256 only, as frameId is.
/// config  one cell, with a window
/// \errors the capture cannot be opened, or is standard input
result<std::optional<std::int64_t>> fit_sfn0_ns(const std::string& path, io::slot_assembler_config config);

} // namespace pado::apps
