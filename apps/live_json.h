// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/live_status.h"
#include "core/result.h"
#include <string>
#include <string_view>

namespace pado::apps {

/// The status as one JSON object on one line; docs/metrics.md lists its keys. The bins of latencies are left
/// out: they are in /metrics.
std::string live_json(const live_status& status);

/// What live_json() wrote. Missing keys have their default and what is out of range is bounded, so that a
/// display can trust the result: text has no control characters, PRBs are in 0..275.
/// \errors no JSON object, or one without `state`
result<live_status> parse_live_json(std::string_view text);

/// "waiting", "decoded", "failed", "not_received".
const char* name_of(grant_status::outcome state);

} // namespace pado::apps
