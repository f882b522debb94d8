// SPDX-License-Identifier: Apache-2.0
#include "phy/decompress/decompress_linear.h"
#include <algorithm>
#include <array>
#include <immintrin.h>

namespace pado::phy {

namespace {

constexpr int nof_codes = 24; ///< of a PRB

/// Where the bytes of each code of a PRB lie: a lane of 16 bits takes the two that the code begins in,
/// another vector the one behind them, and the shift brings the code to the top. Lanes 24 to 31 are not used.
struct alignas(64) gather {
  std::array<std::uint8_t, 64> first;
  std::array<std::uint8_t, 64> behind;
  std::array<std::uint16_t, 32> shift;
};

constexpr gather make_gather(int width)
{
  gather g{};
  for (int i = 0; i < nof_codes; ++i) {
    const int bit = width * i;
    g.first[2 * i + 1] = static_cast<std::uint8_t>(bit / 8);
    g.first[2 * i] = static_cast<std::uint8_t>(bit / 8 + 1);
    g.behind[2 * i + 1] = static_cast<std::uint8_t>(bit / 8 + 2);
    g.shift[i] = static_cast<std::uint16_t>(bit % 8);
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

struct constants {
  __m512i first, behind, shift;
  __m128i down; ///< from the top of a lane to its bottom, with the sign

  explicit constants(int width)
      : first(_mm512_load_si512(gathers[width].first.data())),
        behind(_mm512_load_si512(gathers[width].behind.data())),
        shift(_mm512_load_si512(gathers[width].shift.data())), down(_mm_cvtsi32_si128(16 - width))
  {
  }
};

/// A code of at most 9 bits lies in two bytes wherever it begins.
template <bool IsInTwoBytes, bool CanOverflow>
__m512i expand(const constants& c, __m512i bytes, __m512h unit)
{
  __m512i codes = _mm512_permutexvar_epi8(c.first, bytes);
  if constexpr (IsInTwoBytes) {
    codes = _mm512_sllv_epi16(codes, c.shift);
  } else {
    // Lane by lane: the codes' bytes, continued by the bytes behind them, moved up.
    const __m512i behind = _mm512_permutexvar_epi8(c.behind, bytes);
    codes = _mm512_or_si512(_mm512_sllv_epi16(codes, c.shift),
                            _mm512_srlv_epi16(behind, _mm512_sub_epi16(_mm512_set1_epi16(16), c.shift)));
  }
  __m512h value = _mm512_mul_ph(_mm512_cvtepi16_ph(_mm512_sra_epi16(codes, c.down)), unit);
  if constexpr (CanOverflow) {
    const __m512h largest = _mm512_castsi512_ph(_mm512_set1_epi16(0x7bff));
    value = _mm512_max_ph(_mm512_min_ph(value, largest), _mm512_sub_ph(_mm512_setzero_ph(), largest));
  }
  return _mm512_castph_si512(value);
}

/// Units of the codes as whole numbers: powers of two that a half holds.
struct half_units {
  std::array<std::uint16_t, 16> unit;

  explicit half_units(const linear_prbs& in)
  {
    const float to_whole = body::power_of_two(32 - in.format.width);
    for (int parameter = 0; parameter <= in.parameter_mask; ++parameter) {
      unit[parameter] = _cvtss_sh(in.unit[parameter] * to_whole, _MM_FROUND_TO_NEAREST_INT);
    }
  }
};

template <bool IsInTwoBytes>
void expand_all(const linear_prbs& in, ch16* out)
{
  const constants c(in.format.width);
  const half_units units(in);
  const std::byte* prb = in.bytes.data();
  const __mmask64 prb_mask =
      ~std::uint64_t{0} >> (64 - 3 * in.format.width); // loads touch no byte behind the PRB
  constexpr __mmask32 lanes_of_prb = 0x00ffffff;
  const auto expand_prb = [&](__m512i bytes, const std::byte* begin) {
    const int parameter = std::to_integer<int>(begin[0]) & in.parameter_mask;
    const __m512h unit = _mm512_castsi512_ph(_mm512_set1_epi16(static_cast<short>(units.unit[parameter])));
    // Real exponents never get there, so the branch is predicted.
    return parameter > in.largest_safe ? expand<IsInTwoBytes, true>(c, bytes, unit)
                                       : expand<IsInTwoBytes, false>(c, bytes, unit);
  };
  const auto nof_bytes = static_cast<std::ptrdiff_t>(in.bytes.size());
  const std::ptrdiff_t nof_whole = nof_bytes < 65 ? 0 : (nof_bytes - 65) / in.format.prb_bytes + 1;
  // Whole stores: what goes beyond a PRB is overwritten by the next one, so the last PRB is not among them.
  const int end = static_cast<int>(std::min<std::ptrdiff_t>(nof_whole, in.nof_prb - 1));
  int i = 0;
  for (; i < end; ++i, prb += in.format.prb_bytes, out += nof_subcarriers_per_prb) {
    _mm512_storeu_si512(out, expand_prb(_mm512_loadu_si512(prb + in.format.parameter_bytes), prb));
  }
  for (; i < in.nof_prb; ++i, prb += in.format.prb_bytes, out += nof_subcarriers_per_prb) {
    _mm512_mask_storeu_epi16(
        out,
        lanes_of_prb,
        expand_prb(_mm512_maskz_loadu_epi8(prb_mask, prb + in.format.parameter_bytes), prb));
  }
}

} // namespace

void decompress_linear_avx512fp16(const linear_prbs& in, ch16* out) noexcept
{
  if (in.format.width <= 9) {
    expand_all<true>(in, out);
  } else {
    expand_all<false>(in, out);
  }
}

} // namespace pado::phy
