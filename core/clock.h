// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pado {

/// Time in nanoseconds, passed in wherever time is read, so that tests run in virtual time.
class clock {
public:
  virtual ~clock() = default;
  virtual std::int64_t now_ns() const noexcept = 0;
};

/// CLOCK_MONOTONIC.
class steady_clock final : public clock {
public:
  std::int64_t now_ns() const noexcept override;
};

/// CLOCK_REALTIME: UTC since 1970, what packets are stamped with and what the slots of a cell are counted
/// from.
class system_clock final : public clock {
public:
  std::int64_t now_ns() const noexcept override;
};

/// Stands still until told.
class virtual_clock final : public clock {
public:
  std::int64_t now_ns() const noexcept override { return now_ns_; }
  void set_ns(std::int64_t now_ns) noexcept { now_ns_ = now_ns; }
  void advance_ns(std::int64_t by_ns) noexcept { now_ns_ += by_ns; }

private:
  std::int64_t now_ns_ = 0;
};

} // namespace pado
