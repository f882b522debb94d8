// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace pado {

/// An event count with one writer and any number of readers.
class counter {
public:
  counter() = default;
  counter(const counter& other) : count_(other.value()) {}
  counter& operator=(const counter& other)
  {
    count_.store(other.value(), std::memory_order_relaxed);
    return *this;
  }

  /// Only the owner calls this. Relaxed: a count orders nothing else.
  void add(std::uint64_t n = 1) noexcept
  {
    count_.store(count_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  /// Only the owner calls this: the greatest of all values.
  void raise_to(std::uint64_t value) noexcept
  {
    if (value > count_.load(std::memory_order_relaxed)) {
      count_.store(value, std::memory_order_relaxed);
    }
  }
  std::uint64_t value() const noexcept { return count_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> count_{0};
};

} // namespace pado
