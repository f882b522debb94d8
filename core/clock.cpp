// SPDX-License-Identifier: Apache-2.0
#include "core/clock.h"
#include <ctime>

namespace pado {

std::int64_t steady_clock::now_ns() const noexcept
{
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

} // namespace pado
