// SPDX-License-Identifier: Apache-2.0
// Folding by carry-less multiplication: 16 bytes a step where the tables take 8 lookups for 8 bytes.
// (bench/ldpc_bench).
#include "phy/crc/crc_tables.h"
#include <cassert>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pado::phy::table_data {

#if defined(__x86_64__)

namespace {

[[gnu::target("pclmul,ssse3,sse4.1")]] inline __m128i load_swapped(const std::uint8_t* data)
{
  const __m128i reverse = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(data)), reverse);
}

// The accumulator moved up by the distance that the two constants stand for, plus the data found there.
[[gnu::target("pclmul,ssse3,sse4.1")]] inline __m128i fold(__m128i acc, __m128i constants, __m128i data)
{
  const __m128i high = _mm_clmulepi64_si128(acc, constants, 0x11);
  const __m128i low = _mm_clmulepi64_si128(acc, constants, 0x00);
  return _mm_xor_si128(_mm_xor_si128(high, low), data);
}

} // namespace

bool has_clmul()
{
  return __builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("ssse3") != 0;
}

[[gnu::target("pclmul,ssse3,sse4.1")]] std::uint32_t
crc_fold(const crc_table& table, std::uint32_t r, const std::uint8_t* data, std::size_t n)
{
  assert(n >= 16 && n % 16 == 0);
  const __m128i by_512 =
      _mm_set_epi64x(static_cast<long long>(table.fold[0]), static_cast<long long>(table.fold[1]));
  const __m128i by_128 =
      _mm_set_epi64x(static_cast<long long>(table.fold[2]), static_cast<long long>(table.fold[3]));
  const __m128i start = _mm_set_epi32(static_cast<int>(r), 0, 0, 0);
  __m128i acc = _mm_xor_si128(load_swapped(data), start);
  if (n >= 128) {
    __m128i b = load_swapped(data + 16);
    __m128i c = load_swapped(data + 32);
    __m128i d = load_swapped(data + 48);
    for (data += 64, n -= 64; n >= 64; data += 64, n -= 64) {
      acc = fold(acc, by_512, load_swapped(data));
      b = fold(b, by_512, load_swapped(data + 16));
      c = fold(c, by_512, load_swapped(data + 32));
      d = fold(d, by_512, load_swapped(data + 48));
    }
    acc = fold(fold(fold(acc, by_128, b), by_128, c), by_128, d);
  } else {
    data += 16;
    n -= 16;
  }
  for (; n > 0; data += 16, n -= 16) {
    acc = fold(acc, by_128, load_swapped(data));
  }
  alignas(16) std::uint8_t rest[16];
  const __m128i reverse = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  _mm_store_si128(reinterpret_cast<__m128i*>(rest), _mm_shuffle_epi8(acc, reverse));
  return crc_slices(table, 0, rest, 16);
}

#else

bool has_clmul()
{
  return false;
}

std::uint32_t crc_fold(const crc_table& table, std::uint32_t r, const std::uint8_t* data, std::size_t n)
{
  return crc_slices(table, r, data, n);
}

#endif

} // namespace pado::phy::table_data
