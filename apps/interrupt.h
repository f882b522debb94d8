// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pado::apps {

/// From here on Ctrl-C and SIGTERM are noted instead of ending the process; a second one ends it.
void watch_interrupt();

/// Whether one came: finish what is in flight and print the summary, saying that it was cut.
bool is_interrupted();

} // namespace pado::apps
