// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/gold/gold.h"

namespace pado::phy::body {

/// One of the two linear-feedback sequences of the Gold sequence. Its first 31 bits are the low bits of
/// `start`, then x(n + 31) is the sum modulo 2 of x(n + t) over the taps t: 0 and 3, or 0, 1, 2 and 3.
template <bool AllTaps>
struct gold_register {
  static constexpr std::uint64_t mask31 = 0x7fffffff;

  /// Sum of a shifted down by the taps, each tap times `step`. Squaring the feedback polynomial k times
  /// multiplies all its exponents by 2^k, so the recurrence also holds with taps 0, 6 and distance 62, and so
  /// on.
  PADO_HD static std::uint64_t feedback(std::uint64_t a, int step)
  {
    return AllTaps ? a ^ (a >> step) ^ (a >> (2 * step)) ^ (a >> (3 * step)) : a ^ (a >> (3 * step));
  }

  /// A polynomial over GF(2) of degree up to 61, modulo the feedback polynomial.
  PADO_HD static std::uint64_t reduce(std::uint64_t a)
  {
    for (int pass = 0; pass < 2; ++pass) { // the first leaves degree 33 at most, the second is below 31
      const std::uint64_t high = a >> 31;
      a = (a & mask31) ^ high ^ (high << 3) ^ (AllTaps ? (high << 1) ^ (high << 2) : 0);
    }
    return a;
  }

  /// x^n modulo the feedback polynomial, by squaring.
  PADO_HD static std::uint64_t power(std::uint64_t n)
  {
    int shift = 0;
    while ((n >> shift) > 15) {
      ++shift;
    }
    std::uint64_t p = std::uint64_t{1} << (n >> shift);
    while (shift > 0) {
      --shift;
      // Over GF(2) the square of a polynomial is itself with a zero between every two coefficients.
      p = (p | p << 16) & 0x0000ffff0000ffff;
      p = (p | p << 8) & 0x00ff00ff00ff00ff;
      p = (p | p << 4) & 0x0f0f0f0f0f0f0f0f;
      p = (p | p << 2) & 0x3333333333333333;
      p = (p | p << 1) & 0x5555555555555555;
      p = reduce(p << ((n >> shift) & 1));
    }
    return p;
  }

  /// Continues 31 or more known low bits of a window to 64.
  PADO_HD static std::uint64_t extend(std::uint64_t a)
  {
    a &= mask31;
    a |= (feedback(a, 1) & 0x0fffffff) << 31; // 28 more, as far as the highest tap finds a known bit
    return a | feedback(a >> 28, 1) << 59;    // bit 59 + j from bits 28 + j to 31 + j
  }

  /// Bits n to n + 63 of the sequence: when x^n is the sum of x^i over some i below 31, x(n + j) is the sum
  /// of x(i + j) over the same i.
  PADO_HD static std::uint64_t window(std::uint32_t start, std::uint64_t n)
  {
    const std::uint64_t first = extend(start);
    const std::uint64_t p = power(n);
    std::uint64_t bits = 0;
    for (int i = 0; i < 31; ++i) {
      bits ^= (first >> i) & (0 - ((p >> i) & 1));
    }
    return extend(bits);
  }

  /// The window 32 bits later.
  PADO_HD static std::uint64_t next(std::uint64_t a)
  {
    return (a >> 32) | feedback(a >> 2, 2)
                           << 32; // bit 64 + j is the sum of bits 2 + j + {0, 2, 4, 6}, j < 32
  }
};
using gold_x1 = gold_register<false>;
using gold_x2 = gold_register<true>;

inline constexpr std::uint64_t gold_warm_up = 1600; ///< Nc of TS 38.211, 5.2.1

/// Words [word_begin, word_end) of a task, one thread a run of words. The first word costs about 1000
/// operations, each further one 15. On the device 8 words make one 32-byte sector of a thread's own.
template <class Block, memory M>
PADO_HD void gold(const Block& block,
                  const gold_task& task,
                  int word_begin,
                  int word_end,
                  int run_words,
                  view<std::uint32_t, 1, M> words)
{
  const int nof_runs = (word_end - word_begin + run_words - 1) / run_words;
  block.for_each(nof_runs, [=](int run) {
    const int begin = word_begin + run * run_words;
    const int end = begin + run_words < word_end ? begin + run_words : word_end;
    const std::uint64_t n = gold_warm_up + task.first_bit + 32 * static_cast<std::uint64_t>(begin);
    std::uint64_t x1 = gold_x1::window(1, n);
    std::uint64_t x2 = gold_x2::window(task.c_init, n);
    for (int i = begin; i < end; ++i) {
      words(task.words_begin + i) = static_cast<std::uint32_t>(x1 ^ x2);
      x1 = gold_x1::next(x1);
      x2 = gold_x2::next(x2);
    }
  });
}

} // namespace pado::phy::body
