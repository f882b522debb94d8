// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace pado::io {

/// Bytes of a packet, borrowed.
using packet = std::span<const std::byte>;

/// Big-endian loads. The caller has checked the length.
inline std::uint8_t load_u8(packet p, std::size_t at)
{
  return std::to_integer<std::uint8_t>(p[at]);
}
inline std::uint16_t load_be16(packet p, std::size_t at)
{
  return static_cast<std::uint16_t>((load_u8(p, at) << 8) | load_u8(p, at + 1));
}
inline std::uint32_t load_be24(packet p, std::size_t at)
{
  return (static_cast<std::uint32_t>(load_be16(p, at)) << 8) | load_u8(p, at + 2);
}
inline std::uint32_t load_be32(packet p, std::size_t at)
{
  return (static_cast<std::uint32_t>(load_be16(p, at)) << 16) | load_be16(p, at + 2);
}
inline std::uint64_t load_be64(packet p, std::size_t at)
{
  return (static_cast<std::uint64_t>(load_be32(p, at)) << 32) | load_be32(p, at + 4);
}

/// Big-endian stores. The caller has checked the length.
inline void store_u8(std::span<std::byte> p, std::size_t at, std::uint32_t value)
{
  p[at] = static_cast<std::byte>(value & 0xFF);
}
inline void store_be16(std::span<std::byte> p, std::size_t at, std::uint32_t value)
{
  store_u8(p, at, value >> 8);
  store_u8(p, at + 1, value);
}
inline void store_be32(std::span<std::byte> p, std::size_t at, std::uint32_t value)
{
  store_be16(p, at, value >> 16);
  store_be16(p, at + 2, value);
}
inline void store_be64(std::span<std::byte> p, std::size_t at, std::uint64_t value)
{
  store_be32(p, at, static_cast<std::uint32_t>(value >> 32));
  store_be32(p, at + 4, static_cast<std::uint32_t>(value));
}

} // namespace pado::io
