// SPDX-License-Identifier: Apache-2.0
#include "phy/ldpc_decode/ldpc_kernel.h"
#include <immintrin.h>

namespace pado::phy {

namespace {

/// 32 lanes of int8.
struct lanes_256 {
  static constexpr std::int32_t bytes = 32;
  using reg = __m256i;
  using mask = std::uint32_t;

  static reg load(const std::int8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static void store(std::int8_t* p, reg v) { _mm256_store_si256(reinterpret_cast<__m256i*>(p), v); }
  static void store_anywhere(std::int8_t* p, reg v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static reg all(int value) { return _mm256_set1_epi8(static_cast<char>(value)); }
  static reg add(reg a, reg b) { return _mm256_adds_epi8(a, b); }
  static reg subtract(reg a, reg b) { return _mm256_subs_epi8(a, b); }
  static reg magnitude(reg a) { return _mm256_abs_epi8(a); } // of -128: 128 without sign
  static reg min(reg a, reg b) { return _mm256_min_epu8(a, b); }
  static reg max(reg a, reg b) { return _mm256_max_epu8(a, b); }
  static reg exclusive_or(reg a, reg b) { return _mm256_xor_si256(a, b); }
  static reg mean(reg a, reg b) { return _mm256_avg_epu8(a, b); } // rounded up
  static reg subtract_unsigned(reg a, reg b) { return _mm256_subs_epu8(a, b); }
  static reg where_equal(reg a, reg b, reg equal, reg other)
  {
    return _mm256_blendv_epi8(other, equal, _mm256_cmpeq_epi8(a, b));
  }
  /// The instruction zeroes where the sign's byte is 0, so bit 0 is set.
  static reg negate_where_negative(reg m, reg sign)
  {
    return _mm256_sign_epi8(m, _mm256_or_si256(sign, _mm256_set1_epi8(1)));
  }
  static mask first_lanes(std::int32_t n) { return n >= 32 ? ~mask{0} : (mask{1} << n) - 1; }
  static mask zero_lanes(reg v)
  {
    return static_cast<mask>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_setzero_si256())));
  }
  /// Bits in the order of a byte stream: lane 0 is the MSB of byte 0.
  static mask negative_lanes_msb_first(reg v)
  {
    const reg order =
        _mm256_broadcastsi128_si256(_mm_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    return static_cast<mask>(_mm256_movemask_epi8(_mm256_shuffle_epi8(v, order)));
  }
  static void store_bits(std::uint8_t* p, mask bits) { __builtin_memcpy(p, &bits, sizeof bits); }
};

} // namespace

const ldpc_kernel& ldpc_kernel_avx2()
{
  static constexpr ldpc_kernel kernel{
      lanes_256::bytes, &kernel::ldpc_iterate<lanes_256>, &kernel::ldpc_decide<lanes_256>};
  return kernel;
}

} // namespace pado::phy
