// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/counter.h"
#include <boost/lockfree/spsc_queue.hpp>
#include <cstddef>

namespace pado {

/// Hand-over between exactly two threads. Full means drop and count, never wait.
template <class T>
class spsc_ring {
public:
  explicit spsc_ring(std::size_t capacity) : queue_(capacity) {}

  /// Producer only. False, and counted, when the ring is full.
  bool push(const T& value)
  {
    const bool pushed = queue_.push(value);
    if (!pushed) {
      dropped_.add();
    }
    return pushed;
  }
  /// Consumer only. False when the ring is empty.
  bool pop(T& value) { return queue_.pop(value); }

  std::uint64_t nof_dropped() const { return dropped_.value(); }

private:
  boost::lockfree::spsc_queue<T> queue_;
  counter dropped_;
};

} // namespace pado
