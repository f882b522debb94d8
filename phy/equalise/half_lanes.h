// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel_estimate/lanes.h"
#if !defined(__CUDA_ARCH__) && defined(__F16C__)
#include <immintrin.h>
#endif

namespace pado::phy {

/// N samples of the slot grid.
template <int N>
PADO_HD inline lanes_c<N> load_half(const ch16* from)
{
  if constexpr (N == 1) {
    const cf32 value = to_cf32(*from);
    return {value.re, value.im};
  } else {
    lanes_f<N> part[2];
#if !defined(__CUDACC__) && defined(__AVX512F__)
    if constexpr (N == 16) {
      for (int i = 0; i < 2; ++i) {
        const __m512 wide =
            _mm512_maskz_cvtph_ps(0xFFFF, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + 8 * i)));
        memcpy(&part[i], &wide, sizeof(wide));
      }
    } else
#endif
    {
#if !defined(__CUDACC__) && defined(__F16C__)
      for (int i = 0; i < N / 4; ++i) {
        const __m256 wide = _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 4 * i)));
        memcpy(reinterpret_cast<float*>(part) + 8 * i, &wide, sizeof(wide));
      }
#else
      float values[2 * N];
      for (int i = 0; i < N; ++i) {
        values[2 * i] = half_to_float(from[i].re);
        values[2 * i + 1] = half_to_float(from[i].im);
      }
      memcpy(part, values, sizeof(values));
#endif
    }
    lanes_c<N> c;
    split(part[0], part[1], c.re, c.im);
    return c;
  }
}

/// The first n of N samples; the others are zero.
template <int N>
PADO_HD inline lanes_c<N> load_half(const ch16* from, int n)
{
  if (N == 1 || n >= N) {
    return load_half<N>(from);
  }
  ch16 values[N] = {};
  for (int i = 0; i < n; ++i) {
    values[i] = from[i];
  }
  return load_half<N>(values);
}

/// Logarithm to base 2 of a normal positive number: exponent, and the series of atanh for the mantissa
/// (1e-7).
template <int N>
PADO_HD inline lanes_f<N> log2_of(lanes_f<N> a)
{
  const lanes_i<N> bits = bits_of<N>(a) - 0x3F3504F3; // so that the mantissa lies in 0.707..1.414
  const lanes_i<N> exponent = bits >> 23;
  const lanes_f<N> m = float_of<N>((bits & 0x007FFFFF) + 0x3F3504F3);
  const lanes_f<N> s = (m - 1.0F) / (m + 1.0F);
  const lanes_f<N> square = s * s;
  const lanes_f<N> series =
      s * (2.8853901F + square * (0.96179669F + square * (0.57707802F + square * 0.41219858F)));
  lanes_f<N> whole;
  if constexpr (N == 1) {
    whole = static_cast<float>(exponent);
  } else {
    whole = __builtin_convertvector(exponent, lanes_f<N>);
  }
  return whole + series;
}

} // namespace pado::phy
