// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/replay_session.h"
#include <string>

namespace pado::apps {

/// One JSON object of one slot: its PDUs, times, advice and grants, with the names of docs/results.md.
std::string slot_json(const slot_report& report,
                      const pipeline::decision_loop::decision& made,
                      numerology scs,
                      const std::optional<slot_arrival>& arrival);

/// The summary as one JSON object, the same numbers as summary_text().
std::string summary_json(replay_session& session);

/// The summary for a person.
std::string summary_text(replay_session& session);

/// Grants of the last slots that were decided, for a person.
std::string grants_text(const slot_grants& grants);

} // namespace pado::apps
