// SPDX-License-Identifier: Apache-2.0
#include "phy/rate_dematch/dematch_kernel.h"
#include <immintrin.h>

namespace pado::phy {

namespace {

/// Where bit i of 16 symbols lies in their Q vectors of 16 bytes: 0x80 makes the byte shuffle write 0.
template <int Q>
struct gather_table {
  alignas(16) std::uint8_t order[Q][Q][16] = {};

  constexpr gather_table()
  {
    for (int i = 0; i < Q; ++i) {
      for (int s = 0; s < Q; ++s) {
        for (int j = 0; j < 16; ++j) {
          const int byte = j * Q + i;
          order[i][s][j] = static_cast<std::uint8_t>(byte / 16 == s ? byte % 16 : 0x80);
        }
      }
    }
  }
};

template <int Q>
constexpr gather_table<Q> table;

template <int Q>
void gather_of(const std::int8_t* in, std::int32_t i, std::int32_t n, std::int8_t* out)
{
  const auto* order = reinterpret_cast<const __m128i*>(table<Q>.order[i][0]);
  std::int32_t j = 0;
  for (; j + 16 <= n; j += 16, in += 16 * Q) {
    const auto* from = reinterpret_cast<const __m128i*>(in);
    __m128i x = _mm_shuffle_epi8(_mm_loadu_si128(from), _mm_load_si128(order));
    for (int s = 1; s < Q; ++s) {
      x = _mm_or_si128(x, _mm_shuffle_epi8(_mm_loadu_si128(from + s), _mm_load_si128(order + s)));
    }
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + j), x);
  }
  for (; j < n; ++j, in += Q) {
    out[j] = in[i];
  }
}

void gather(
    const std::int8_t* in, std::int32_t qam_mod_order, std::int32_t i, std::int32_t n, std::int8_t* out)
{
  switch (qam_mod_order) {
  case 1:
    return gather_of<1>(in, i, n, out);
  case 2:
    return gather_of<2>(in, i, n, out);
  case 4:
    return gather_of<4>(in, i, n, out);
  case 6:
    return gather_of<6>(in, i, n, out);
  default:
    return gather_of<8>(in, i, n, out);
  }
}

void add(std::int8_t* sum, const std::int8_t* x, std::int32_t n)
{
  std::int32_t k = 0;
  for (; k + 32 <= n; k += 32) {
    auto* at = reinterpret_cast<__m256i*>(sum + k);
    const __m256i more = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + k));
    _mm256_storeu_si256(at, _mm256_adds_epi8(_mm256_loadu_si256(at), more));
  }
  for (; k < n; ++k) {
    const int total = sum[k] + x[k];
    sum[k] = static_cast<std::int8_t>(total < -128 ? -128 : total > 127 ? 127 : total);
  }
}

} // namespace

const dematch_kernel& dematch_kernel_avx2()
{
  static constexpr dematch_kernel kernel{&gather, &add};
  return kernel;
}

} // namespace pado::phy
