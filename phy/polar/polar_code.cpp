// SPDX-License-Identifier: Apache-2.0
#include "phy/polar/polar_code.h"
#include "core/limits.h"
#include "phy/polar/polar_tables.h"
#include <algorithm>
#include <bit>

namespace pado::phy {
namespace {

int ceil_log2(int value)
{
  return static_cast<int>(std::bit_width(static_cast<unsigned>(value - 1)));
}

/// n of N = 2^n, 5.3.1.
int code_log2_size(const polar_code_config& c)
{
  const int up = ceil_log2(c.nof_coded);
  const bool is_half_enough = 16 * c.nof_coded <= 9 * (1 << up) && 16 * c.nof_bits < 9 * c.nof_coded;
  const int from_coded = is_half_enough ? up - 1 : up;
  const int from_rate = ceil_log2(8 * c.nof_bits);
  return std::max(5, std::min({from_coded, from_rate, c.n_max}));
}

polar_matching choose_matching(const polar_code_config& c, int size)
{
  if (c.nof_coded >= size) {
    return polar_matching::repeat;
  }
  return 16 * c.nof_bits <= 7 * c.nof_coded ? polar_matching::puncture : polar_matching::shorten;
}

using index_set = std::array<bool, max_polar_size>;

/// Indices that rate matching makes useless, 5.4.1.1.
index_set blocked_indices(const polar_code& code)
{
  index_set blocked{};
  const int size = code.size();
  const int coded = code.config.nof_coded;
  if (code.matching == polar_matching::puncture) {
    for (int m = 0; m < size - coded; ++m) {
      blocked[code.subblock_index(m)] = true;
    }
    // ceil(3N/4 - E/2) or ceil(9N/16 - E/4)
    const int first =
        4 * coded >= 3 * size ? (3 * size - 2 * coded + 3) / 4 : (9 * size - 4 * coded + 15) / 16;
    std::fill_n(blocked.begin(), std::max(first, 0), true);
  } else if (code.matching == polar_matching::shorten) {
    for (int m = coded; m < size; ++m) {
      blocked[code.subblock_index(m)] = true;
    }
  }
  return blocked;
}

/// Marks the parity-check bits among the chosen indices, which come from the most reliable down (5.3.1.2).
void mark_parity(polar_code& code, const std::array<std::uint16_t, max_polar_size>& chosen)
{
  const int nof_bits = code.config.nof_bits;
  const bool has_light_row = code.config.nof_coded - nof_bits + 3 > 192;
  const int nof_least = code.nof_parity - (has_light_row ? 1 : 0);
  for (int i = 0; i < nof_least; ++i) {
    code.bits[chosen[nof_bits + code.nof_parity - 1 - i]] = polar_bit::parity;
  }
  if (has_light_row) {
    // Row weight is 2^(ones of the index). The first of equals is the most reliable.
    const auto* lightest = std::min_element(chosen.data(), chosen.data() + nof_bits, [](auto a, auto b) {
      return std::popcount(a) < std::popcount(b);
    });
    code.bits[*lightest] = polar_bit::parity;
  }
}

/// Chooses the information and parity indices. False when there are too few.
bool choose_bits(polar_code& code)
{
  const int nof_bits = code.config.nof_bits;
  code.nof_parity = nof_bits >= 18 && nof_bits <= 25 && !code.config.is_input_interleaved ? 3 : 0;
  const int wanted = nof_bits + code.nof_parity;
  const index_set blocked = blocked_indices(code);
  std::array<std::uint16_t, max_polar_size> chosen{};
  int nof_chosen = 0;
  for (int rank = max_polar_size - 1; rank >= 0 && nof_chosen < wanted; --rank) {
    const std::uint16_t index = polar_reliability[rank];
    if (index < code.size() && !blocked[index]) {
      chosen[nof_chosen++] = index;
      code.bits[index] = polar_bit::information;
    }
  }
  if (nof_chosen < wanted) {
    return false;
  }
  if (code.nof_parity > 0) {
    mark_parity(code, chosen);
  }
  return true;
}

/// The largest aligned block from begin on that the decoder takes in one step.
polar_node next_node(const polar_code& code, int begin)
{
  const auto single = code.bits[begin];
  polar_node node{static_cast<std::uint16_t>(begin), 0, polar_node_kind::frozen};
  if (single != polar_bit::frozen) {
    node.kind = single == polar_bit::parity ? polar_node_kind::parity : polar_node_kind::information;
    return node;
  }
  for (int log2_size = 1; log2_size <= code.log2_size && begin % (1 << log2_size) == 0; ++log2_size) {
    const auto* first = code.bits.data() + begin;
    const auto* last = first + (1 << log2_size) - 1;
    const bool is_frozen_before =
        std::all_of(first, last, [](polar_bit b) { return b == polar_bit::frozen; });
    if (!is_frozen_before || *last == polar_bit::parity) {
      break;
    }
    node.log2_size = static_cast<std::uint8_t>(log2_size);
    node.kind = *last == polar_bit::frozen ? polar_node_kind::frozen : polar_node_kind::repetition;
  }
  return node;
}

void make_nodes(polar_code& code)
{
  for (int begin = 0; begin < code.size();) {
    const polar_node node = next_node(code, begin);
    code.nodes[code.nof_nodes++] = node;
    begin += 1 << node.log2_size;
  }
}

/// The triangle of 5.4.1.3: E bits are written row by row, row i holds T - i of them, and read column by
/// column.
void make_channel_interleaver(polar_code& code)
{
  const int coded = code.config.nof_coded;
  int rows = 0;
  while (rows * (rows + 1) / 2 < coded) {
    ++rows;
  }
  code.nof_rows = rows;
  int begin = 0;
  for (int column = 0; column < rows; ++column) {
    code.column_begin[column] = static_cast<std::uint16_t>(begin);
    for (int row = 0; row < rows - column; ++row) {
      begin += row * rows - row * (row - 1) / 2 + column < coded ? 1 : 0;
    }
  }
}

/// Information indices ascend and take the bits in order, or in the order of the input interleaver (5.3.1.1).
void place_information(polar_code& code)
{
  std::array<std::uint8_t, max_input_interleaved> order{};
  const int skipped = max_input_interleaved - code.config.nof_bits;
  int count = 0;
  for (const int bit : polar_input_interleaver) {
    if (bit >= skipped && code.config.is_input_interleaved) {
      order[count++] = static_cast<std::uint8_t>(bit - skipped);
    }
  }
  count = 0;
  for (int index = 0; index < code.size(); ++index) {
    if (code.bits[index] == polar_bit::information) {
      const int bit = code.config.is_input_interleaved ? order[count] : count;
      code.index_of_bit[bit] = static_cast<std::uint16_t>(index);
      ++count;
    }
  }
}

} // namespace

result<polar_code> plan_polar_code(const polar_code_config& config)
{
  if (auto bad = check_range("polar_code.n_max", config.n_max, 5, 10)) {
    return *bad;
  }
  if (auto bad = check_range("polar_code.nof_coded", config.nof_coded, 18, max_polar_coded)) {
    return *bad;
  }
  const int most = config.is_input_interleaved ? max_input_interleaved : max_polar_size - 1;
  if (auto bad = check_range("polar_code.nof_bits", config.nof_bits, 12, most)) {
    return *bad;
  }
  polar_code code;
  code.config = config;
  code.subblock = polar_subblock_interleaver;
  code.log2_size = code_log2_size(config);
  code.matching = choose_matching(config, code.size());
  if (!choose_bits(code)) {
    return error{"polar_code.nof_coded",
                 "is " + std::to_string(config.nof_coded) + ", too few for " +
                     std::to_string(config.nof_bits) + " bits"};
  }
  place_information(code);
  make_nodes(code);
  if (config.is_channel_interleaved) {
    make_channel_interleaver(code);
  }
  return code;
}

} // namespace pado::phy
