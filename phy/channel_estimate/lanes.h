// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/block.h"
#include "core/complex.h"
#include <cstdint>
#include <cstring>
#if !defined(__CUDACC__) && defined(__AVX__)
#include <immintrin.h>
#endif

namespace pado::phy {

/// How a body written once runs wide on the CPU: an index of for_each stands for N neighbours, held in one
/// vector register. A device thread has N = 1, and then every type below is a plain scalar.
template <int N>
struct lanes;
template <>
struct lanes<1> {
  using f = float;
  using i = std::int32_t;
};
#ifndef __CUDACC__
template <>
struct lanes<8> {
  typedef float f __attribute__((vector_size(32)));
  typedef std::int32_t i __attribute__((vector_size(32)));
};
template <>
struct lanes<16> {
  typedef float f __attribute__((vector_size(64)));
  typedef std::int32_t i __attribute__((vector_size(64)));
};
#endif
template <int N>
using lanes_f = typename lanes<N>::f;
template <int N>
using lanes_i = typename lanes<N>::i;

/// Neighbours a block's index stands for.
template <class Block>
inline constexpr int lanes_of = 1;
#ifndef __CUDACC__
template <>
inline constexpr int lanes_of<host_block> = 8;
#endif

/// N complex numbers, real and imaginary parts apart.
template <int N>
struct lanes_c {
  lanes_f<N> re;
  lanes_f<N> im;

