// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include "phy/polar/polar_decode.h"
#include <cstdint>

// The list of paths and the steps that move it through the code tree. Layer l of the tree holds blocks of 2^l
// bits. A path never copies LLRs when it forks: it notes in which slot its LLRs of each layer lie. All paths
// compute a layer at the same moment, each into the slot of its own number, and by then nobody needs that
// layer's old content.
namespace pado::phy::body {

inline constexpr int max_polar_paths = 8;

/// What a path carries besides its code word.
struct polar_path {
  float metric = 0.0F; ///< sum of |LLR| it contradicts
  std::uint8_t shift =
      0; ///< register y of the parity-check bits (5.3.1.2), index n mod 5 instead of a rotation
  std::uint8_t slot[11] = {}; ///< [layer] where its LLRs lie
};

/// Scratch of a fork, and of the end.
struct polar_fork {
  std::int64_t key[2 * max_polar_paths]; ///< [2 path + bit] orders forks
  float metric[2 * max_polar_paths];     ///< likewise
  std::uint8_t winner[max_polar_paths];
  std::int32_t is_valid[max_polar_paths];
};

/// Scratch pointers and what all threads know alike. Copied into every step.
struct polar_list {
  float* channel;
  float* alpha_base;
  std::uint32_t* codewords[2];
  polar_path* paths[2];
  polar_fork* fork;
  std::int8_t* received;
  int log2_size;
  int list_size;
  int nof_paths; ///< in use
  int side;      ///< which half of codewords and paths is current

  PADO_HD int nof_words() const { return 1 << (log2_size - 5); }
  PADO_HD polar_path& path(int i) const { return paths[side][i]; }
  PADO_HD std::uint32_t* codeword(int path) const { return codewords[side] + path * nof_words(); }
  PADO_HD float* slot(int layer, int index) const
  {
    return alpha_base + (((list_size + index) << layer) - list_size);
  }
  /// LLRs of a layer as a path sees them. The top layer is the channel, common to all.
  PADO_HD const float* alpha(int layer, int path) const
  {
    return layer == log2_size ? channel : slot(layer, paths[side][path].slot[layer]);
  }
};

template <class Block>
PADO_HD polar_list polar_make_list(const Block& block, const polar_decode_plan& plan, int log2_size)
{
  const int list_size = plan.config.list_size;
  polar_list list{};
  list.log2_size = log2_size;
  list.list_size = list_size;
  list.nof_paths = 1;
  const std::size_t size = std::size_t{1} << log2_size;
  const std::size_t words = static_cast<std::size_t>(list.nof_words() * list_size);
  list.channel = block.template array<float>(plan.channel, size);
  list.alpha_base = block.template array<float>(plan.alpha, size * static_cast<std::size_t>(list_size));
  list.codewords[0] = block.template array<std::uint32_t>(plan.codewords, 2 * words);
  list.codewords[1] = list.codewords[0] + words;
  list.paths[0] = block.template array<polar_path>(plan.paths, 2 * static_cast<std::size_t>(list_size));
  list.paths[1] = list.paths[0] + list_size;
  list.fork = block.template array<polar_fork>(plan.fork, 1);
  list.received =
      block.template array<std::int8_t>(plan.received, static_cast<std::size_t>(plan.config.max_coded));
  const polar_list s = list;
  block.for_each(static_cast<int>(2 * words), [=](int word) { s.codewords[0][word] = 0; });
  block.single([=] { s.paths[0][0] = polar_path{}; });
  return list;
}

/// LLRs of the left half of a block: f(a, b) = sign(a) sign(b) min(|a|, |b|).
template <class Block>
PADO_HD void polar_go_left(const Block& block, const polar_list& list, int layer)
{
  const polar_list s = list;
  const int half = 1 << layer;
  const int width = half < 8 ? half : 8; // one vector register on the CPU
  const int log2_tiles = layer < 3 ? 0 : layer - 3;
  block.for_each(s.nof_paths << log2_tiles, [=](int i) {
    const int path = i >> log2_tiles;
    const int first = (i & ((1 << log2_tiles) - 1)) * width;
    const float* a = s.alpha(layer + 1, path) + first;
    const float* b = a + half;
    float* out = s.slot(layer, path) + first;
    const auto f = [](float x, float y) {
      const float size_x = x < 0.0F ? -x : x;
      const float size_y = y < 0.0F ? -y : y;
      const float least = size_x < size_y ? size_x : size_y;
      return (x < 0.0F) != (y < 0.0F) ? -least : least;
    };
    if (width == 8) {
      float value[8];
      for (int k = 0; k < 8; ++k) {
        value[k] = f(a[k], b[k]);
      }
      for (int k = 0; k < 8; ++k) {
        out[k] = value[k];
      }
    } else {
      for (int k = 0; k < width; ++k) {
        out[k] = f(a[k], b[k]);
      }
    }
    if (first == 0) {
      s.path(path).slot[layer] = static_cast<std::uint8_t>(path);
    }
  });
}

/// LLRs of the right half of a block, the left half's bits u known: g(a, b) = b + (1 - 2 u) a.
template <class Block>
PADO_HD void polar_go_right(const Block& block, const polar_list& list, int layer, int begin)
{
  const polar_list s = list;
  const int half = 1 << layer;
  const int width = half < 8 ? half : 8;
  const int log2_tiles = layer < 3 ? 0 : layer - 3;
  block.for_each(s.nof_paths << log2_tiles, [=](int i) {
    const int path = i >> log2_tiles;
    const int first = (i & ((1 << log2_tiles) - 1)) * width;
    const float* a = s.alpha(layer + 1, path) + first;
    const float* b = a + half;
    float* out = s.slot(layer, path) + first;
    const int left = begin - half + first;
    const std::uint32_t bits = s.codeword(path)[left >> 5] >> (left & 31);
    if (width == 8) {
      float value[8];
      for (int k = 0; k < 8; ++k) {
        value[k] = ((bits >> k) & 1U) != 0 ? b[k] - a[k] : b[k] + a[k];
      }
      for (int k = 0; k < 8; ++k) {
        out[k] = value[k];
      }
    } else {
      for (int k = 0; k < width; ++k) {
        out[k] = ((bits >> k) & 1U) != 0 ? b[k] - a[k] : b[k] + a[k];
      }
    }
    if (first == 0) {
      s.path(path).slot[layer] = static_cast<std::uint8_t>(path);
    }
  });
}

/// Brings the LLRs of a node up to date: one step right from the block that the node and its left neighbour
/// share, then left all the way.
template <class Block>
PADO_HD void polar_descend(const Block& block, const polar_list& list, polar_node node)
{
  int layer = list.log2_size;
  const int begin = node.begin;
  if (begin != 0) {
    layer = 0;
    while (((begin >> layer) & 1) == 0) {
      ++layer;
    }
    polar_go_right(block, list, layer, begin);
  }
  while (layer > node.log2_size) {
    --layer;
    polar_go_left(block, list, layer);
  }
}

/// Sum of |LLR| of one sign over a node: what it costs to call all its bits 0 (sign -1) or 1 (sign +1).
PADO_HD inline float polar_cost(const float* llr, int n, float sign)
{
  float part[8] =
      {}; // eight sums, so that the CPU adds vectors; integers in float, so the order does not matter
  int i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int k = 0; k < 8; ++k) {
      const float value = sign * llr[i + k];
      part[k] += value > 0.0F ? value : 0.0F;
    }
  }
  for (; i < n; ++i) {
    const float value = sign * llr[i];
    part[0] += value > 0.0F ? value : 0.0F;
  }
  float total = 0.0F;
  for (int k = 0; k < 8; ++k) {
    total += part[k];
  }
  return total;
}

