// SPDX-License-Identifier: Apache-2.0
#include "phy/rate_dematch/dematch_kernel.h"
#include <immintrin.h>

namespace pado::phy {

namespace {

/// Where bit i of 64 symbols lies in their Q vectors: byte j Q + i, so one byte permutation serves all Q
/// vectors, and vector s gives the lanes whose byte lies in it.
template <int Q>
struct gather_table {
  alignas(64) std::uint8_t order[Q][64] = {};
  std::uint64_t lanes[Q][Q] = {};

  constexpr gather_table()
  {
    for (int i = 0; i < Q; ++i) {
      for (int j = 0; j < 64; ++j) {
        order[i][j] = static_cast<std::uint8_t>((j * Q + i) % 64);
        lanes[i][(j * Q + i) / 64] |= std::uint64_t{1} << j;
      }
    }
  }
};

template <int Q>
constexpr gather_table<Q> table;

std::uint64_t first_lanes(std::int32_t n)
{
  return n >= 64 ? ~std::uint64_t{0} : n <= 0 ? 0 : (std::uint64_t{1} << n) - 1;
}

template <int Q>
void gather_of(const std::int8_t* in, std::int32_t i, std::int32_t n, std::int8_t* out)
{
  const __m512i order = _mm512_load_si512(table<Q>.order[i]);
  const std::uint64_t* lanes = table<Q>.lanes[i];
  std::int32_t j = 0;
  for (; j + 64 <= n; j += 64, in += 64 * Q) {
    __m512i x = _mm512_maskz_permutexvar_epi8(lanes[0], order, _mm512_loadu_si512(in));
    for (int s = 1; s < Q; ++s) {
      x = _mm512_mask_permutexvar_epi8(x, lanes[s], order, _mm512_loadu_si512(in + 64 * s));
    }
    _mm512_storeu_si512(out + j, x);
  }
  if (j < n) {
    __m512i x = _mm512_setzero_si512();
    for (int s = 0; s < Q; ++s) {
      const std::uint64_t valid = first_lanes((n - j) * Q - 64 * s);
      x = _mm512_mask_permutexvar_epi8(x, lanes[s], order, _mm512_maskz_loadu_epi8(valid, in + 64 * s));
    }
    _mm512_storeu_si512(out + j, x);
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
  for (; k + 64 <= n; k += 64) {
    _mm512_storeu_si512(sum + k, _mm512_adds_epi8(_mm512_loadu_si512(sum + k), _mm512_loadu_si512(x + k)));
  }
  const std::uint64_t valid = first_lanes(n - k);
  const __m512i rest =
      _mm512_adds_epi8(_mm512_maskz_loadu_epi8(valid, sum + k), _mm512_maskz_loadu_epi8(valid, x + k));
  _mm512_mask_storeu_epi8(sum + k, valid, rest);
}

} // namespace

const dematch_kernel& dematch_kernel_avx512()
{
  static constexpr dematch_kernel kernel{&gather, &add};
  return kernel;
}

} // namespace pado::phy
