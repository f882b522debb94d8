// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace pado::phy {

/// Pieces of any pseudo-random sequence in a few operations: sequences are linear in the bits of c_init.
class sequence_bits {
public:
  /// nof_bits  that pieces lie in
  explicit sequence_bits(std::int32_t nof_bits);

  /// Bits from `first` on, 64 a word.
  void piece(std::uint32_t c_init, std::int32_t first, std::span<std::uint64_t> out) const;

private:
  std::int32_t nof_words_;          ///< of 64 bits
  std::vector<std::uint64_t> rows_; ///< [part of c_init][its 8 bits][word]; part 4: of c_init 0
  const std::uint64_t* row(std::uint32_t part, std::uint32_t value) const
  {
    return rows_.data() +
           (static_cast<std::size_t>(part) * 256 + value) * static_cast<std::size_t>(nof_words_);
  }
};

/// Products r(p) conj(r(p + 2)) of a sequence of QPSK pilots are 1, j, -1 or -j; the same of what was
/// received, rounded to these, can be turned by them and added up with a few operations on 32 of them at
/// once.
class quarter_turns {
public:
  static constexpr std::int32_t max_products = 160;
  static constexpr std::size_t nof_words = 6; ///< of 64 bits, 32 pilots each, and room for two more pilots

  /// products  received, conj(y(p)) y(p + 2); at most max_products
  explicit quarter_turns(std::span<const cf32> products);

  /// |sum|^2 of the rounded products, each turned back by the sequence. bits: two a pilot, first pilot first.
  float turned_power(std::span<const std::uint64_t, nof_words> bits) const;

private:
  std::array<std::uint64_t, nof_words> low_ = {};  ///< at even bits: quarter turns, modulo 2
  std::array<std::uint64_t, nof_words> high_ = {}; ///< at even bits: half turns
  std::array<std::uint64_t, nof_words> used_ = {}; ///< at even bits: there is such a product
};

} // namespace pado::phy
