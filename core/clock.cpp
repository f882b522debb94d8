// SPDX-License-Identifier: Apache-2.0
#include "core/clock.h"
#include <ctime>

namespace pado {

namespace {

std::int64_t read_ns(clockid_t which) noexcept
{
  timespec now = {};
  clock_gettime(which, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

} // namespace

std::int64_t steady_clock::now_ns() const noexcept
{
  return read_ns(CLOCK_MONOTONIC);
}

std::int64_t system_clock::now_ns() const noexcept
{
  return read_ns(CLOCK_REALTIME);
}

} // namespace pado