/// Bits that are known to be 0: the code words hold 0 there already.
template <class Block>
PADO_HD void polar_take_frozen(const Block& block, const polar_list& list, polar_node node)
{
  const polar_list s = list;
  block.for_each(s.nof_paths, [=](int path) {
    s.path(path).metric += polar_cost(s.alpha(node.log2_size, path), 1 << node.log2_size, -1.0F);
  });
}

/// A bit that the path's own earlier bits fix.
template <class Block>
PADO_HD void polar_take_parity(const Block& block, const polar_list& list, polar_node node)
{
  const polar_list s = list;
  block.for_each(s.nof_paths, [=](int path) {
    polar_path& mine = s.path(path);
    const std::uint32_t bit = (mine.shift >> (node.begin % 5)) & 1U;
    mine.metric += polar_cost(s.alpha(0, path), 1, bit != 0 ? 1.0F : -1.0F);
    s.codeword(path)[node.begin >> 5] |= bit << (node.begin & 31);
  });
}

/// Bits of a word that lie in a node.
PADO_HD inline std::uint32_t polar_node_mask(polar_node node, int word)
{
  if (node.log2_size >= 5) {
    const int first = node.begin >> 5;
    return word >= first && word < first + (1 << (node.log2_size - 5)) ? 0xffffffffU : 0U;
  }
  const std::uint32_t ones = (1U << (1 << node.log2_size)) - 1U;
  return word == node.begin >> 5 ? ones << (node.begin & 31) : 0U;
}

