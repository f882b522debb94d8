// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/run_session.h"
#include "core/slot_report.h"
#include <string>

namespace pado::apps {

/// One JSON object of one slot, as docs/results.md has it. Empty for grants: they are in --grants.
std::string report_json(const pipeline::live_report& report, numerology scs);

/// A line of a schedule (docs/schedule.md) for grants that UEs are to obey.
std::string grants_line(const slot_grants& grants, numerology scs);

/// "00:12  slot 103.14  180 slots/s ..." of one moment.
std::string status_line(const live_status& now);

/// The summary for a person and for a program, with the same numbers.
std::string run_summary_text(const live_status& last);
std::string run_summary_json(const live_status& last);

} // namespace pado::apps
