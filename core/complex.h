// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include <cmath>
#include <cstdint>
#if !defined(__CUDA_ARCH__) && defined(__F16C__)
#include <immintrin.h>
#endif

namespace pado {

/// Complex binary32, real then imaginary: the layout of std::complex<float>, FFTW and cuFFT.
struct cf32 {
  float re = 0.0F;
  float im = 0.0F;

  PADO_HD cf32& operator+=(cf32 b)
  {
    re += b.re;
    im += b.im;
    return *this;
  }
};

PADO_HD inline cf32 operator+(cf32 a, cf32 b)
{
  return {a.re + b.re, a.im + b.im};
}
PADO_HD inline cf32 operator-(cf32 a, cf32 b)
{
  return {a.re - b.re, a.im - b.im};
}
PADO_HD inline cf32 operator*(cf32 a, cf32 b)
{
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
PADO_HD inline cf32 operator*(float s, cf32 a)
{
  return {s * a.re, s * a.im};
}
PADO_HD inline cf32 operator*(cf32 a, float s)
{
  return {s * a.re, s * a.im};
}
PADO_HD inline cf32 conj(cf32 a)
{
  return {a.re, -a.im};
}
/// Squared magnitude.
PADO_HD inline float norm(cf32 a)
{
  return a.re * a.re + a.im * a.im;
}
/// exp(j angle), angle in radians.
PADO_HD inline cf32 polar(float angle_rad)
{
  return {cosf(angle_rad), sinf(angle_rad)};
}
/// Angle in radians, -pi..pi.
PADO_HD inline float arg(cf32 a)
{
  return atan2f(a.im, a.re);
}

/// Complex IEEE binary16 as two bit patterns, real then imaginary: the element of the slot grid.
/// clang 14 has no _Float16 on x86, so the halves are stored as integers and converted by instructions.
struct ch16 {
  std::uint16_t re = 0;
  std::uint16_t im = 0;
};

/// One half to float, exact.
PADO_HD inline float half_to_float(std::uint16_t half)
{
#if defined(__CUDA_ARCH__)
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(half));
  return value;
#elif defined(__F16C__)
  return _cvtsh_ss(half);
#else
  __fp16 value;
  __builtin_memcpy(&value, &half, sizeof(value));
  return value;
#endif
}

/// One float to half, round to nearest even; beyond 65504 becomes infinity.
PADO_HD inline std::uint16_t float_to_half(float value)
{
#if defined(__CUDA_ARCH__)
  std::uint16_t half;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(value));
  return half;
#elif defined(__F16C__)
  // Not _cvtss_sh: clang's macro of that name is no valid C++.
  const __m128i halves = _mm_cvtps_ph(_mm_set_ss(value), _MM_FROUND_TO_NEAREST_INT);
  return static_cast<std::uint16_t>(_mm_cvtsi128_si32(halves) & 0xFFFF);
#else
  const __fp16 rounded = value;
  std::uint16_t half;
  __builtin_memcpy(&half, &rounded, sizeof(half));
  return half;
#endif
}

PADO_HD inline cf32 to_cf32(ch16 a)
{
  return {half_to_float(a.re), half_to_float(a.im)};
}
PADO_HD inline ch16 to_ch16(cf32 a)
{
  return {float_to_half(a.re), float_to_half(a.im)};
}

} // namespace pado