/// Prices of all forks, and the best of them in order: winner[rank] = 2 path + bit.
template <class Block>
PADO_HD void polar_rank_forks(const Block& block, const polar_list& list, polar_node node, int nof_left)
{
  const polar_list s = list;
  const int nof_forks = 2 * s.nof_paths;
  block.for_each(s.nof_paths, [=](int path) {
    const float* llr = s.alpha(node.log2_size, path);
    const float before = s.path(path).metric;
    for (int bit = 0; bit < 2; ++bit) {
      const float sign = bit != 0 ? 1.0F : -1.0F;
      const float single = sign * llr[0] > 0.0F ? sign * llr[0] : 0.0F;
      const float cost = node.log2_size == 0 ? single : polar_cost(llr, 1 << node.log2_size, sign);
      const int i = 2 * path + bit;
      s.fork->metric[i] = before + cost;
      // Metrics are whole numbers; the fork's own number breaks ties.
      s.fork->key[i] = static_cast<std::int64_t>(before + cost) * (2 * max_polar_paths) + i;
    }
  });
  block.for_each(nof_forks, [=](int i) {
    const std::int64_t* keys = s.fork->key;
    const std::int64_t mine = keys[i];
    std::int64_t rank = 0;
    for (int k = 0; k < nof_forks; ++k) {
      rank += keys[k] < mine ? 1 : 0;
    }
    if (rank < nof_left) {
      s.fork->winner[rank] = static_cast<std::uint8_t>(i);
    }
  });
}

/// One information bit: every path becomes two, the best stay. In a repetition node all bits of the block
/// equal it.
template <class Block>
PADO_HD void polar_fork_paths(const Block& block, polar_list& list, polar_node node)
{
  const polar_list s = list;
  polar_list next = s;
  next.side = 1 - s.side;
  next.nof_paths = 2 * s.nof_paths < s.list_size ? 2 * s.nof_paths : s.list_size;
  polar_rank_forks(block, s, node, next.nof_paths);
  const int width = s.nof_words() < 4 ? s.nof_words() : 4; // words at a time: a vector register on the CPU
  const int log2_tiles = s.log2_size < 7 ? 0 : s.log2_size - 7;
  const int last = node.begin + (1 << node.log2_size) - 1;
  block.for_each(next.nof_paths << log2_tiles, [=](int i) {
    const int path = i >> log2_tiles;
    const int word = (i & ((1 << log2_tiles) - 1)) * width;
    const int winner = s.fork->winner[path];
    const bool is_one = (winner & 1) != 0;
    if (word <= last >> 5) { // further words are still 0 on both sides
      const std::uint32_t* from = s.codeword(winner >> 1) + word;
      std::uint32_t* to = next.codeword(path) + word;
      if (width == 4) {
        std::uint32_t tile[4];
        for (int k = 0; k < 4; ++k) {
          tile[k] = from[k];
        }
        for (int k = 0; k < 4; ++k) {
          to[k] = tile[k];
        }
      } else {
        for (int k = 0; k < width; ++k) {
          to[k] = from[k];
        }
      }
      const int first_set = node.begin >> 5 > word ? node.begin >> 5 : word;
      for (int k = first_set; is_one && k < word + width && k <= last >> 5; ++k) {
        next.codeword(path)[k] |= polar_node_mask(node, k);
      }
    }
    if (word == 0) {
      polar_path& child = next.path(path);
      child = s.path(winner >> 1);
      child.metric = s.fork->metric[winner];
      child.shift ^= static_cast<std::uint8_t>(is_one ? 1U << (last % 5) : 0U);
    }
  });
  list = next;
}

/// Blocks that the node completes: the left half becomes left xor right, in place.
template <class Block>
PADO_HD void polar_ascend(const Block& block, const polar_list& list, polar_node node)
{
  const polar_list s = list;
  const int end = node.begin + (1 << node.log2_size);
  block.for_each(s.nof_paths, [=](int path) { // inside one word
    std::uint32_t* word = s.codeword(path) + ((end - 1) >> 5);
    for (int layer = node.log2_size; layer < 5 && ((end >> layer) & 1) == 0; ++layer) {
      const int half = 1 << layer;
      const std::uint32_t left = ((1U << half) - 1U) << ((end - 2 * half) & 31);
      *word ^= (*word >> half) & left;
    }
  });
  for (int layer = node.log2_size < 5 ? 5 : node.log2_size; layer < s.log2_size; ++layer) {
    if ((end & ((2 << layer) - 1)) != 0) {
      break;
    }
    const int log2_half = layer - 5;
    const int first = (end - (2 << layer)) >> 5;
    block.for_each(s.nof_paths << log2_half, [=](int i) {
      std::uint32_t* word = s.codeword(i >> log2_half) + first + (i & ((1 << log2_half) - 1));
      *word ^= word[std::ptrdiff_t{1} << log2_half];
    });
  }
}

/// x = u F and u = x F, F the n-fold Kronecker power.
PADO_HD inline void polar_transform(std::uint32_t* words, int log2_size)
{
  constexpr std::uint32_t left[5] = {0x55555555U, 0x33333333U, 0x0f0f0f0fU, 0x00ff00ffU, 0x0000ffffU};
  const int nof_words = 1 << (log2_size - 5);
  for (int i = 0; i < nof_words; ++i) {
    for (int layer = 0; layer < 5; ++layer) {
      words[i] ^= (words[i] >> (1 << layer)) & left[layer];
    }
  }
  for (int half = 1; half < nof_words; half *= 2) {
    for (int i = 0; i < nof_words; ++i) {
      if ((i & half) == 0) {
        words[i] ^= words[i + half];
      }
    }
  }
}

} // namespace pado::phy::body
