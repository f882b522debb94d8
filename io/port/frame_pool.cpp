// SPDX-License-Identifier: Apache-2.0
#include "io/port/frame_pool.h"
#include <new>
#include <sys/mman.h>
#include <utility>

namespace pado::io {

page_memory::page_memory(std::size_t nof_bytes)
{
  void* memory = mmap(nullptr, nof_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) { // NOLINT: the macro casts an integer to a pointer
    throw std::bad_alloc();
  }
  bytes_ = {static_cast<std::byte*>(memory), nof_bytes};
}

page_memory::page_memory(page_memory&& other) noexcept
    : bytes_(std::exchange(other.bytes_, std::span<std::byte>{}))
{
}

page_memory& page_memory::operator=(page_memory&& other) noexcept
{
  std::swap(bytes_, other.bytes_);
  return *this;
}

page_memory::~page_memory()
{
  if (!bytes_.empty()) {
    munmap(bytes_.data(), bytes_.size());
  }
}

frame_pool::frame_pool(std::int32_t nof_frames, std::int32_t max_frame_bytes)
    : stride_(frame_stride(max_frame_bytes)), arena_(static_cast<std::size_t>(nof_frames) * stride_),
      free_(static_cast<std::size_t>(nof_frames)), is_held_(static_cast<std::size_t>(nof_frames)),
      nof_free_(static_cast<std::size_t>(nof_frames))
{
  for (std::size_t i = 0; i < free_.size(); ++i) {
    free_[i] = static_cast<std::uint32_t>(free_.size() - 1 - i);
  }
}

} // namespace pado::io
