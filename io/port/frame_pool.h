// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pado::io {

/// Memory that begins on a page of 4 KiB, zero, and costs nothing until it is touched. Move only.
///
/// Whole pages of one mapping: cudaHostRegister() and rte_extmem_register() take it as it is.
/// \errors the constructor throws std::bad_alloc
class page_memory {
public:
  page_memory() = default;
  explicit page_memory(std::size_t nof_bytes);
  page_memory(page_memory&& other) noexcept;
  page_memory& operator=(page_memory&& other) noexcept;
  page_memory(const page_memory&) = delete;
  page_memory& operator=(const page_memory&) = delete;
  ~page_memory();

  std::span<std::byte> bytes() const noexcept { return bytes_; }

private:
  std::span<std::byte> bytes_;
};

/// Bytes between the beginnings of two frames in an arena: 10240 holds every jumbo frame, longer ones take
/// whole pages.
constexpr std::size_t frame_stride(std::int32_t max_frame_bytes) noexcept
{
  constexpr std::size_t jumbo = 10240;
  constexpr std::size_t page = 4096;
  const auto wanted = static_cast<std::size_t>(max_frame_bytes);
  return wanted <= jumbo ? jumbo : (wanted + page - 1) / page * page;
}

/// One arena of equal elements, each room for one frame; allocated once. Not for two threads.
///
/// The element given back last is given out first: a port that keeps up touches few pages.
class frame_pool {
public:
  static constexpr std::uint32_t none = UINT32_MAX;

  /// May throw std::bad_alloc.
  frame_pool(std::int32_t nof_frames, std::int32_t max_frame_bytes);

  /// A free element, or none.
  std::uint32_t acquire() noexcept
  {
    if (nof_free_ == 0) {
      return none;
    }
    const std::uint32_t token = free_[--nof_free_];
    is_held_[token] = 1;
    return token;
  }
  void release(std::uint32_t token) noexcept
  {
    assert(token < free_.size() && is_held_[token] != 0);
    is_held_[token] = 0;
    free_[nof_free_++] = token;
  }

  /// Room of max_frame_bytes or more.
  std::span<std::byte> operator[](std::uint32_t token) const noexcept
  {
    return arena_.bytes().subspan(token * stride_, stride_);
  }
  std::size_t nof_free() const noexcept { return nof_free_; }
  /// All elements, to be registered with a device.
  std::span<std::byte> arena() const noexcept { return arena_.bytes(); }

private:
  std::size_t stride_;
  page_memory arena_;
  std::vector<std::uint32_t> free_; ///< a stack of nof_free_ tokens
  std::vector<std::uint8_t> is_held_;
  std::size_t nof_free_;
};

} // namespace pado::io
