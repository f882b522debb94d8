// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/live_status.h"
#include "apps/run_receiver.h"
#include "io/port/port.h"

namespace pado::apps {

/// What the counters of a running receiver and its port say. The session fills in the rest.
live_status status_of(const run_receiver& receiver, const io::port& link);

} // namespace pado::apps
