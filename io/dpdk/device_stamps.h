// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace pado::io {

/// Turns the time stamps of a device into UTC nanoseconds, if they are any clock that we know.
///
/// A network card stamps with its own clock. Where a PTP daemon disciplines that clock it runs in UTC or in
/// TAI; elsewhere it counts from its start, and the frame's arrival at the poll is the better time.
class device_stamps {
public:
  enum class kind : std::uint8_t { unknown, utc, tai, free_running, capture_us, capture_ns };

  explicit device_stamps(kind known = kind::unknown) noexcept : kind_(known) {}

  /// \param stamp   what the device wrote
  /// \param now_ns  system clock at the poll
  std::int64_t arrival_ns(std::uint64_t stamp, std::int64_t now_ns) noexcept
  {
    const auto signed_stamp = static_cast<std::int64_t>(stamp);
    kind known = found();
    if (known == kind::unknown) {
      known = kind_of(signed_stamp, now_ns);
      kind_.store(known, std::memory_order_relaxed);
    }
    switch (known) {
    case kind::utc:
    case kind::capture_ns:
      return signed_stamp;
    case kind::tai:
      return signed_stamp - tai_minus_utc_ns;
    case kind::capture_us:
      return signed_stamp * 1000;
    default:
      return now_ns;
    }
  }
  /// Any thread may ask.
  kind found() const noexcept { return kind_.load(std::memory_order_relaxed); }

private:
  static constexpr std::int64_t second_ns = 1'000'000'000;
  static constexpr std::int64_t tai_minus_utc_ns = 37 * second_ns; // since 2017

  static bool is_near(std::int64_t a_ns, std::int64_t b_ns) noexcept
  {
    // both are read from outside: the difference must not overflow
    return a_ns > b_ns ? a_ns - second_ns < b_ns : a_ns > b_ns - second_ns;
  }
  static kind kind_of(std::int64_t stamp, std::int64_t now_ns) noexcept
  {
    if (stamp <= tai_minus_utc_ns) {
      return kind::free_running;
    }
    if (is_near(stamp, now_ns)) {
      return kind::utc;
    }
    return is_near(stamp - tai_minus_utc_ns, now_ns) ? kind::tai : kind::free_running;
  }

  std::atomic<kind> kind_;
};

} // namespace pado::io
