// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ring.h"
#include <cstddef>
#include <vector>

namespace pado::pipeline {

/// Hand-over of large objects between two threads without allocation: a fixed number of them goes round.
///
///   producer   if (T* free = ring.acquire()) { fill *free; ring.push(free); }   no free one: counted, do
///   without consumer   if (T* full = ring.pop()) { use *full; ring.release(full); }
///
/// Objects keep what they own (vectors keep their memory), so that a steady state allocates nothing.
template <class T>
class lending_ring {
public:
  explicit lending_ring(std::size_t nof_objects, const T& like = T())
      : objects_(nof_objects, like), free_(nof_objects), full_(nof_objects)
  {
    for (T& object : objects_) {
      free_.push(&object);
    }
  }
  lending_ring(const lending_ring&) = delete;
  lending_ring& operator=(const lending_ring&) = delete;

  /// Producer: a free object, or null when the consumer has them all.
  T* acquire() noexcept
  {
    T* object = nullptr;
    if (!free_.pop(object)) {
      refused_.add();
      return nullptr;
    }
    return object;
  }
  /// Producer: an object that acquire() gave. Never fails: there is room for all.
  void push(T* object) noexcept { full_.push(object); }

  /// Consumer: the oldest object, or null.
  T* pop() noexcept
  {
    T* object = nullptr;
    return full_.pop(object) ? object : nullptr;
  }
  /// Consumer: an object that pop() gave, in any order.
  void release(T* object) noexcept { free_.push(object); }

  /// How often acquire() found nothing.
  std::uint64_t nof_refused() const noexcept { return refused_.value(); }

private:
  std::vector<T> objects_;
  spsc_ring<T*> free_;
  spsc_ring<T*> full_;
  counter refused_;
};

} // namespace pado::pipeline
