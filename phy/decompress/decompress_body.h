// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/uplink_slot.h"
#include <bit>

namespace pado::phy::body {

inline constexpr float largest_half = 65504.0F;

/// How one section writes its PRBs.
struct prb_format {
  std::int32_t width;           ///< bits of one I or Q
  std::int32_t parameter_bytes; ///< udCompParam in front: 0 or 1
  std::int32_t prb_bytes;
};

PADO_HD inline prb_format format_of(const iq_section& section)
{
  const bool has_parameter = section.method == compression::bfp ||
                             section.method == compression::block_scaling ||
                             section.method == compression::mu_law;
  const int parameter_bytes = has_parameter ? 1 : 0;
  return {section.width, parameter_bytes, 3 * section.width + parameter_bytes};
}

/// 2^exponent, exponent in -126..127.
PADO_HD constexpr float power_of_two(int exponent)
{
  return std::bit_cast<float>(static_cast<std::uint32_t>(exponent + 127) << 23);
}

/// What a code with its sign in bit 31 is multiplied with: the code's unit, 2^(width - 32), times that of the
/// method.
PADO_HD constexpr float unit_of(compression method, int width, int parameter)
{
  constexpr int to_grid = -12;        // 2^-12 of the integer sample
  constexpr int full_scale = 15 - 31; // a code of 16 bits full scale, whatever its width
  switch (method) {
  case compression::bfp:
    return power_of_two((parameter & 15) + width - 32 + to_grid); // the upper nibble is reserved
  case compression::block_scaling:
    return static_cast<float>(parameter) *
           power_of_two(full_scale - 7 + to_grid); // the scaler has 7 fractional bits
  case compression::modulation:
    return power_of_two(full_scale + to_grid);
  default:
    return power_of_two(width - 32 + to_grid);
  }
}

/// Lower edge of the step of a mu-law code, which has its sign in bit 31: three segments of the magnitude,
/// each with a step twice as coarse as the one below.
PADO_HD inline float mu_law_value(std::uint32_t code, int width, int parameter)
{
  const std::uint32_t quarter = 1U << (width - 3);
  const std::uint32_t magnitude = (code & 0x7fffffffU) >> (32 - width);
  const int segment = magnitude < 2 * quarter ? 0 : magnitude < 3 * quarter ? 1 : 2;
  const float steps = static_cast<float>(magnitude - segment * quarter);
  const float value = steps * power_of_two(15 - width + segment - (parameter & 15) - 12);
  return (code >> 31) != 0 ? 0.0F - value : value; // no negative zero
}

/// The code that begins at a bit, most significant bit first, moved to the top of a word. Reads its own bytes
/// only.
PADO_HD inline std::uint32_t code_at(const std::byte* bytes, int bit, int width)
{
  const int last = (bit + width - 1) / 8;
  std::uint32_t word = 0;
  for (int i = 0, at = bit / 8; i < 3; ++i, ++at) { // 7 + 16 bits at most
    word = (word << 8) | (at <= last ? static_cast<std::uint32_t>(bytes[at]) : 0U);
  }
  return (word << (8 + bit % 8)) & ~(0xffffffffU >> width);
}

PADO_HD inline std::uint16_t expand(compression method, std::uint32_t code, int width, int parameter)
{
  const float value = method == compression::mu_law ? mu_law_value(code, width, parameter)
                                                    : static_cast<float>(static_cast<std::int32_t>(code)) *
                                                          unit_of(method, width, parameter);
  return float_to_half(value > largest_half ? largest_half : value < -largest_half ? -largest_half : value);
}

/// Asserts what slot assembly has checked.
template <memory M>
PADO_HD void check(const iq_section& section, view<const std::byte, 1, M> bytes, view<ch16, 3, M> grid)
{
  assert(section.width >= 1 && section.width <= 16 &&
         (section.method != compression::mu_law || section.width >= 4));
  assert(section.method <= compression::modulation);
  assert(section.bytes_begin + static_cast<std::int64_t>(format_of(section).prb_bytes) * section.nof_prb <=
         bytes.extent(0));
  assert(section.port < grid.extent(0) && section.symbol < grid.extent(1));
  assert(nof_subcarriers_per_prb * (section.prb_begin + section.nof_prb) <= grid.extent(2));
  (void)section;
  (void)bytes;
  (void)grid;
}

/// One section into the grid, one thread an RE.
template <class Block, memory M>
PADO_HD void decompress(const Block& block,
                        const iq_section& section,
                        view<const std::byte, 1, M> bytes,
                        view<std::uint8_t, 3, M> covered,
                        view<ch16, 3, M> grid)
{
  const prb_format format = format_of(section);
  const auto row = grid[section.port][section.symbol];
  const auto covered_row = covered[section.port][section.symbol];
  check(section, bytes, grid);
  const std::byte* prbs = bytes.data() + section.bytes_begin;
  block.for_each(nof_subcarriers_per_prb * section.nof_prb, [=](int re) {
    const int prb = re / nof_subcarriers_per_prb;
    const std::byte* begin = prbs + static_cast<std::ptrdiff_t>(prb) * format.prb_bytes;
    const int parameter = format.parameter_bytes != 0 ? static_cast<int>(begin[0]) : 0;
    const int bit = 2 * format.width * (re % nof_subcarriers_per_prb);
    const std::byte* codes = begin + format.parameter_bytes;
    const std::uint32_t i = code_at(codes, bit, format.width);
    const std::uint32_t q = code_at(codes, bit + format.width, format.width);
    row(nof_subcarriers_per_prb * section.prb_begin +
        re) = {expand(section.method, i, format.width, parameter),
               expand(section.method, q, format.width, parameter)};
    covered_row(section.prb_begin + prb) = 1; // twelve threads store the same value
  });
}

/// Clears the PRBs of one symbol that no section covered, and makes the marks ready for the next slot.
template <class Block, memory M>
PADO_HD void clear_uncovered(const Block& block, view<std::uint8_t, 1, M> covered, view<ch16, 1, M> row)
{
  block.for_each(covered.extent(0), [=](int prb) {
    if (covered(prb) == 0) {
      for (int re = 0; re < nof_subcarriers_per_prb; ++re) {
        row(nof_subcarriers_per_prb * prb + re) = {};
      }
    }
    covered(prb) = 0;
  });
}

} // namespace pado::phy::body
