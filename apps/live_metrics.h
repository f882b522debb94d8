// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/live_status.h"
#include <string>

namespace pado::apps {

/// The status in the text format of Prometheus 0.0.4; docs/metrics.md lists the names.
///
/// Durations are histograms in seconds. Their `le` are upper ends of bins of duration_histogram, two an
/// octave from 1 us to 1 s, so that every count is exact.
std::string live_metrics(const live_status& status);

} // namespace pado::apps
