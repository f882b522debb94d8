// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/ldpc/base_graph.h"
#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

namespace pado::phy {

/// One circulant of a check: bit (i + shift) mod z of a base column, for row i of the check.
struct check_edge {
  std::uint8_t column;
  std::uint16_t shift;

  friend bool operator==(check_edge, check_edge) = default;
};

/// Parity checks of a lifted LDPC code that hold no bit of base columns 0 and 1, which are never sent.
class parity_checks {
public:
  std::int32_t size() const { return static_cast<std::int32_t>(begin_.size()) - 1; }
  /// The edges of a check; each check stands for z equations.
  std::span<const check_edge> operator[](std::int32_t check) const
  {
    const auto i = static_cast<std::size_t>(check);
    return {edges_.data() + begin_[i], begin_[i + 1] - begin_[i]};
  }
  void push(std::span<const check_edge> edges)
  {
    edges_.insert(edges_.end(), edges.begin(), edges.end());
    begin_.push_back(edges_.size());
  }

private:
  std::vector<check_edge> edges_;
  std::vector<std::size_t> begin_ = {0};
};

/// Sums of base-graph rows in which columns 0 and 1 cancel, fewest edges first. A sum of shifted rows of a
/// code is a check of the code, too.
///
/// sent        base columns of which something was received; rows with others are not used
/// max_checks  at most so many
/// max_weight  edges of one check, at most
parity_checks make_parity_checks(const base_graph& graph,
                                 lifting_size lifting,
                                 const std::bitset<max_base_cols>& sent,
                                 std::int32_t max_checks,
                                 std::int32_t max_weight);

} // namespace pado::phy
