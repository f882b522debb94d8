// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/parity_checks.h"
#include <algorithm>
#include <cmath>

namespace pado::phy {

namespace {

/// A sum of shifted rows: its circulants, ascending by column, then shift.
using row_sum = std::vector<check_edge>;

constexpr std::size_t max_partners = 4; ///< rows that free one row of a punctured column

bool is_before(check_edge a, check_edge b)
{
  return a.column != b.column ? a.column < b.column : a.shift < b.shift;
}

/// Whether the sum holds exactly one circulant of a punctured column, and where. -1: none, -2: several.
std::int32_t shift_of(const row_sum& sum, std::uint8_t column)
{
  std::int32_t shift = -1;
  for (const check_edge& edge : sum) {
    if (edge.column == column) {
      shift = shift == -1 ? edge.shift : -2;
    }
  }
  return shift;
}

class check_maker {
public:
  check_maker(std::int32_t z, std::int32_t max_weight) : z_(z), max_weight_(max_weight) {}

  /// a plus b moved on by so many rows; circulants in both cancel.
  row_sum add(const row_sum& a, const row_sum& b, std::int32_t shift) const
  {
    row_sum moved(b);
    for (check_edge& edge : moved) {
      edge.shift = static_cast<std::uint16_t>((edge.shift + shift) % z_);
    }
    std::sort(moved.begin(), moved.end(), is_before);
    row_sum out;
    std::set_symmetric_difference(
        a.begin(), a.end(), moved.begin(), moved.end(), std::back_inserter(out), is_before);
    return out;
  }

  /// The sum in which the circulants of `column` meet and cancel.
  row_sum cancel(const row_sum& a, const row_sum& b, std::uint8_t column) const
  {
    return add(a, b, (shift_of(a, column) - shift_of(b, column) + z_) % z_);
  }

  void keep(row_sum sum)
  {
    const bool is_free = std::none_of(sum.begin(), sum.end(), [](check_edge e) { return e.column < 2; });
    if (is_free && !sum.empty() && sum.size() <= static_cast<std::size_t>(max_weight_)) {
      found.push_back(std::move(sum));
    }
  }

  /// Lightest first, each once: different rows may add up to the same check, moved on by some rows.
  void sort_and_deduplicate()
  {
    for (row_sum& sum : found) {
      const std::int32_t first = sum.front().shift;
      for (check_edge& edge : sum) {
        edge.shift = static_cast<std::uint16_t>((edge.shift - first + z_) % z_);
      }
      std::sort(sum.begin(), sum.end(), is_before);
    }
    std::sort(found.begin(), found.end(), [](const row_sum& a, const row_sum& b) {
      return a.size() != b.size()
                 ? a.size() < b.size()
                 : std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), is_before);
    });
    found.erase(std::unique(found.begin(), found.end()), found.end());
  }

  std::vector<row_sum> found;

private:
  std::int32_t z_;
  std::int32_t max_weight_;
};

void sort_by_weight(std::vector<row_sum>& sums)
{
  std::stable_sort(
      sums.begin(), sums.end(), [](const row_sum& a, const row_sum& b) { return a.size() < b.size(); });
}

/// Rows by which punctured columns they hold.
struct sorted_rows {
  std::vector<row_sum> none;
  std::vector<row_sum> only[2];
  std::vector<row_sum> both;
};

sorted_rows sort_rows(const base_graph& graph, lifting_size lifting, const std::bitset<max_base_cols>& sent)
{
  sorted_rows rows;
  for (std::int32_t r = 0; r < graph.nof_rows; ++r) {
    row_sum row;
    bool is_received = true;
    for (std::int32_t e = graph.row_begin[r]; e < graph.row_begin[r + 1]; ++e) {
      is_received = is_received && (graph.col[e] < 2 || sent[graph.col[e]]);
      row.push_back({graph.col[e], static_cast<std::uint16_t>(graph.shift[lifting.i_ls][e] % lifting.z)});
    }
    if (!is_received) {
      continue;
    }
    const bool has_0 = shift_of(row, 0) >= 0;
    const bool has_1 = shift_of(row, 1) >= 0;
    (has_0 && has_1 ? rows.both
     : has_0        ? rows.only[0]
     : has_1        ? rows.only[1]
                    : rows.none)
        .push_back(std::move(row));
  }
  sort_by_weight(rows.both);
  sort_by_weight(rows.only[0]);
  sort_by_weight(rows.only[1]);
  return rows;
}

/// Every pair of sums that hold `column` alone.
void keep_pairs(check_maker& maker, std::vector<row_sum>& sums, std::uint8_t column, std::size_t most)
{
  sort_by_weight(sums);
  const std::size_t count = std::min(sums.size(), most);
  for (std::size_t b = 1; b < count; ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      maker.keep(maker.cancel(sums[a], sums[b], column));
    }
  }
}

} // namespace

parity_checks make_parity_checks(const base_graph& graph,
                                 lifting_size lifting,
                                 const std::bitset<max_base_cols>& sent,
                                 std::int32_t max_checks,
                                 std::int32_t max_weight)
{
  check_maker maker(lifting.z, max_weight);
  sorted_rows rows = sort_rows(graph, lifting, sent);
  for (row_sum& row : rows.none) {
    maker.keep(std::move(row));
  }
  for (std::size_t b = 1; b < rows.both.size(); ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      const row_sum& x = rows.both[a];
      const row_sum& y = rows.both[b];
      if ((shift_of(x, 0) - shift_of(y, 0) - shift_of(x, 1) + shift_of(y, 1)) % lifting.z == 0) {
        maker.keep(maker.cancel(x, y, 0));
      }
    }
  }
  // A row with both columns, freed of one by a row that holds it alone, is one more sum with a single column.
  const std::size_t helper = rows.only[0].empty() ? 1 : 0;
  const std::size_t nof_rows_alone = rows.only[helper].size();
  for (const row_sum& row : rows.both) {
    for (std::size_t i = 0; i < std::min(max_partners, nof_rows_alone); ++i) {
      row_sum freed = maker.cancel(row, rows.only[helper][i], static_cast<std::uint8_t>(helper));
      const std::uint8_t left = helper == 0 ? 1 : 0;
      if (shift_of(freed, left) >= 0) {
        rows.only[left].push_back(std::move(freed));
      }
    }
  }
  // The lightest so many sums have pairs enough, also when some of them turn out to be the same.
  const auto most = 4 + static_cast<std::size_t>(std::sqrt(3.0 * max_checks));
  keep_pairs(maker, rows.only[0], 0, most);
  keep_pairs(maker, rows.only[1], 1, most);
  maker.sort_and_deduplicate();
  parity_checks checks;
  for (const row_sum& sum : maker.found) {
    if (checks.size() == max_checks) {
      break;
    }
    checks.push(sum);
  }
  return checks;
}

} // namespace pado::phy
