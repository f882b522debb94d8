// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/hd.h"
#include <Random123/philox.h>
#include <cstdint>

namespace pado::phy {

/// What random numbers are drawn for. Streams of different purposes are independent.
enum class random_purpose : std::uint32_t {
  noise = 1,
  fading = 2,
  payload = 3,
  allocation = 4,
  fronthaul = 5
};

/// A stream of random numbers that is a pure function of its key and the index: Philox4x32-10 of Random123.
///
/// Nothing is carried from draw to draw, so results do not depend on which thread draws what, or in which
/// order.
///
/// \spec Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011
struct random_stream {
  std::uint64_t seed = 0;
  random_purpose purpose = random_purpose::noise;
  std::uint32_t slot = 0; ///< slots since the simulation began
  std::uint32_t item = 0; ///< UE, rx port, symbol, ... of the slot, see random_item()
};

/// Packs who draws into random_stream.item: three numbers of up to 12, 10 and 10 bits.
PADO_HD inline std::uint32_t random_item(std::int32_t a, std::int32_t b = 0, std::int32_t c = 0)
{
  return static_cast<std::uint32_t>(a) << 20 | static_cast<std::uint32_t>(b) << 10 |
         static_cast<std::uint32_t>(c);
}

/// Four 32-bit words number `index` of the stream.
struct random_words {
  std::uint32_t word[4];
};
PADO_HD inline random_words draw_words(const random_stream& stream, std::uint32_t index)
{
  const r123::Philox4x32::ctr_type counter = {
      {index, stream.slot, stream.item, static_cast<std::uint32_t>(stream.purpose)}};
  const r123::Philox4x32::key_type key = {
      {static_cast<std::uint32_t>(stream.seed), static_cast<std::uint32_t>(stream.seed >> 32)}};
  const r123::Philox4x32::ctr_type out = r123::Philox4x32()(counter, key);
  return {{out.v[0], out.v[1], out.v[2], out.v[3]}};
}

/// A word as a number in (0, 1].
PADO_HD inline float unit_interval(std::uint32_t word)
{
  return (static_cast<float>(word >> 8) + 1.0F) * 5.9604645e-8F; // 2^-24
}

/// Circular complex Gaussian of unit mean power out of two words (Box and Muller). |value|^2 is at most 16.6.
PADO_HD inline cf32 complex_normal(std::uint32_t a, std::uint32_t b)
{
  return sqrtf(-logf(unit_interval(a))) * polar(6.2831853F * unit_interval(b));
}

/// Two independent complex Gaussians of unit mean power: draw `index` of the stream.
struct normal_pair {
  cf32 value[2];
};
PADO_HD inline normal_pair draw_normal_pair(const random_stream& stream, std::uint32_t index)
{
  const random_words w = draw_words(stream, index);
  return {{complex_normal(w.word[0], w.word[1]), complex_normal(w.word[2], w.word[3])}};
}

} // namespace pado::phy
