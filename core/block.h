// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include <cassert>
#include <cstddef>
#include <cstdint>

namespace pado {

/// The order in which a host_block visits indices. A result that changes with it is a data race on a GPU.
enum class visit { forward, backward };

/// The host's stand-in for a CUDA thread block: what a stage body is written against.
///
/// A body calls for_each (ends with a barrier), sum (every thread gets the result; also a barrier) and array
/// (scratch shared by the block, uninitialised, aligned to 64 bytes). Device threads run the body with the
/// same arguments, so everything outside for_each must be the same on every thread: no store to shared or
/// global memory there, except through single().
///
/// A body that needs scratch is given a block made with memory for it: host_block::scratch_bytes says how
/// much the host has, the stage's plan says how much the body takes, and the CUDA launch passes that as
/// dynamic shared memory.
class host_block {
public:
  PADO_HD explicit host_block(std::byte* scratch = nullptr,
                              std::size_t scratch_bytes = 0,
                              visit order = visit::forward)
      : scratch_(scratch), scratch_bytes_(scratch_bytes), order_(order)
  {
  }

  /// Calls f(i) once for each i of [0, n), in any order, then waits for all.
  template <class F>
  PADO_HD void for_each(int n, const F& f) const
  {
    if (order_ == visit::forward) {
      for (int i = 0; i < n; ++i) {
        f(i);
      }
    } else {
      for (int i = n - 1; i >= 0; --i) {
        f(i);
      }
    }
  }

  /// Sum of f(i) over [0, n). T needs a value-initialised zero and +=. The order of additions is not defined.
  template <class T, class F>
  PADO_HD T sum(int n, const F& f) const
  {
    T total{};
    for_each(n, [&](int i) { total += f(i); });
    return total;
  }

  /// Largest f(i) over [0, n), n >= 1, for any ordered T.
  template <class T, class F>
  PADO_HD T max(int n, const F& f) const
  {
    T best = f(0);
    for_each(n, [&](int i) {
      const T value = f(i);
      best = value > best ? value : best;
    });
    return best;
  }

  /// One thread calls f(), then all go on.
  template <class F>
  PADO_HD void single(const F& f) const
  {
    f();
  }

  /// Scratch for n elements at a byte offset chosen by the body.
  template <class T>
  PADO_HD T* array(std::size_t offset_bytes, std::size_t n) const
  {
    assert(offset_bytes % alignof(T) == 0 && offset_bytes + n * sizeof(T) <= scratch_bytes_);
    (void)n;
    return reinterpret_cast<T*>(scratch_ + offset_bytes);
  }

private:
  std::byte* scratch_;
  std::size_t scratch_bytes_;
  visit order_;
};

} // namespace pado