  PADO_HD lanes_c& operator+=(const lanes_c& b)
  {
    re += b.re;
    im += b.im;
    return *this;
  }
};

template <int N>
PADO_HD inline lanes_f<N> splat(float value)
{
  return value - lanes_f<N>{};
}
template <int N>
PADO_HD inline lanes_c<N> mul(const lanes_c<N>& a, const lanes_c<N>& b)
{
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
template <int N>
PADO_HD inline lanes_c<N> mul(cf32 a, const lanes_c<N>& b)
{
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
/// conj(a) b
template <int N>
PADO_HD inline lanes_c<N> conj_mul(const lanes_c<N>& a, const lanes_c<N>& b)
{
  return {a.re * b.re + a.im * b.im, a.re * b.im - a.im * b.re};
}
template <int N>
PADO_HD inline lanes_f<N> norm(const lanes_c<N>& a)
{
  return a.re * a.re + a.im * a.im;
}

/// Bit patterns.
template <int N>
PADO_HD inline lanes_i<N> bits_of(lanes_f<N> a)
{
  lanes_i<N> bits;
  memcpy(&bits, &a, sizeof(bits));
  return bits;
}
template <int N>
PADO_HD inline lanes_f<N> float_of(lanes_i<N> bits)
{
  lanes_f<N> a;
  memcpy(&a, &bits, sizeof(a));
  return a;
}
template <int N>
PADO_HD inline lanes_f<N> magnitude(lanes_f<N> a)
{
  return float_of<N>(bits_of<N>(a) & 0x7FFFFFFF);
}
// Compilers make two instructions of a choice and none at all of a root, so these three are written out.
#if !defined(__CUDACC__) && defined(__AVX512F__)
#define PADO_LANES_CALL(name, ...)                                                                           \
  if constexpr (N == 16) {                                                                                   \
    return _mm512_maskz_##name##_ps(0xFFFF, __VA_ARGS__);                                                    \
  } else if constexpr (N == 8) {                                                                             \
    return _mm256_##name##_ps(__VA_ARGS__);                                                                  \
  } else
#elif !defined(__CUDACC__) && defined(__AVX__)
#define PADO_LANES_CALL(name, ...)                                                                           \
  if constexpr (N == 8) {                                                                                    \
    return _mm256_##name##_ps(__VA_ARGS__);                                                                  \
  } else
#else
#define PADO_LANES_CALL(name, ...)
#endif
template <int N>
PADO_HD inline lanes_f<N> smaller(lanes_f<N> a, lanes_f<N> b)
{
  PADO_LANES_CALL(min, a, b)
  {
    return a < b ? a : b;
  }
}
template <int N>
PADO_HD inline lanes_f<N> larger(lanes_f<N> a, lanes_f<N> b)
{
  PADO_LANES_CALL(max, a, b)
  {
    return a > b ? a : b;
  }
}
template <int N>
PADO_HD inline lanes_f<N> root(lanes_f<N> a)
{
  if constexpr (N == 1) {
    return sqrtf(a);
  } else {
    PADO_LANES_CALL(sqrt, a)
    {
      lanes_f<N> r;
      for (int i = 0; i < N; ++i) {
        r[i] = sqrtf(a[i]);
      }
      return r;
    }
  }
}
#undef PADO_LANES_CALL
/// The nearest integer, |a| < 2^22. Adding 1.5 * 2^23 leaves no bits for a fraction.
template <int N>
PADO_HD inline lanes_f<N> nearest(lanes_f<N> a)
{
  const float magic = 12582912.0F;
  return (a + magic) - magic;
}

/// 0, 1, 2, ...
template <int N>
PADO_HD inline lanes_f<N> ramp()
{
  lanes_f<N> r{};
  if constexpr (N > 1) {
    for (int i = 0; i < N; ++i) {
      r[i] = static_cast<float>(i);
    }
  }
  return r;
}

/// The lanes whose index is below n; zero in the others.
template <int N>
PADO_HD inline lanes_f<N> keep_below(lanes_f<N> a, int n)
{
  return ramp<N>() < splat<N>(static_cast<float>(n)) ? a : lanes_f<N>{};
}

template <int N>
PADO_HD inline lanes_f<N> load(const float* from)
{
  lanes_f<N> a;
  memcpy(&a, from, sizeof(a));
  return a;
}
template <int N>
PADO_HD inline void store(float* to, lanes_f<N> a)
{
  memcpy(to, &a, sizeof(a));
}

/// Sum over the lanes.
template <int N>
PADO_HD inline float total(lanes_f<N> a)
{
  if constexpr (N == 1) {
    return a;
  } else {
    float sum = 0.0F;
    for (int i = 0; i < N; ++i) {
      sum += a[i];
    }
    return sum;
  }
}

#ifndef __CUDACC__
/// Even and odd elements of (a, b), and their opposite.
inline void split(lanes_f<8> a, lanes_f<8> b, lanes_f<8>& even, lanes_f<8>& odd)
{
  even = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
  odd = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}
inline void weave(lanes_f<8> even, lanes_f<8> odd, lanes_f<8>& a, lanes_f<8>& b)
{
  a = __builtin_shufflevector(even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
  b = __builtin_shufflevector(even, odd, 4, 12, 5, 13, 6, 14, 7, 15);
}
#ifdef __AVX512F__
inline void split(lanes_f<16> a, lanes_f<16> b, lanes_f<16>& even, lanes_f<16>& odd)
{
  even = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  odd = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}
inline void weave(lanes_f<16> even, lanes_f<16> odd, lanes_f<16>& a, lanes_f<16>& b)
{
  a = __builtin_shufflevector(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  b = __builtin_shufflevector(even, odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
#endif
#endif

/// N complex numbers from memory, and back.
template <int N>
PADO_HD inline lanes_c<N> load_c(const cf32* from)
{
  if constexpr (N == 1) {
    return {from->re, from->im};
  } else {
    const float* values = &from->re;
    lanes_c<N> c;
    split(load<N>(values), load<N>(values + N), c.re, c.im);
    return c;
  }
}
template <int N>
PADO_HD inline void store_c(cf32* to, const lanes_c<N>& c)
{
  if constexpr (N == 1) {
    *to = {c.re, c.im};
  } else {
    float* values = &to->re;
    lanes_f<N> a;
    lanes_f<N> b;
    weave(c.re, c.im, a, b);
    store<N>(values, a);
    store<N>(values + N, b);
  }
}

/// The first n of N complex numbers; the others are zero and not touched in memory.
template <int N>
PADO_HD inline lanes_c<N> load_c(const cf32* from, int n)
{
  if (N == 1 || n >= N) {
    return load_c<N>(from);
  }
  cf32 values[N] = {};
  for (int i = 0; i < n; ++i) {
    values[i] = from[i];
  }
  return load_c<N>(values);
}
template <int N>
PADO_HD inline void store_c(cf32* to, const lanes_c<N>& c, int n)
{
  if (N == 1 || n >= N) {
    store_c<N>(to, c);
    return;
  }
  cf32 values[N];
  store_c<N>(values, c);
  for (int i = 0; i < n; ++i) {
    to[i] = values[i];
  }
}

/// Two interleaved runs of N complex numbers: elements 0, 2, 4... and 1, 3, 5...
template <int N>
struct lanes_pairs {
  lanes_c<N> even;
  lanes_c<N> odd;
};
template <int N>
PADO_HD inline lanes_pairs<N> load_pairs(const cf32* from)
{
  if constexpr (N == 1) {
    return {{from[0].re, from[0].im}, {from[1].re, from[1].im}};
  } else {
    const lanes_c<N> low = load_c<N>(from);
    const lanes_c<N> high = load_c<N>(from + N);
    lanes_pairs<N> p;
    split(low.re, high.re, p.even.re, p.odd.re);
    split(low.im, high.im, p.even.im, p.odd.im);
    return p;
  }
}
/// The first n pairs; the others are zero.
template <int N>
PADO_HD inline lanes_pairs<N> load_pairs(const cf32* from, int n)
{
  if (n >= N) {
    return load_pairs<N>(from);
  }
  cf32 values[2 * N] = {};
  for (int i = 0; i < 2 * n; ++i) {
    values[i] = from[i];
  }
  return load_pairs<N>(values);
}
template <int N>
PADO_HD inline void store_pairs(cf32* to, const lanes_pairs<N>& p)
{
  if constexpr (N == 1) {
    to[0] = {p.even.re, p.even.im};
    to[1] = {p.odd.re, p.odd.im};
  } else {
    lanes_c<N> low;
    lanes_c<N> high;
    weave(p.even.re, p.odd.re, low.re, high.re);
    weave(p.even.im, p.odd.im, low.im, high.im);
    store_c<N>(to, low);
    store_c<N>(to + N, high);
  }
}

/// exp(2 pi j (start + step i)) in lane i, the angle in turns. Sine by its series to x^11: 6e-8.
template <int N>
PADO_HD inline lanes_c<N> phasors(double start_turns, float step_turns)
{
  const auto start = static_cast<float>(start_turns - floor(start_turns));
  lanes_f<N> u = start + step_turns * ramp<N>();
  u -= nearest<N>(u);
  const lanes_f<N> folded = u > 0.25F ? 0.5F - u : (u < -0.25F ? -0.5F - u : u);
  const lanes_f<N> arguments[2] = {0.25F - magnitude<N>(u), folded};
  lanes_f<N> value[2];
  for (int i = 0; i < 2; ++i) {
    const lanes_f<N> x = 6.2831853F * arguments[i];
    const lanes_f<N> s = x * x;
    value[i] =
        x *
        (1.0F + s * (-1.6666667e-1F +
                     s * (8.3333333e-3F + s * (-1.9841270e-4F + s * (2.7557319e-6F + s * -2.5052108e-8F)))));
  }
  return {value[0], value[1]};
}

} // namespace pado::phy
