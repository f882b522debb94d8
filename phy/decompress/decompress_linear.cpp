// SPDX-License-Identifier: Apache-2.0
#include "phy/decompress/decompress_linear.h"
#include "phy/simd/simd_level.h"
#include <array>

namespace pado::phy {

namespace {

/// The units of all parameters of all methods and widths: one broadcasting load a PRB from the first-level
/// cache.
struct linear_units {
  std::array<std::array<float, 16>, 17> bfp{}; // [width][exponent]
  std::array<float, 256> block_scaling{};      // [scaler]
  std::array<float, 17> none{};                // [width]
  float modulation = body::unit_of(compression::modulation, 1, 0);

  constexpr linear_units()
  {
    for (int width = 0; width <= 16; ++width) {
      for (int exponent = 0; exponent < 16; ++exponent) {
        bfp[width][exponent] = body::unit_of(compression::bfp, width, exponent);
      }
      none[width] = body::unit_of(compression::none, width, 0);
    }
    for (int scaler = 0; scaler < 256; ++scaler) {
      block_scaling[scaler] = body::unit_of(compression::block_scaling, 16, scaler);
    }
  }
};
constexpr linear_units units;

} // namespace

linear_kernel best_linear_kernel(compression method) noexcept
{
#if defined(__x86_64__)
  if (method != compression::block_scaling && is_available(simd_level::avx512fp16)) {
    return decompress_linear_avx512fp16;
  }
  return is_available(simd_level::avx512) ? decompress_linear_avx512 : decompress_linear_avx2;
#else
  (void)method;
  return nullptr;
#endif
}

linear_prbs linear_prbs_of(const iq_section& section, view<const std::byte, 1> bytes) noexcept
{
  linear_prbs prbs{};
  prbs.bytes = std::span(bytes.data() + section.bytes_begin, bytes.data() + bytes.extent(0));
  prbs.nof_prb = section.nof_prb;
  prbs.format = body::format_of(section);
  prbs.largest_safe = 255;
  switch (section.method) {
  case compression::bfp:
    prbs.parameter_mask = 15;
    prbs.unit = units.bfp[section.width].data();
    prbs.largest_safe =
        28 - section.width; // 2^(width - 1 + exponent - 12) at most 2^15; halves end just below 2^16
    break;
  case compression::block_scaling:
    prbs.parameter_mask = 255;
    prbs.unit = units.block_scaling.data();
    break;
  case compression::modulation:
    prbs.unit = &units.modulation;
    break;
  default:
    prbs.unit = &units.none[section.width];
    break;
  }
  return prbs;
}

} // namespace pado::phy
