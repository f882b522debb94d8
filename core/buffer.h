// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/view.h"
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace pado {

/// Allocation of a buffer, one per memory space. Host memory is aligned to 64 bytes and zeroed.
/// \errors throws std::bad_alloc; device memory in a build without CUDA throws std::bad_alloc as well
template <memory M>
struct allocator_of {
  static void* allocate(std::size_t nof_bytes);
  static void release(void* data) noexcept;
};
template <>
void* allocator_of<memory::host>::allocate(std::size_t nof_bytes);
template <>
void allocator_of<memory::host>::release(void* data) noexcept;
template <>
void* allocator_of<memory::device>::allocate(std::size_t nof_bytes);
template <>
void allocator_of<memory::device>::release(void* data) noexcept;

/// Page-locked host memory that the device reads in place; plain host memory in a build without CUDA.
struct pinned_allocator {
  static void* allocate(std::size_t nof_bytes);
  static void release(void* data) noexcept;
};

/// An owned array of plain data, allocated once and never resized. Move only.
template <class T, memory M = memory::host, class Allocator = allocator_of<M>>
class buffer {
  static_assert(std::is_trivially_copyable_v<T>, "buffers hold plain data");

public:
  buffer() = default;
  explicit buffer(std::size_t size)
      : data_(size == 0 ? nullptr : static_cast<T*>(Allocator::allocate(size * sizeof(T)))), size_(size)
  {
  }
  buffer(buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0))
  {
  }
  buffer& operator=(buffer&& other) noexcept
  {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  buffer(const buffer&) = delete;
  buffer& operator=(const buffer&) = delete;
  ~buffer()
  {
    if (data_ != nullptr) {
      Allocator::release(data_);
    }
  }

  T* data() const { return data_; }
  std::size_t size() const { return size_; }

  /// The first elements as a dense array of the given extents.
  template <class... Extents>
  auto as(Extents... extents) const
  {
    return view<T, static_cast<int>(sizeof...(Extents)), M>(data_, extents...);
  }

  T& operator[](std::size_t index) const requires(M == memory::host)
  {
    assert(index < size_);
    return data_[index];
  }
  T* begin() const requires(M == memory::host) { return data_; }
  T* end() const requires(M == memory::host) { return data_ + size_; }

private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Host memory that the device can read and that copies without staging.
template <class T>
using pinned_buffer = buffer<T, memory::host, pinned_allocator>;

} // namespace pado
