// SPDX-License-Identifier: Apache-2.0
#include "io/port/descriptor.h"
#include "core/clock.h"
#include <algorithm>
#include <cerrno>
#include <ctime>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pado::io {

namespace {

timespec to_timespec(std::int64_t duration_ns) noexcept
{
  constexpr std::int64_t ns_per_s = 1000000000;
  const std::int64_t rest_ns = std::max<std::int64_t>(duration_ns, 0);
  return {static_cast<time_t>(rest_ns / ns_per_s), static_cast<long>(rest_ns % ns_per_s)};
}

} // namespace

descriptor::~descriptor()
{
  if (number_ >= 0) {
    ::close(number_);
  }
}

bool wait_readable(int number, std::int64_t timeout_ns) noexcept
{
  const steady_clock time;
  const std::int64_t end_ns = time.now_ns() + timeout_ns;
  std::int64_t rest_ns = timeout_ns;
  while (true) {
    pollfd watched = {number, POLLIN, 0};
    const timespec rest = to_timespec(rest_ns);
    const int got = ppoll(&watched, 1, &rest, nullptr);
    if (got > 0 && (watched.revents & POLLIN) != 0) {
      return true;
    }
    rest_ns = end_ns - time.now_ns();
    if (rest_ns <= 0 || (got < 0 && errno != EINTR)) {
      return false;
    }
    if (got > 0) {
      int pending = 0;
      socklen_t size = sizeof pending;
      if (getsockopt(number, SOL_SOCKET, SO_ERROR, &pending, &size) != 0 || pending == 0) {
        sleep_ns(std::min<std::int64_t>(rest_ns, 1000000)); // a state that stays must not spin
      }
    }
  }
}

void sleep_ns(std::int64_t duration_ns) noexcept
{
  const timespec duration = to_timespec(duration_ns);
  clock_nanosleep(CLOCK_MONOTONIC, 0, &duration, nullptr);
}

} // namespace pado::io
