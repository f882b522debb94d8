// SPDX-License-Identifier: Apache-2.0
#include "io/compress/bit_pack.h"
#include "io/compress/codec.h"
#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>

namespace pado::io {

namespace {

using prb_values = std::span<const std::int32_t, values_per_prb>;

constexpr int max_exponent = 15;
constexpr float full_scale = 32768.0F; // of 16-bit samples

std::int32_t saturate(std::int32_t value, int width) noexcept
{
  const std::int32_t top = (std::int32_t{1} << (width - 1)) - 1;
  return std::clamp(value, -top - 1, top);
}

std::int32_t max_magnitude_16(prb_values iq) noexcept
{
  std::int32_t most = 0;
  for (const std::int32_t value : iq) {
    most = std::max(most, std::abs(saturate(value, 16)));
  }
  return most;
}

void encode_block_scaling(int width, prb_values iq, std::span<std::byte> out) noexcept
{
  // s/128 of 16-bit full scale covers values below 256 s.
  const std::int32_t scaler = std::max(1, (max_magnitude_16(iq) + 255) / 256);
  out[0] = static_cast<std::byte>(scaler);
  bit_writer bits(out.subspan(1), width);
  const float step = static_cast<float>(scaler) * std::ldexp(1.0F, 9 - width);
  for (const std::int32_t value : iq) {
    const float scaled = static_cast<float>(saturate(value, 16)) / step;
    bits.put(saturate(static_cast<std::int32_t>(std::lrint(scaled)), width));
  }
}

/// Three segments of the magnitude: below 8192, below 16384, and above, each with a step twice as coarse.
std::int32_t mu_law_code(std::int32_t magnitude, int width) noexcept
{
  const int segment = magnitude < 8192 ? 0 : magnitude < 16384 ? 1 : 2;
  const int down = 15 - width + segment;
  const std::int32_t step = down >= 0 ? magnitude >> down : magnitude << -down;
  return step + segment * (std::int32_t{1} << (width - 3));
}

void encode_mu_law(int width, prb_values iq, std::span<std::byte> out) noexcept
{
  const std::int32_t most = std::min(max_magnitude_16(iq), 32767);
  const int shift = most == 0 ? 7 : std::clamp(std::countl_zero(static_cast<std::uint32_t>(most)) - 17, 0, 7);
  out[0] = static_cast<std::byte>(((width & 0xF) << 4) | shift);
  bit_writer bits(out.subspan(1), width);
  for (const std::int32_t value : iq) {
    const std::int32_t magnitude = std::min(std::abs(saturate(value, 16)) << shift, 32767);
    const std::int32_t sign = value < 0 ? std::int32_t{1} << (width - 1) : 0;
    bits.put(sign | mu_law_code(magnitude, width));
  }
}

void encode_modulation(int width, prb_values iq, std::span<std::byte> out, modulation_scale scale) noexcept
{
  bit_writer bits(out, width);
  const float unit = scale.scaler * std::numbers::sqrt2_v<float> * full_scale;
  const float shift = scale.is_shifted ? std::ldexp(1.0F, -width) : 0.0F;
  for (const std::int32_t value : iq) {
    const float code = (static_cast<float>(value) / unit - shift) * std::ldexp(1.0F, width - 1);
    bits.put(saturate(static_cast<std::int32_t>(std::lrint(code)), width));
  }
}

} // namespace

int bfp_exponent(prb_values iq, int width) noexcept
{
  std::int32_t most = 0;
  for (const std::int32_t value : iq) {
    most = std::max(most, value < 0 ? -(value + 1) : value);
  }
  const int nof_bits = 32 - std::countl_zero(static_cast<std::uint32_t>(most));
  return std::clamp(nof_bits - (width - 1), 0, max_exponent);
}

std::size_t
encode_prb(iq_format format, prb_values iq, std::span<std::byte> out, modulation_scale scale) noexcept
{
  assert(is_supported(format) && out.size() >= prb_bytes(format));
  const int width = format.width;
  switch (format.method) {
  case compression::none: {
    bit_writer bits(out, width);
    for (const std::int32_t value : iq) {
      bits.put(saturate(value, width));
    }
    break;
  }
  case compression::bfp: {
    const int exponent = bfp_exponent(iq, width);
    out[0] = static_cast<std::byte>(exponent);
    bit_writer bits(out.subspan(1), width);
    for (const std::int32_t value : iq) {
      bits.put(saturate(value >> exponent, width));
    }
    break;
  }
  case compression::block_scaling:
    encode_block_scaling(width, iq, out);
    break;
  case compression::mu_law:
    encode_mu_law(width, iq, out);
    break;
  case compression::modulation:
    encode_modulation(width, iq, out, scale);
    break;
  }
  return prb_bytes(format);
}

std::size_t encode_prbs(iq_format format,
                        std::span<const cf32> re,
                        float gain,
                        std::span<std::byte> out,
                        modulation_scale scale) noexcept
{
  assert(re.size() % nof_subcarriers_per_prb == 0);
  std::size_t at = 0;
  std::array<std::int32_t, values_per_prb> iq{};
  // The comparison is written so that NaN becomes 0 and never reaches lrint.
  const auto quantise = [gain](float value) {
    const float scaled = value * gain;
    if (!(std::fabs(scaled) < full_scale)) {
      return scaled > 0.0F ? 32767 : scaled < 0.0F ? -32768 : 0;
    }
    return saturate(static_cast<std::int32_t>(std::lrint(scaled)), 16);
  };
  for (std::size_t first = 0; first < re.size(); first += nof_subcarriers_per_prb) {
    for (std::size_t k = 0; k < nof_subcarriers_per_prb; ++k) {
      iq[2 * k] = quantise(re[first + k].re);
      iq[2 * k + 1] = quantise(re[first + k].im);
    }
    at += encode_prb(format, iq, out.subspan(at), scale);
  }
  return at;
}

} // namespace pado::io
