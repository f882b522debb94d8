// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ring.h"
#include <memory>

namespace pado::pipeline {

/// Replaces an object that another thread uses: the control thread puts a new one, the user takes it between
/// two slots and gives the old one back, so that it is made and destroyed off the slot path.
template <class T>
class swap_box {
public:
  swap_box() : next_(capacity), old_(2 * capacity) {}
  ~swap_box()
  {
    collect();
    for (T* left = nullptr; next_.pop(left);) {
      delete left;
    }
  }
  swap_box(const swap_box&) = delete;
  swap_box& operator=(const swap_box&) = delete;

  /// Control thread: false, and `object` stays, while earlier ones have not been taken.
  bool put(std::unique_ptr<T>& object)
  {
    collect();
    if (!next_.push(object.get())) {
      return false;
    }
    object.release(); // NOLINT(bugprone-unused-return-value): the ring holds it
    return true;
  }
  /// Control thread: destroys what came back.
  void collect()
  {
    for (T* old = nullptr; old_.pop(old);) {
      delete old;
    }
  }

  /// User: puts the newest object into `current` and returns true, if there is one.
  bool take(std::unique_ptr<T>& current) noexcept
  {
    bool is_new = false;
    for (T* next = nullptr; next_.pop(next); is_new = true) {
      // Room for every object in use and waiting: the push does not fail.
      old_.push(current.release());
      current.reset(next);
    }
    return is_new;
  }

private:
  static constexpr std::size_t capacity = 4;
  spsc_ring<T*> next_;
  spsc_ring<T*> old_;
};

} // namespace pado::pipeline
