// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include <cstdint>
#include <cstring>
#if !defined(__CUDACC__) && defined(__AVX2__)
#include <immintrin.h>
#endif

namespace pado::phy::body {

/// Turns the sign of the soft bits [first, first + count) whose scrambling bit is 1, one by one. No branch:
/// the bits are random, and mispredicting them costs more than all the rest.
PADO_HD inline void
descramble_few(std::int8_t* llr, const std::uint32_t* words, std::int32_t first, std::int32_t count)
{
  for (std::int32_t i = first; i < first + count; ++i) {
    const std::int32_t flip = -static_cast<std::int32_t>((words[i / 32] >> (i % 32)) & 1U);
    llr[i] = static_cast<std::int8_t>((llr[i] ^ flip) - flip);
  }
}

#if !defined(__CUDACC__) && defined(__AVX2__)
/// 32 scrambling bits from `bit` on; no word behind that of bit `last` is read.
inline std::uint32_t scrambling_word(const std::uint32_t* words, std::int32_t bit, std::int32_t last)
{
  const std::int32_t next = bit / 32 + 1 <= last / 32 ? bit / 32 + 1 : last / 32;
  const std::uint64_t both = (static_cast<std::uint64_t>(words[next]) << 32) | words[bit / 32];
  return static_cast<std::uint32_t>(both >> (bit % 32));
}

/// The same as descramble_few(), 32 soft bits at a time.
inline void descramble(std::int8_t* llr, const std::uint32_t* words, std::int32_t first, std::int32_t count)
{
  const std::int32_t last = first + count - 1;
  std::int32_t i = first;
  for (; i + 31 <= last; i += 32) {
    auto* at = reinterpret_cast<__m256i*>(llr + i);
    const __m256i value = _mm256_loadu_si256(at);
    // Each byte gets the byte of the word that holds its bit, then looks at that bit alone.
    const __m256i word = _mm256_set1_epi32(static_cast<int>(scrambling_word(words, i, last)));
    const __m256i place = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201ULL));
    const __m256i flip = _mm256_cmpeq_epi8(_mm256_and_si256(_mm256_shuffle_epi8(word, place), bit), bit);
    _mm256_storeu_si256(at, _mm256_sub_epi8(_mm256_xor_si256(value, flip), flip));
  }
  descramble_few(llr, words, i, last + 1 - i);
}
#else
PADO_HD inline void
descramble(std::int8_t* llr, const std::uint32_t* words, std::int32_t first, std::int32_t count)
{
  descramble_few(llr, words, first, count);
}
#endif

} // namespace pado::phy::body
