// SPDX-License-Identifier: Apache-2.0
#include "phy/ldpc_decode/ldpc_kernel.h"
#include <immintrin.h>

namespace pado::phy {

namespace {

/// 64 lanes of int8.
struct lanes_512 {
  static constexpr std::int32_t bytes = 64;
  using reg = __m512i;
  using mask = std::uint64_t;

  static reg load(const std::int8_t* p) { return _mm512_loadu_si512(p); }
  static void store(std::int8_t* p, reg v) { _mm512_store_si512(p, v); }
  static void store_anywhere(std::int8_t* p, reg v) { _mm512_storeu_si512(p, v); }
  static reg all(int value) { return _mm512_set1_epi8(static_cast<char>(value)); }
  static reg add(reg a, reg b) { return _mm512_adds_epi8(a, b); }
  static reg subtract(reg a, reg b) { return _mm512_subs_epi8(a, b); }
  static reg magnitude(reg a) { return _mm512_abs_epi8(a); } // of -128: 128 without sign
  static reg min(reg a, reg b) { return _mm512_min_epu8(a, b); }
  static reg max(reg a, reg b) { return _mm512_max_epu8(a, b); }
  static reg exclusive_or(reg a, reg b) { return _mm512_xor_si512(a, b); }
  static reg mean(reg a, reg b) { return _mm512_avg_epu8(a, b); } // rounded up
  static reg subtract_unsigned(reg a, reg b) { return _mm512_subs_epu8(a, b); }
  static reg where_equal(reg a, reg b, reg equal, reg other)
  {
    return _mm512_mask_mov_epi8(other, _mm512_cmpeq_epi8_mask(a, b), equal);
  }
  static reg negate_where_negative(reg m, reg sign)
  {
    return _mm512_mask_sub_epi8(m, _mm512_movepi8_mask(sign), _mm512_setzero_si512(), m);
  }
  static mask first_lanes(std::int32_t n) { return n >= 64 ? ~mask{0} : (mask{1} << n) - 1; }
  static mask zero_lanes(reg v) { return _mm512_testn_epi8_mask(v, v); }
  /// Bits in the order of a byte stream: lane 0 is the MSB of byte 0.
  static mask negative_lanes_msb_first(reg v)
  {
    // Not the plain broadcast: GCC 12 takes its undefined source for a mistake of ours.
    const __m128i reverse = _mm_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    const reg order = _mm512_maskz_broadcast_i32x4(0xFFFF, reverse);
    return _mm512_movepi8_mask(_mm512_shuffle_epi8(v, order));
  }
  static void store_bits(std::uint8_t* p, mask bits) { __builtin_memcpy(p, &bits, sizeof bits); }
};

} // namespace

const ldpc_kernel& ldpc_kernel_avx512()
{
  static constexpr ldpc_kernel kernel{
      lanes_512::bytes, &kernel::ldpc_iterate<lanes_512>, &kernel::ldpc_decide<lanes_512>};
  return kernel;
}

} // namespace pado::phy
