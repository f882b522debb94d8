// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace pado::io {

/// Writes values of a fixed width, most significant bit first and without gaps.
class bit_writer {
public:
  bit_writer(std::span<std::byte> out, int width) noexcept : out_(out), width_(width) {}

  void put(std::int32_t value) noexcept
  {
    const std::uint64_t mask = (std::uint64_t{1} << width_) - 1;
    held_ = (held_ << width_) | (static_cast<std::uint32_t>(value) & mask);
    nof_held_ += width_;
    while (nof_held_ >= 8) {
      nof_held_ -= 8;
      out_[at_++] = static_cast<std::byte>((held_ >> nof_held_) & 0xFF);
    }
  }

private:
  std::span<std::byte> out_;
  int width_;
  std::uint64_t held_ = 0;
  int nof_held_ = 0;
  std::size_t at_ = 0;
};

/// Reads values of a fixed width, most significant bit first and without gaps.
class bit_reader {
public:
  bit_reader(std::span<const std::byte> in, int width) noexcept : in_(in), width_(width) {}

  /// Two's complement.
  std::int32_t get_signed() noexcept
  {
    const int unused = 32 - width_;
    return static_cast<std::int32_t>(get() << unused) >> unused;
  }

  std::uint32_t get() noexcept
  {
    while (nof_held_ < width_) {
      held_ = (held_ << 8) | std::to_integer<std::uint64_t>(in_[at_++]);
      nof_held_ += 8;
    }
    nof_held_ -= width_;
    return static_cast<std::uint32_t>((held_ >> nof_held_) & ((std::uint64_t{1} << width_) - 1));
  }

private:
  std::span<const std::byte> in_;
  int width_;
  std::uint64_t held_ = 0;
  int nof_held_ = 0;
  std::size_t at_ = 0;
};

} // namespace pado::io
