// SPDX-License-Identifier: Apache-2.0
#include "apps/interrupt.h"
#include <csignal>

namespace pado::apps {

namespace {

// The only kind of variable that a signal handler may write.
volatile std::sig_atomic_t caught = 0; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

extern "C" void note_signal(int number)
{
  caught = 1;
  std::signal(number, SIG_DFL);
}

} // namespace

void watch_interrupt()
{
  caught = 0;
  std::signal(SIGINT, note_signal);
  std::signal(SIGTERM, note_signal);
}

bool is_interrupted()
{
  return caught != 0;
}

} // namespace pado::apps
