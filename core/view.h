// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/backend.h"
#include "core/hd.h"
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace pado {

/// A borrowed, strided array of up to 4 axes whose last axis is contiguous.
///
/// Holds a pointer, the extents and the strides (both in elements) and owns nothing. Cheap to copy, also into
/// a CUDA kernel. Indices are asserted in builds with assertions.
template <class T, int Rank, memory M = memory::host>
class view {
  static_assert(Rank >= 1 && Rank <= 4, "1 to 4 axes");

public:
  using element = T;
  static constexpr int rank = Rank;
  static constexpr memory space = M;

  view() = default;

  /// A dense array: strides follow from the extents.
  template <class... Extents>
  requires(sizeof...(Extents) == Rank) PADO_HD explicit view(T* data, Extents... extents)
      : data_(data), extent_{static_cast<std::int32_t>(extents)...}
  {
    std::int32_t stride = 1;
    for (int axis = Rank - 1; axis >= 0; --axis) {
      stride_[axis] = stride;
      stride *= extent_[axis];
    }
  }

  /// A view of T converts to a view of const T.
  template <class U>
  requires(std::is_same_v<const U, T>) PADO_HD view(const view<U, Rank, M>& other) : data_(other.data())
  {
    for (int axis = 0; axis < Rank; ++axis) {
      extent_[axis] = other.extent(axis);
      stride_[axis] = other.stride(axis);
    }
  }

  template <class... Indices>
  requires(sizeof...(Indices) == Rank) PADO_HD T& operator()(Indices... indices) const
  {
    const std::int32_t index[Rank] = {static_cast<std::int32_t>(indices)...};
    std::ptrdiff_t offset = 0;
    for (int axis = 0; axis < Rank; ++axis) {
      assert(index[axis] >= 0 && index[axis] < extent_[axis]);
      offset += static_cast<std::ptrdiff_t>(index[axis]) * stride_[axis];
    }
    return data_[offset];
  }

  PADO_HD T* data() const { return data_; }
  PADO_HD std::int32_t extent(int axis) const { return extent_[axis]; }
  PADO_HD std::int32_t stride(int axis) const { return stride_[axis]; }

  /// Number of elements.
  PADO_HD std::int64_t size() const
  {
    std::int64_t n = 1;
    for (int axis = 0; axis < Rank; ++axis) {
      n *= extent_[axis];
    }
    return n;
  }

  /// The view without its first axis, at one index of it.
  PADO_HD auto operator[](std::int32_t index) const requires(Rank > 1)
  {
    assert(index >= 0 && index < extent_[0]);
    view<T, Rank - 1, M> out;
    out.data_ = data_ + static_cast<std::ptrdiff_t>(index) * stride_[0];
    for (int axis = 1; axis < Rank; ++axis) {
      out.extent_[axis - 1] = extent_[axis];
      out.stride_[axis - 1] = stride_[axis];
    }
    return out;
  }

  /// Elements [begin, end) of a one-axis view.
  PADO_HD view part(std::int32_t begin, std::int32_t end) const requires(Rank == 1)
  {
    assert(begin >= 0 && begin <= end && end <= extent_[0]);
    return view(data_ + begin, end - begin);
  }

private:
  template <class, int, memory>
  friend class view;

  T* data_ = nullptr;
  std::int32_t extent_[Rank] = {};
  std::int32_t stride_[Rank] = {};
};

} // namespace pado
