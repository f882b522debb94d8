// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/walsh_hadamard.h"
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>

namespace pado::phy {

namespace {

/// Eight floats in a register; both compilers have the type.
using lanes = float __attribute__((vector_size(32)));
constexpr std::size_t width = 8;
constexpr std::size_t in_cache = 2048; ///< floats that a first-level cache holds with room to spare

lanes load(const float* from)
{
  lanes out;
  std::memcpy(&out, from, sizeof(out));
  return out;
}

void store(float* to, lanes value)
{
  std::memcpy(to, &value, sizeof(value));
}

/// The three lowest bits of the index: inside a register.
void first_passes(float* x, std::size_t size)
{
  constexpr lanes sign_1 = {1, -1, 1, -1, 1, -1, 1, -1};
  constexpr lanes sign_2 = {1, 1, -1, -1, 1, 1, -1, -1};
  constexpr lanes sign_4 = {1, 1, 1, 1, -1, -1, -1, -1};
  for (std::size_t i = 0; i < size; i += width) {
    lanes a = load(x + i);
    a = a * sign_1 + __builtin_shufflevector(a, a, 1, 0, 3, 2, 5, 4, 7, 6);
    a = a * sign_2 + __builtin_shufflevector(a, a, 2, 3, 0, 1, 6, 7, 4, 5);
    a = a * sign_4 + __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3);
    store(x + i, a);
  }
}

/// Two bits of the index at once, h and 2 h, on `count` neighbours from each place.
void double_step(float* x, std::size_t h, std::size_t count)
{
  for (std::size_t i = 0; i < count; i += width) {
    float* const at = x + i;
    const lanes a = load(at);
    const lanes b = load(at + h);
    const lanes c = load(at + 2 * h);
    const lanes d = load(at + 3 * h);
    const lanes s0 = a + b;
    const lanes d0 = a - b;
    const lanes s1 = c + d;
    const lanes d1 = c - d;
    store(at, s0 + s1);
    store(at + h, d0 + d1);
    store(at + 2 * h, s0 - s1);
    store(at + 3 * h, d0 - d1);
  }
}

void single_step(float* x, std::size_t h, std::size_t count)
{
  for (std::size_t i = 0; i < count; i += width) {
    const lanes a = load(x + i);
    const lanes b = load(x + i + h);
    store(x + i, a + b);
    store(x + i + h, a - b);
  }
}

/// All bits of the index from `first` on, on columns `count` wide that begin at x, rows up to `size`.
void passes(float* x, std::size_t size, std::size_t first, std::size_t row, std::size_t count)
{
  std::size_t h = first;
  for (; 4 * h <= size; h *= 4) {
    for (std::size_t begin = 0; begin < size; begin += 4 * h) {
      for (std::size_t i = 0; i < h; i += row) {
        double_step(x + begin + i, h, count);
      }
    }
  }
  for (; h < size; h *= 2) {
    for (std::size_t begin = 0; begin < size; begin += 2 * h) {
      for (std::size_t i = 0; i < h; i += row) {
        single_step(x + begin + i, h, count);
      }
    }
  }
}

} // namespace

void walsh_hadamard(std::span<float> x) noexcept
{
  const std::size_t size = x.size();
  assert(size >= width && (size & (size - 1)) == 0);
  // Low bits block by block, high bits column by column: two ways through memory instead of one a bit.
  const std::size_t block = std::min(size, in_cache);
  for (std::size_t begin = 0; begin < size; begin += block) {
    first_passes(x.data() + begin, block);
    passes(x.data() + begin, block, width, width, width);
  }
  if (size > block) {
    const std::size_t columns = std::max(width, in_cache / (size / block));
    for (std::size_t column = 0; column < block; column += columns) {
      passes(x.data() + column, size, block, block, columns);
    }
  }
}

} // namespace pado::phy
