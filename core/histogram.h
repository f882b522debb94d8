// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/counter.h"
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace pado {

/// Counts durations in bins whose width is at most 1/8 of their value, from 0 to 17 s. One writer, any number
/// of readers; add() costs a few ns and never fails. Values below 0 count as 0, above the range in the last
/// bin.
class duration_histogram {
public:
  static constexpr std::size_t nof_bins = 256;

  /// Smallest value of a bin in ns: 0..7 one by one, then 8 bins an octave.
  static constexpr std::int64_t bin_begin_ns(std::size_t bin)
  {
    return bin < 8 ? static_cast<std::int64_t>(bin) : static_cast<std::int64_t>(8 + bin % 8) << (bin / 8 - 1);
  }
  static constexpr std::size_t bin_of(std::int64_t value_ns)
  {
    if (value_ns < 8) {
      return value_ns < 0 ? 0 : static_cast<std::size_t>(value_ns);
    }
    const auto value = static_cast<std::uint64_t>(value_ns);
    const auto shift = static_cast<std::size_t>(std::bit_width(value)) - 4;
    const std::size_t bin = 8 * (shift + 1) + static_cast<std::size_t>(value >> shift) % 8;
    return bin < nof_bins ? bin : nof_bins - 1;
  }

  void add(std::int64_t value_ns) noexcept
  {
    bins_[bin_of(value_ns)].add();
    count_.add();
    sum_ns_.add(static_cast<std::uint64_t>(value_ns < 0 ? 0 : value_ns));
    max_ns_.raise_to(static_cast<std::uint64_t>(value_ns < 0 ? 0 : value_ns));
  }

  /// What another one counted; of a running writer, what it has counted so far.
  void add_all(const duration_histogram& other) noexcept
  {
    for (std::size_t i = 0; i < nof_bins; ++i) {
      bins_[i].add(other.bin(i));
    }
    count_.add(other.count());
    sum_ns_.add(other.sum_ns());
    max_ns_.raise_to(static_cast<std::uint64_t>(other.max_ns()));
  }

  std::uint64_t count() const noexcept { return count_.value(); }
  std::uint64_t sum_ns() const noexcept { return sum_ns_.value(); }
  std::int64_t max_ns() const noexcept { return static_cast<std::int64_t>(max_ns_.value()); }
  std::uint64_t bin(std::size_t index) const noexcept { return bins_[index].value(); }

  /// Upper end of the bin that the quantile (0..1) lies in, never above max_ns(); 0 when nothing was added.
  std::int64_t quantile_ns(double quantile) const noexcept
  {
    const std::uint64_t all = count();
    const double wanted = quantile * static_cast<double>(all);
    std::uint64_t below = 0;
    for (std::size_t i = 0; i + 1 < nof_bins; ++i) {
      below += bin(i);
      if (below != 0 && static_cast<double>(below) >= wanted) {
        return bin_begin_ns(i + 1) - 1 < max_ns() ? bin_begin_ns(i + 1) - 1 : max_ns();
      }
    }
    return all == 0 ? 0 : max_ns();
  }

private:
  std::array<counter, nof_bins> bins_;
  counter count_;
  counter sum_ns_;
  counter max_ns_;
};

} // namespace pado
