// SPDX-License-Identifier: Apache-2.0
#include "phy/ldpc/ldpc_encode.h"
#include "phy/ldpc/base_graph.h"
#include <array>
#include <cassert>
#include <cstring>

namespace pado::phy {

namespace {

constexpr int max_words = max_lifting_size / 64;

// z bits, the first in bit 0 of word 0. Bits beyond z are 0.
using lifted = std::array<std::uint64_t, max_words>;

// The bits twice in a row, so that a rotation reads words at an offset.
using twice = std::array<std::uint64_t, 2 * max_words + 2>;

std::uint64_t word_at(const std::uint64_t* words, int bit)
{
  const int shift = bit % 64;
  const std::uint64_t low = words[bit / 64] >> shift;
  return shift == 0 ? low : low | (words[bit / 64 + 1] << (64 - shift));
}

struct lifted_code {
  const base_graph& graph;
  int z;
  int nof_words;
  const std::uint16_t* shifts;

  explicit lifted_code(std::int32_t number, std::int32_t lifting)
      : graph(base_graph_of(number)), z(lifting), nof_words((lifting + 63) / 64),
        shifts(graph.shift[lifting_set_index(lifting)])
  {
  }

  void trim(lifted& x) const
  {
    if (z % 64 != 0) {
      x[static_cast<std::size_t>(nof_words - 1)] &= (std::uint64_t{1} << (z % 64)) - 1;
    }
  }

  twice doubled(const lifted& x) const
  {
    twice out{};
    for (int k = 0; k < nof_words; ++k) {
      const std::uint64_t word = x[static_cast<std::size_t>(k)];
      const int bit = z + 64 * k;
      const auto at = static_cast<std::size_t>(bit / 64);
      out[static_cast<std::size_t>(k)] |= word;
      out[at] |= word << (bit % 64);
      if (bit % 64 != 0) {
        out[at + 1] |= word >> (64 - bit % 64);
      }
    }
    return out;
  }

  // x += P^s y: bit i takes bit (i + s) mod z.
  void add_rotated(lifted& x, const twice& y, int s) const
  {
    for (int k = 0; k < nof_words; ++k) {
      x[static_cast<std::size_t>(k)] ^= word_at(y.data(), s + 64 * k);
    }
  }

  lifted sum(const lifted& a, const lifted& b) const
  {
    lifted out{};
    for (std::size_t k = 0; k < max_words; ++k) {
      out[k] = a[k] ^ b[k];
    }
    return out;
  }

  lifted rotated(const lifted& x, int s) const
  {
    lifted out{};
    add_rotated(out, doubled(x), s % z);
    trim(out);
    return out;
  }
};

// The four parity columns that rows 0 to 3 tie together. lambda: systematic part of each row.
std::array<lifted, 4> solve_core(const lifted_code& code, const std::array<lifted, 4>& lambda)
{
  const int set = lifting_set_index(code.z);
  const lifted s = code.sum(code.sum(lambda[0], lambda[1]), code.sum(lambda[2], lambda[3]));
  std::array<lifted, 4> p{};
  const bool is_graph_1 = code.graph.nof_rows == max_base_rows;
  // The column of p0 has three circulants, two of them equal, so that in the sum of the rows one is left.
  lifted outer{}; // p0 as rows 0 and 3 see it
  if (is_graph_1) {
    p[0] = set == 6 ? code.rotated(s, code.z - 105 % code.z) : s;
    outer = set == 6 ? p[0] : code.rotated(p[0], 1);
  } else {
    const bool is_plain = set == 3 || set == 7;
    p[0] = is_plain ? s : code.rotated(s, code.z - 1);
    outer = is_plain ? code.rotated(p[0], 1) : p[0];
  }
  p[1] = code.sum(lambda[0], outer);
  p[3] = code.sum(lambda[3], outer);
  p[2] = is_graph_1 ? code.sum(lambda[2], p[3]) : code.sum(lambda[1], p[1]);
  return p;
}

constexpr std::array<std::uint8_t, 256> make_reversed()
{
  std::array<std::uint8_t, 256> out{};
  for (unsigned i = 0; i < 256; ++i) {
    for (unsigned b = 0; b < 8; ++b) {
      out[i] = static_cast<std::uint8_t>(out[i] | (((i >> b) & 1U) << (7 - b)));
    }
  }
  return out;
}
constexpr std::array<std::uint8_t, 256> reversed = make_reversed();

void store_bits(const lifted& x, int z, std::uint8_t* out)
{
  for (int i = 0; i < z; ++i) {
    out[i] = static_cast<std::uint8_t>((x[static_cast<std::size_t>(i / 64)] >> (i % 64)) & 1U);
  }
}

// Systematic columns out of packed bytes.
void load_columns(const lifted_code& code,
                  std::span<const std::uint8_t> info,
                  std::array<lifted, 22>& columns)
{
  constexpr int max_info_words = 22 * max_words;
  std::array<std::uint64_t, max_info_words + 2> words{};
  for (std::size_t i = 0; i < info.size(); ++i) {
    words[i / 8] |= std::uint64_t{reversed[info[i]]} << (8 * (i % 8));
  }
  for (int c = 0; c < code.graph.nof_info_cols(); ++c) {
    lifted& x = columns[static_cast<std::size_t>(c)];
    for (int k = 0; k < code.nof_words; ++k) {
      x[static_cast<std::size_t>(k)] = word_at(words.data(), c * code.z + 64 * k);
    }
    code.trim(x);
  }
}

} // namespace

void ldpc_encode(std::int32_t base_graph,
                 std::int32_t z,
                 std::int32_t nof_rows,
                 std::span<const std::uint8_t> info,
                 std::span<std::uint8_t> coded)
{
  const lifted_code code(base_graph, z);
  const auto& graph = code.graph;
  const int nof_info = graph.nof_info_cols();
  assert(nof_rows >= 4 && nof_rows <= graph.nof_rows);
  assert(8 * info.size() >= static_cast<std::size_t>(nof_info * z));
  assert(coded.size() == static_cast<std::size_t>((nof_info + nof_rows) * z));

  std::array<lifted, 22> columns{};
  load_columns(code, info.first(static_cast<std::size_t>((nof_info * z + 7) / 8)), columns);
  std::array<twice, 26> doubled; // every column that more than one row reads
  for (int c = 0; c < nof_info; ++c) {
    doubled[static_cast<std::size_t>(c)] = code.doubled(columns[static_cast<std::size_t>(c)]);
    store_bits(columns[static_cast<std::size_t>(c)], z, coded.data() + c * z);
  }
  const auto row_sum = [&](int row, int nof_cols) {
    lifted x{};
    for (int e = graph.row_begin[row]; e < graph.row_begin[row + 1] && graph.col[e] < nof_cols; ++e) {
      code.add_rotated(x, doubled[graph.col[e]], code.shifts[e] % z);
    }
    code.trim(x);
    return x;
  };
  const auto core = solve_core(
      code, {row_sum(0, nof_info), row_sum(1, nof_info), row_sum(2, nof_info), row_sum(3, nof_info)});
  for (int i = 0; i < 4; ++i) {
    doubled[static_cast<std::size_t>(nof_info + i)] = code.doubled(core[static_cast<std::size_t>(i)]);
    store_bits(core[static_cast<std::size_t>(i)], z, coded.data() + (nof_info + i) * z);
  }
  for (int row = 4; row < nof_rows; ++row) {
    store_bits(row_sum(row, nof_info + 4), z, coded.data() + (nof_info + row) * z);
  }
}

} // namespace pado::phy
