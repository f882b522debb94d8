// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/live_status.h"
#include "core/result.h"
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace pado::apps {

/// The status as one JSON object on one line; docs/metrics.md lists its keys. The bins of latencies are left
/// out: they are in /metrics.
std::string live_json(const live_status& status);

inline double microseconds_of(std::int64_t ns)
{
  return static_cast<double>(ns) / 1000.0;
}

/// C-plane, advice, plans and the poller of a cell, under their own names: with these every summary of it
/// ends.
void add_sending_counts(nlohmann::ordered_json& to, const live_status::cell_status& cell);

/// What live_json() wrote. Missing keys have their default and what is out of range is bounded, so that a
/// display can trust the result: text has no control characters, PRBs are in 0..275.
/// \errors no JSON object, or one without `state`
result<live_status> parse_live_json(std::string_view text);

/// "waiting", "decoded", "failed", "not_received".
const char* name_of(grant_status::outcome state);

} // namespace pado::apps
