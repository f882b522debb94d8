// SPDX-License-Identifier: Apache-2.0
#include "core/nearest.h"
#include <algorithm>
#include <cstddef>
#include <numeric>

namespace pado {

namespace {

/// Edits from one word to the other, two letters swapped counting as one (restricted Damerau-Levenshtein).
std::size_t distance(std::string_view a, std::string_view b)
{
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    d[i][0] = i;
  }
  std::iota(d[0].begin(), d[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

} // namespace

std::string suggestion(std::string_view typed, const std::vector<std::string>& known)
{
  const std::string_view word = typed.substr(0, 64);
  const std::string* nearest = nullptr;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  std::string all;
  for (const std::string& name : known) {
    all += (all.empty() ? "" : ", ") + name;
    if (const std::size_t d = distance(word, name); d < least) {
      least = d;
      nearest = &name;
    }
  }
  return nearest != nullptr ? "Did you mean '" + *nearest + "'?" : "Known are: " + all;
}

} // namespace pado
