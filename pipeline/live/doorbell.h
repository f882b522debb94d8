// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace pado::pipeline {

/// Wakes one thread that has nothing to do. Ringing costs a system call only when somebody sleeps.
///
///   sleeper   const auto seen = bell.nof_rings(); if (!work()) bell.wait(seen);
///   ringer    hand work over, then bell.ring()
class doorbell {
public:
  /// Sleeper: before looking for work, so that a ring in between is not missed.
  std::uint32_t nof_rings() const noexcept
  {
    return rings_.load(std::memory_order_acquire); // pairs with the release of ring()
  }
  /// Sleeper: returns when it has rung since nof_rings() was `seen`.
  void wait(std::uint32_t seen) const noexcept { rings_.wait(seen, std::memory_order_acquire); }

  void ring() noexcept
  {
    rings_.fetch_add(1, std::memory_order_release);
    rings_.notify_one();
  }

private:
  std::atomic<std::uint32_t> rings_{0};
};

} // namespace pado::pipeline
