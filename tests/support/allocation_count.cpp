// SPDX-License-Identifier: Apache-2.0
#include "tests/support/allocation_count.h"
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {
thread_local std::int64_t count = 0;

void* counted_or_null(std::size_t size, std::size_t alignment) noexcept
{
  ++count;
  size = size == 0 ? 1 : size;
  return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* counted(std::size_t size, std::size_t alignment)
{
  void* data = counted_or_null(size, alignment);
  if (data == nullptr) {
    throw std::bad_alloc();
  }
  return data;
}
} // namespace

std::int64_t pado::test::allocation_count()
{
  return count;
}

// Every form is replaced: a library whose nothrow new is the sanitizer's and whose delete is ours is an error
// to it.
void* operator new(std::size_t size)
{
  return counted(size, alignof(std::max_align_t));
}
void* operator new[](std::size_t size)
{
  return counted(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
  return counted_or_null(size, alignof(std::max_align_t));
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept
{
  return counted_or_null(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment)
{
  return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment)
{
  return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept
{
  return counted_or_null(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept
{
  return counted_or_null(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* data) noexcept
{
  std::free(data);
}
void operator delete[](void* data) noexcept
{
  std::free(data);
}
void operator delete(void* data, std::size_t) noexcept
{
  std::free(data);
}
void operator delete[](void* data, std::size_t) noexcept
{
  std::free(data);
}
void operator delete(void* data, const std::nothrow_t&) noexcept
{
  std::free(data);
}
void operator delete[](void* data, const std::nothrow_t&) noexcept
{
  std::free(data);
}
void operator delete(void* data, std::align_val_t) noexcept
{
  std::free(data);
}
void operator delete[](void* data, std::align_val_t) noexcept
{
  std::free(data);
}
void operator delete(void* data, std::size_t, std::align_val_t) noexcept
{
  std::free(data);
}
void operator delete[](void* data, std::size_t, std::align_val_t) noexcept
{
  std::free(data);
}
void operator delete(void* data, std::align_val_t, const std::nothrow_t&) noexcept
{
  std::free(data);
}
void operator delete[](void* data, std::align_val_t, const std::nothrow_t&) noexcept
{
  std::free(data);
}
