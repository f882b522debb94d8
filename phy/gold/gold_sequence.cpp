// SPDX-License-Identifier: Apache-2.0
#include "phy/gold/gold_sequence.h"
#include "core/block.h"
#include "phy/gold/gold_body.h"
#include <algorithm>
#include <array>

namespace pado::phy {

namespace {

/// The recurrence on whole words: squared k times, its distances 31, 3, 2, 1 are in steps of 2^k bits, that
/// is of `stride` words. Words nearer than that do not depend on each other, so the loops below become vector
/// code.
constexpr int stride = 16;             // words; 512 bits
constexpr int nof_known = 31 * stride; // words that the recurrence looks back
constexpr int nof_new = 28 * stride;   // words it yields before it needs its own output
constexpr int nof_both = nof_known + nof_new;

void fill(std::uint64_t window, std::uint64_t (*next)(std::uint64_t), std::uint32_t* words)
{
  for (int i = 0; i < nof_known; ++i) {
    words[i] = static_cast<std::uint32_t>(window);
    window = next(window);
  }
}

/// `words` has more than nof_known elements.
void gold_long(const gold_task& task, std::span<std::uint32_t> words)
{
  alignas(64) std::array<std::uint32_t, nof_both> x1;
  alignas(64) std::array<std::uint32_t, nof_both> x2;
  const std::uint64_t n = body::gold_warm_up + task.first_bit;
  fill(body::gold_x1::window(1, n), body::gold_x1::next, x1.data());
  fill(body::gold_x2::window(task.c_init, n), body::gold_x2::next, x2.data());
  for (int i = 0; i < nof_known; ++i) {
    words[i] = x1[i] ^ x2[i];
  }
  for (std::size_t at = nof_known; at < words.size(); at += nof_new) {
    for (int i = 0; i < nof_new; ++i) {
      x1[nof_known + i] = x1[i] ^ x1[i + 3 * stride];
      x2[nof_known + i] = x2[i] ^ x2[i + stride] ^ x2[i + 2 * stride] ^ x2[i + 3 * stride];
    }
    const std::size_t count = std::min<std::size_t>(nof_new, words.size() - at);
    for (std::size_t i = 0; i < count; ++i) {
      words[at + i] = x1[nof_known + i] ^ x2[nof_known + i];
    }
    std::copy(x1.begin() + nof_new, x1.end(), x1.begin());
    std::copy(x2.begin() + nof_new, x2.end(), x2.begin());
  }
}

} // namespace

void gold_bits(std::uint32_t c_init, std::uint32_t first_bit, std::span<std::uint32_t> words) noexcept
{
  const gold_task task{c_init, first_bit, 0, 0};
  if (words.size() > 2 * nof_known) {
    gold_long(task, words);
  } else if (!words.empty()) {
    const int nof_words = static_cast<int>(words.size());
    body::gold(host_block(), task, 0, nof_words, nof_words, view<std::uint32_t, 1>(words.data(), nof_words));
  }
}

} // namespace pado::phy
