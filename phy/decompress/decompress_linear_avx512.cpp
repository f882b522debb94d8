// SPDX-License-Identifier: Apache-2.0
#include "phy/decompress/decompress_linear.h"
#include <algorithm>
#include <array>
#include <immintrin.h>

namespace pado::phy {

namespace {

constexpr int nof_codes = 24; ///< of a PRB

/// Where the three bytes of each code of a PRB lie, most significant first, and the bits before the code. The
/// first 8 codes are there twice, so that 16 entries from code 16 on serve a vector that goes over into the
/// next PRB.
struct alignas(64) gather {
  std::array<std::uint8_t, 4 * (nof_codes + 8)> byte;
  std::array<std::int32_t, nof_codes + 8> shift;
};

constexpr gather make_gather(int width)
{
  gather g{};
  for (int i = 0; i < nof_codes + 8; ++i) {
    const int bit = width * (i % nof_codes);
    for (int b = 0; b < 4; ++b) {
      g.byte[4 * i + 3 - b] = static_cast<std::uint8_t>(bit / 8 + b); // the last one is masked out
    }
    g.shift[i] = bit % 8;
  }
  return g;
}

constexpr auto gathers = [] {
  std::array<gather, 17> all{};
  for (int width = 1; width <= 16; ++width) {
    all[width] = make_gather(width);
  }
  return all;
}();

/// Sixteen codes of a PRB from code `first` on.
struct part {
  __m512i byte, shift;

  part(const gather& g, int first)
      : byte(_mm512_loadu_si512(g.byte.data() + 4 * first)), shift(_mm512_loadu_si512(g.shift.data() + first))
  {
  }
};

template <bool CanOverflow>
__m256i expand(__m512i words, const part& p, __m512i mask, __m512 unit)
{
  const __m512i top = _mm512_and_si512(_mm512_sllv_epi32(words, p.shift), mask);
  __m512 value = _mm512_mul_ps(_mm512_cvtepi32_ps(top), unit);
  if constexpr (CanOverflow) {
    value = _mm512_min_ps(value, _mm512_set1_ps(body::largest_half));
    value = _mm512_max_ps(value, _mm512_set1_ps(-body::largest_half));
  }
  return _mm512_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT);
}

struct constants {
  part head;   // codes 0 to 15
  part middle; // codes 16 to 23, then 0 to 7 of the next PRB
  part tail;   // codes 8 to 23
  __m512i mask;
};

struct source {
  __m512i bytes;
  __m512 unit;
};

void store(ch16* at, __m256i value)
{
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), value);
}

template <bool CanOverflow>
void expand_pair(const constants& c, const source& a, const source& b, ch16* out)
{
  const __m512i of_both = _mm512_mask_permutexvar_epi8(
      _mm512_permutexvar_epi8(c.middle.byte, a.bytes), 0xffffffff00000000, c.middle.byte, b.bytes);
  const __m512 unit_of_both = _mm512_mask_blend_ps(0xff00, a.unit, b.unit);
  store(out, expand<CanOverflow>(_mm512_permutexvar_epi8(c.head.byte, a.bytes), c.head, c.mask, a.unit));
  store(out + 8, expand<CanOverflow>(of_both, c.middle, c.mask, unit_of_both));
  store(out + 16, expand<CanOverflow>(_mm512_permutexvar_epi8(c.tail.byte, b.bytes), c.tail, c.mask, b.unit));
}

} // namespace

void decompress_linear_avx512(const linear_prbs& in, ch16* out) noexcept
{
  const gather& g = gathers[in.format.width];
  const int code_mask = static_cast<int>(~(0xffffffffU >> in.format.width));
  const constants c{part(g, 0), part(g, 16), part(g, 8), _mm512_set1_epi32(code_mask)};
  const __mmask64 prb_mask =
      ~std::uint64_t{0} >> (64 - 3 * in.format.width); // loads touch no byte behind the PRB
  const std::byte* prb = in.bytes.data();
  const auto parameter_of = [&](const std::byte* begin) {
    return std::to_integer<int>(begin[0]) & in.parameter_mask;
  };
  const auto whole = [&](const std::byte* begin, int parameter) {
    return source{_mm512_loadu_si512(begin + in.format.parameter_bytes), _mm512_set1_ps(in.unit[parameter])};
  };
  const auto masked = [&](const std::byte* begin, int parameter) {
    return source{_mm512_maskz_loadu_epi8(prb_mask, begin + in.format.parameter_bytes),
                  _mm512_set1_ps(in.unit[parameter])};
  };
  int i = 0;
  const auto expand_pairs = [&](const auto& load, int end) {
    for (; i + 2 <= end; i += 2, prb += 2 * in.format.prb_bytes, out += 2 * nof_subcarriers_per_prb) {
      const std::byte* next = prb + in.format.prb_bytes;
      const int of_a = parameter_of(prb);
      const int of_b = parameter_of(next);
      // Saturating always would cost a quarter more; real exponents never get there, so the branch is
      // predicted.
      if (of_a > in.largest_safe || of_b > in.largest_safe) {
        expand_pair<true>(c, load(prb, of_a), load(next, of_b), out);
      } else {
        expand_pair<false>(c, load(prb, of_a), load(next, of_b), out);
      }
    }
  };
  // Masked loads cost a twelfth of the time: only PRBs less than 65 bytes before the end of the memory have
  // them.
  const auto nof_bytes = static_cast<std::ptrdiff_t>(in.bytes.size());
  const std::ptrdiff_t nof_whole = nof_bytes < 65 ? 0 : (nof_bytes - 65) / in.format.prb_bytes + 1;
  expand_pairs(whole, static_cast<int>(std::min<std::ptrdiff_t>(nof_whole, in.nof_prb)));
  expand_pairs(masked, in.nof_prb);
  if (i < in.nof_prb) {
    std::array<ch16, 2 * nof_subcarriers_per_prb> both;
    const source last = masked(prb, parameter_of(prb));
    expand_pair<true>(c, last, last, both.data());
    std::copy_n(both.begin(), nof_subcarriers_per_prb, out);
  }
}

} // namespace pado::phy
