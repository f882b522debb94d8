// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/counter.h"
#include "io/assembly/assembler_config.h"
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

namespace pado::io {

/// When the messages of one flow came, counted from the origin of their window. One writer, any number of
/// readers.
///
/// Fine bins of equal width, 8 of them a coarse one of whole microseconds: 8 coarse bins before the window,
/// at most 16 inside, 8 behind it. The outermost two hold all that is further out. No bin reaches over an end
/// of the window, so the sums on both sides and inside are the early, the late and those on time.
class arrival_histogram {
public:
  static constexpr std::size_t nof_fine = 8; ///< a coarse bin
  static constexpr std::size_t nof_coarse_outside = 8;
  static constexpr std::size_t nof_coarse_inside = 16; ///< at most
  static constexpr std::size_t nof_outside = nof_fine * nof_coarse_outside;
  static constexpr std::size_t nof_inside = nof_fine * nof_coarse_inside;
  static constexpr std::size_t nof_bins = 2 * nof_outside + nof_inside;

  explicit arrival_histogram(const rx_window& window = {}) noexcept { restart(window); }

  /// Forgets all and counts against another window. A reader that looks on meanwhile may see some of both.
  void restart(const rx_window& window) noexcept;

  void add(std::int64_t offset_ns) noexcept
  {
    bins_[bin_of(offset_ns)].add();
    count_.add();
    least_.raise_to(static_cast<std::uint64_t>(bias_ns - offset_ns));
    greatest_.raise_to(static_cast<std::uint64_t>(bias_ns + offset_ns));
  }

  /// Ends of the window.
  std::int64_t begin_ns() const noexcept { return begin_ns_.value(); }
  std::int64_t end_ns() const noexcept { return end_ns_.value(); }

  std::uint64_t count() const noexcept { return count_.value(); }
  /// The first and the last arrival; 0 when there was none.
  std::int64_t least_ns() const noexcept;
  std::int64_t greatest_ns() const noexcept;
  /// Upper end of the fine bin that the quantile (0..1) lies in, inside of [least, greatest].
  std::int64_t quantile_ns(double quantile) const noexcept;

  std::uint64_t bin(std::size_t index) const noexcept { return bins_[index].value(); }
  std::size_t bin_of(std::int64_t offset_ns) const noexcept;
  std::int64_t bin_end_ns(std::size_t index) const noexcept;

  std::int64_t coarse_ns() const noexcept { return static_cast<std::int64_t>(nof_fine) * fine_ns_.value(); }
  /// Coarse bins in use: 8 before, those inside (the last of them may be short), 8 behind.
  std::size_t nof_coarse() const noexcept
  {
    return 2 * nof_coarse_outside + static_cast<std::size_t>(nof_used_inside_.value());
  }
  std::uint64_t coarse_bin(std::size_t index) const noexcept;

private:
  /// Above every offset: arrival times are since 1970, and counters know no sign.
  static constexpr std::int64_t bias_ns = std::int64_t{1} << 62U;

  /// A number that the owner sets and others read.
  class setting {
  public:
    setting() = default;
    setting(const setting& other) : value_(other.value()) {}
    setting& operator=(const setting& other)
    {
      set(other.value());
      return *this;
    }
    // Relaxed: a count read against the old window is as good as one that came a moment before.
    void set(std::int64_t to) noexcept { value_.store(to, std::memory_order_relaxed); }
    std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::int64_t> value_{0};
  };

  setting begin_ns_;
  setting end_ns_;
  setting fine_ns_;
  setting nof_used_inside_; ///< coarse
  std::array<counter, nof_bins> bins_;
  counter count_;
  counter least_;    ///< bias_ns - offset, greatest
  counter greatest_; ///< bias_ns + offset
};

} // namespace pado::io
