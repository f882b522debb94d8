// SPDX-License-Identifier: Apache-2.0
#include "phy/decompress/decompress_linear.h"
#include <array>
#include <cstring>
#include <immintrin.h>

namespace pado::phy {

namespace {

constexpr int group = 8; ///< 8 codes fill `width` bytes, so every third of a PRB begins on a byte

/// Where the three bytes of each code of a group lie, most significant first, and the bits before the code.
struct alignas(32) gather {
  std::array<std::uint8_t, 4 * group> byte;
  std::array<std::int32_t, group> shift;
};

constexpr gather make_gather(int width)
{
  gather g{};
  for (int i = 0; i < group; ++i) {
    const int begin = width * i / 8;
    for (int b = 0; b < 3; ++b) {
      g.byte[4 * i + 3 - b] =
          static_cast<std::uint8_t>(begin + b < 16 ? begin + b : 0x80); // 0x80 gives a zero byte
    }
    g.byte[4 * i] = 0x80;
    g.shift[i] = width * i % 8;
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
  __m256i byte, shift, mask;
};

template <bool CanOverflow>
void expand_group(const constants& c, const std::byte* codes, __m256 unit, ch16* out)
{
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes));
  const __m256i words = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), c.byte);
  const __m256i top = _mm256_and_si256(_mm256_sllv_epi32(words, c.shift), c.mask);
  __m256 value = _mm256_mul_ps(_mm256_cvtepi32_ps(top), unit);
  if constexpr (CanOverflow) {
    value = _mm256_min_ps(value, _mm256_set1_ps(body::largest_half));
    value = _mm256_max_ps(value, _mm256_set1_ps(-body::largest_half));
  }
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT));
}

void expand_prb(const constants& c, const linear_prbs& in, const std::byte* prb, ch16* out)
{
  const int parameter = std::to_integer<int>(prb[0]) & in.parameter_mask;
  const __m256 unit = _mm256_broadcast_ss(in.unit + parameter);
  const std::byte* codes = prb + in.format.parameter_bytes;
  // Saturating always would cost a quarter more; real exponents never get there, so the branch is predicted.
  const bool can_overflow = parameter > in.largest_safe;
  for (int g = 0; g < 3; ++g) {
    const std::byte* at = codes + g * in.format.width;
    ch16* to = out + g * group / 2;
    can_overflow ? expand_group<true>(c, at, unit, to) : expand_group<false>(c, at, unit, to);
  }
}

} // namespace

void decompress_linear_avx2(const linear_prbs& in, ch16* out) noexcept
{
  const gather& g = gathers[in.format.width];
  const constants c{_mm256_load_si256(reinterpret_cast<const __m256i*>(g.byte.data())),
                    _mm256_load_si256(reinterpret_cast<const __m256i*>(g.shift.data())),
                    _mm256_set1_epi32(static_cast<int>(~(0xffffffffU >> in.format.width)))};
  // The loads take 16 bytes, of which a group fills `width`: PRBs near the end of the memory are copied
  // first.
  const std::ptrdiff_t reach = in.format.parameter_bytes + 2 * in.format.width + 16;
  const std::byte* end = in.bytes.data() + in.bytes.size();
  const std::byte* prb = in.bytes.data();
  int i = 0;
  for (; i < in.nof_prb && end - prb >= reach; ++i, prb += in.format.prb_bytes) {
    expand_prb(c, in, prb, out + nof_subcarriers_per_prb * i);
  }
  for (; i < in.nof_prb; ++i, prb += in.format.prb_bytes) {
    std::array<std::byte, 64> copy{};
    std::memcpy(copy.data(), prb, in.format.prb_bytes);
    expand_prb(c, in, copy.data(), out + nof_subcarriers_per_prb * i);
  }
}

} // namespace pado::phy
