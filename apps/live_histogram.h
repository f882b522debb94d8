// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/live_status.h"
#include "core/histogram.h"
#include <string>

namespace pado::apps {

/// A histogram as plain values.
histogram_status status_of(const std::string& name, const duration_histogram& from);

} // namespace pado::apps
