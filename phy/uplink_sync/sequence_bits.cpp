// SPDX-License-Identifier: Apache-2.0
#include "phy/uplink_sync/sequence_bits.h"
#include "phy/gold/gold_sequence.h"
#include <bit>
#include <cassert>
#include <cmath>

namespace pado::phy {

namespace {

constexpr std::uint64_t even_bits = 0x5555555555555555U;

std::vector<std::uint64_t> sequence_words(std::uint32_t c_init, std::int32_t nof_words)
{
  std::vector<std::uint32_t> halves(static_cast<std::size_t>(2 * nof_words));
  gold_bits(c_init, 0, halves);
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i < halves.size(); i += 2) {
    out.push_back(std::uint64_t{halves[i]} | std::uint64_t{halves[i + 1]} << 32U);
  }
  return out;
}

} // namespace

sequence_bits::sequence_bits(std::int32_t nof_bits) : nof_words_(nof_bits / 64 + 1)
{
  const std::vector<std::uint64_t> common = sequence_words(0, nof_words_);
  for (std::uint32_t part = 0; part < 4; ++part) {
    for (std::uint32_t value = 0; value < 256; ++value) {
      const std::vector<std::uint64_t> one = sequence_words(value << (8 * part) & 0x7fffffffU, nof_words_);
      for (std::size_t w = 0; w < one.size(); ++w) {
        rows_.push_back(one[w] ^ common[w]);
      }
    }
  }
  rows_.insert(rows_.end(), common.begin(), common.end());
}

void sequence_bits::piece(std::uint32_t c_init, std::int32_t first, std::span<std::uint64_t> out) const
{
  const std::uint64_t* const a = row(0, c_init & 0xffU);
  const std::uint64_t* const b = row(1, c_init >> 8U & 0xffU);
  const std::uint64_t* const c = row(2, c_init >> 16U & 0xffU);
  const std::uint64_t* const d = row(3, c_init >> 24U);
  const std::uint64_t* const common = row(4, 0);
  const std::int32_t begin = first / 64;
  const auto shift = static_cast<std::uint32_t>(first % 64);
  const auto word = [&](std::int32_t w) {
    return w < nof_words_ ? a[w] ^ b[w] ^ c[w] ^ d[w] ^ common[w] : 0;
  };
  std::uint64_t now = word(begin);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t next = word(begin + static_cast<std::int32_t>(i) + 1);
    out[i] = shift == 0 ? now : now >> shift | next << (64 - shift);
    now = next;
  }
}

quarter_turns::quarter_turns(std::span<const cf32> products)
{
  assert(products.size() <= static_cast<std::size_t>(max_products));
  for (std::size_t p = 0; p < products.size(); ++p) {
    const cf32 value = products[p];
    if (norm(value) <= 0.0F) {
      continue;
    }
    const bool is_real = std::abs(value.re) >= std::abs(value.im);
    const std::uint64_t bit = std::uint64_t{1} << (2 * (p % 32));
    low_[p / 32] |= is_real ? 0 : bit;
    high_[p / 32] |= (is_real ? value.re : value.im) < 0.0F ? bit : 0;
    used_[p / 32] |= bit;
  }
}

float quarter_turns::turned_power(std::span<const std::uint64_t, nof_words> bits) const
{
  // Of pilots a and b, two on, whose bits say which of I and Q are negative: a conj(b) is real where the
  // products of both I and of both Q have the same sign, and that is its sign; else imaginary with the sign
  // of aQ bI.
  std::int32_t count[4] = {0, 0, 0, 0};
  for (std::size_t w = 0; w + 1 < nof_words; ++w) {
    const std::uint64_t a = bits[w];
    const std::uint64_t b = bits[w] >> 4U | bits[w + 1] << 60U;
    const std::uint64_t both = a ^ b;
    const std::uint64_t is_imaginary = both ^ both >> 1U;
    const std::uint64_t crossed = a >> 1U ^ b;
    const std::uint64_t is_negative = (is_imaginary & crossed) | (~is_imaginary & both);
    const std::uint64_t low = low_[w] ^ is_imaginary;
    const std::uint64_t high = high_[w] ^ is_negative ^ (low_[w] & is_imaginary);
    const std::uint64_t used = used_[w];
    count[0] += std::popcount(used & ~low & ~high);
    count[1] += std::popcount(used & low & ~high);
    count[2] += std::popcount(used & ~low & high);
    count[3] += std::popcount(used & low & high);
  }
  const auto re = static_cast<float>(count[0] - count[2]);
  const auto im = static_cast<float>(count[1] - count[3]);
  return re * re + im * im;
}

} // namespace pado::phy
