// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/walsh_hadamard.h"
#include <cassert>
#include <cstddef>

namespace pado::phy {

namespace {

/// The three lowest bits of the index at once: eight neighbours.
void first_passes(float* x, std::size_t size)
{
  for (std::size_t i = 0; i < size; i += 8) {
    float* a = x + i;
    for (int h = 1; h < 8; h *= 2) {
      float b[8];
      for (int j = 0; j < 8; ++j) {
        b[j] = (j & h) == 0 ? a[j] + a[j + h] : a[j - h] - a[j];
      }
      for (int j = 0; j < 8; ++j) {
        a[j] = b[j];
      }
    }
  }
}

/// Two bits of the index at once, of weight h and 2 h: half the passes over memory.
void double_pass(float* x, std::size_t size, std::size_t h)
{
  for (std::size_t begin = 0; begin < size; begin += 4 * h) {
    float* a = x + begin;
    float* b = a + h;
    float* c = b + h;
    float* d = c + h;
    for (std::size_t i = 0; i < h; ++i) {
      const float s0 = a[i] + b[i];
      const float d0 = a[i] - b[i];
      const float s1 = c[i] + d[i];
      const float d1 = c[i] - d[i];
      a[i] = s0 + s1;
      b[i] = d0 + d1;
      c[i] = s0 - s1;
      d[i] = d0 - d1;
    }
  }
}

void single_pass(float* x, std::size_t size, std::size_t h)
{
  for (std::size_t begin = 0; begin < size; begin += 2 * h) {
    for (std::size_t i = begin; i < begin + h; ++i) {
      const float sum = x[i] + x[i + h];
      x[i + h] = x[i] - x[i + h];
      x[i] = sum;
    }
  }
}

} // namespace

void walsh_hadamard(std::span<float> x) noexcept
{
  const std::size_t size = x.size();
  assert(size >= 8 && (size & (size - 1)) == 0);
  first_passes(x.data(), size);
  std::size_t h = 8;
  for (; 4 * h <= size; h *= 4) {
    double_pass(x.data(), size, h);
  }
  if (h < size) {
    single_pass(x.data(), size, h);
  }
}

} // namespace pado::phy
