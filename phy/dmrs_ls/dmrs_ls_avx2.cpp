// SPDX-License-Identifier: Apache-2.0
#include "phy/dmrs_ls/dmrs_ls_vector.h"
#include <immintrin.h>

namespace pado::phy {

namespace {

/// Eight floats, of pilots p to p + 3: sign and scale of a task, and where the pilots' bits go.
struct constants {
  __m256 scale;      ///< of each pilot's two parts
  __m256i real_bit;  ///< left shifts that bring c(2 p) into the sign bit, on both parts
  __m256i imag_bit;  ///< the same for c(2 p + 1)
  __m256 minus_imag; ///< sign bit on the imaginary parts
};

constants make_constants(const dmrs_ls_task& task)
{
  const float even = 0.70710678F / task.amplitude;
  const float odd = even * task.second_sign;
  return {_mm256_setr_ps(even, even, odd, odd, even, even, odd, odd),
          _mm256_setr_epi32(31, 31, 29, 29, 27, 27, 25, 25),
          _mm256_setr_epi32(30, 30, 28, 28, 26, 26, 24, 24),
          _mm256_setr_ps(0.0F, -0.0F, 0.0F, -0.0F, 0.0F, -0.0F, 0.0F, -0.0F)};
}

/// y conj(r) of four pilots: r is (+-1 +-j) / sqrt 2, so the products are sign changes.
__m256 estimate(const constants& c, __m128i halves, std::uint32_t bits)
{
  const __m256i sign_bit = _mm256_set1_epi32(INT32_MIN);
  const __m256i all_bits = _mm256_set1_epi32(static_cast<int>(bits));
  const __m256i real_sign = _mm256_and_si256(_mm256_sllv_epi32(all_bits, c.real_bit), sign_bit);
  const __m256i imag_sign = _mm256_and_si256(_mm256_sllv_epi32(all_bits, c.imag_bit), sign_bit);
  const __m256 y = _mm256_cvtph_ps(halves);
  const __m256 swapped = _mm256_permute_ps(y, 0b10110001);
  const __m256 by_real = _mm256_xor_ps(y, _mm256_castsi256_ps(real_sign));
  const __m256 by_imag = _mm256_xor_ps(_mm256_xor_ps(swapped, _mm256_castsi256_ps(imag_sign)), c.minus_imag);
  return _mm256_mul_ps(c.scale, _mm256_add_ps(by_real, by_imag));
}

/// REs delta, delta + 2, ... of 4 and of 8 REs that begin at a comb of delta 0: no RE beside the allocation
/// is read.
__m128i every_second_of_8(const ch16* res, int delta)
{
  const __m256i both = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(res));
  const __m256i comb = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);
  return _mm256_castsi256_si128(
      _mm256_permutevar8x32_epi32(both, _mm256_add_epi32(comb, _mm256_set1_epi32(delta))));
}
__m128i every_second_of_4(const ch16* res, int delta)
{
  const __m128i both = _mm_loadu_si128(reinterpret_cast<const __m128i*>(res));
  return delta == 0 ? _mm_shuffle_epi32(both, 0b10001000) : _mm_shuffle_epi32(both, 0b11011101);
}

} // namespace

void dmrs_ls_row(const dmrs_ls_task& task, const std::uint32_t* words, const ch16* res, cf32* h) noexcept
{
  const constants c = make_constants(task);
  const int nof_pilots = 6 * task.prbs.size();
  int p = 0;
  for (; p + 4 <= nof_pilots; p += 4) {
    const std::uint32_t bits = words[p / 16] >> (2 * (p % 16));
    _mm256_storeu_ps(&h[p].re, estimate(c, every_second_of_8(res + 2 * p, task.delta), bits));
  }
  if (p < nof_pilots) { // two are left when the number of PRBs is odd
    const std::uint32_t bits = words[p / 16] >> (2 * (p % 16));
    const __m256 last = estimate(c, every_second_of_4(res + 2 * p, task.delta), bits);
    _mm_storeu_ps(&h[p].re, _mm256_castps256_ps128(last));
  }
}

} // namespace pado::phy
