// SPDX-License-Identifier: Apache-2.0
#include "phy/ofdm/ofdm_map.h"
#include <immintrin.h>

namespace pado::phy {

namespace {

/// Four complex products.
__m256 multiply(__m256 a, __m256 b)
{
  const __m256 swapped = _mm256_permute_ps(b, 0b10110001);
  return _mm256_fmaddsub_ps(_mm256_moveldup_ps(a), b, _mm256_mul_ps(_mm256_movehdup_ps(a), swapped));
}

} // namespace

// The compiler makes no vector conversion out of the body's scalar one.
void ofdm_map_run(
    cf32 symbol_factor, const cf32* bins, const cf32* factor, std::int32_t n, ch16* out) noexcept
{
  const __m256 phase = _mm256_setr_ps(symbol_factor.re,
                                      symbol_factor.im,
                                      symbol_factor.re,
                                      symbol_factor.im,
                                      symbol_factor.re,
                                      symbol_factor.im,
                                      symbol_factor.re,
                                      symbol_factor.im);
  std::int32_t k = 0;
  for (; k + 4 <= n; k += 4) {
    const __m256 total = multiply(phase, _mm256_loadu_ps(&factor[k].re));
    const __m256 value = multiply(_mm256_loadu_ps(&bins[k].re), total);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + k), _mm256_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT));
  }
  for (; k < n; ++k) {
    out[k] = to_ch16(bins[k] * (factor[k] * symbol_factor));
  }
}

} // namespace pado::phy
