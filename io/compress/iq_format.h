// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot.h"
#include "core/uplink_slot.h"
#include <cstddef>
#include <cstdint>

namespace pado::io {

/// How the I and Q of a PRB are written: udCompMeth and udIqWidth.
struct iq_format {
  compression method = compression::bfp;
  std::uint8_t width = 9; ///< bits of one I or Q, 1..16

  friend bool operator==(iq_format, iq_format) = default;
};

/// True for methods that write one udCompParam byte in front of the samples.
constexpr bool has_parameter(compression method)
{
  return method == compression::bfp || method == compression::block_scaling || method == compression::mu_law;
}

/// Bytes of one PRB: 24 values of `width` bits, which always end on a byte, and the udCompParam.
constexpr std::size_t prb_bytes(iq_format format)
{
  return 3U * format.width + (has_parameter(format.method) ? 1U : 0U);
}
inline constexpr std::size_t max_prb_bytes = 49; ///< 16 bits and a udCompParam

/// Width 1..16 and one of the five methods without selective REs; mu-law needs a sign and two segment bits.
constexpr bool is_supported(iq_format format)
{
  const bool has_width = format.width >= 1 && format.width <= 16;
  return has_width && (format.method != compression::mu_law || format.width >= 4) &&
         format.method <= compression::modulation;
}

/// udCompHdr, one byte: udIqWidth (0 means 16) and udCompMeth. Methods beyond modulation stay as they are and
/// are refused by is_supported.
constexpr iq_format from_comp_header(std::uint8_t header)
{
  const auto width = static_cast<std::uint8_t>(header >> 4);
  return {static_cast<compression>(header & 0xF), width == 0 ? std::uint8_t{16} : width};
}
constexpr std::uint8_t to_comp_header(iq_format format)
{
  return static_cast<std::uint8_t>(((format.width & 0xF) << 4) | static_cast<std::uint8_t>(format.method));
}

} // namespace pado::io
