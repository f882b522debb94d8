// SPDX-License-Identifier: Apache-2.0
#include "io/compress/bit_pack.h"
#include "io/compress/codec.h"
#include <cassert>
#include <cmath>
#include <numbers>

namespace pado::io {

namespace {

constexpr float full_scale = 32768.0F; // of 16-bit samples

/// Fills the PRB with value(bits) for I and Q in turn.
template <class Value>
void fill(std::span<const std::byte> in,
          int width,
          std::span<cf32, nof_subcarriers_per_prb> out,
          Value value) noexcept
{
  bit_reader bits(in, width);
  for (cf32& re : out) {
    re.re = value(bits);
    re.im = value(bits);
  }
}

/// Lower edge of the step that a code of sign and magnitude stands for.
float mu_law_value(std::uint32_t code, int width, int shift) noexcept
{
  const std::uint32_t quarter = 1U << (width - 3);
  const std::uint32_t magnitude = code & ((1U << (width - 1)) - 1);
  const int segment = magnitude < 2 * quarter ? 0 : magnitude < 3 * quarter ? 1 : 2;
  const auto step = static_cast<float>(magnitude - static_cast<std::uint32_t>(segment) * quarter);
  const float value = std::ldexp(step, 15 - width + segment - shift);
  return (code >> (width - 1)) != 0 ? -value : value;
}

} // namespace

void decode_prb(iq_format format,
                std::span<const std::byte> in,
                std::span<cf32, nof_subcarriers_per_prb> out,
                modulation_scale scale) noexcept
{
  assert(is_supported(format) && in.size() >= prb_bytes(format));
  const int width = format.width;
  const int parameter = has_parameter(format.method) ? std::to_integer<int>(in[0]) : 0;
  const auto samples = in.subspan(has_parameter(format.method) ? 1 : 0);
  switch (format.method) {
  case compression::none:
    fill(samples, width, out, [](bit_reader& bits) { return static_cast<float>(bits.get_signed()); });
    break;
  case compression::bfp: {
    const float unit = std::ldexp(1.0F, parameter & 0xF);
    fill(samples, width, out, [unit](bit_reader& bits) {
      return unit * static_cast<float>(bits.get_signed());
    });
    break;
  }
  case compression::block_scaling: {
    const float unit = std::ldexp(static_cast<float>(parameter), 9 - width);
    fill(samples, width, out, [unit](bit_reader& bits) {
      return unit * static_cast<float>(bits.get_signed());
    });
    break;
  }
  case compression::mu_law: {
    const int shift = parameter & 0xF;
    fill(samples, width, out, [=](bit_reader& bits) { return mu_law_value(bits.get(), width, shift); });
    break;
  }
  case compression::modulation: {
    const float unit = scale.scaler * std::numbers::sqrt2_v<float> * full_scale;
    const float shift = scale.is_shifted ? std::ldexp(1.0F, -width) : 0.0F;
    const float step = std::ldexp(1.0F, 1 - width);
    fill(samples, width, out, [=](bit_reader& bits) {
      return unit * (static_cast<float>(bits.get_signed()) * step + shift);
    });
    break;
  }
  }
}

} // namespace pado::io
