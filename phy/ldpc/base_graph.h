// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pado::phy {

inline constexpr int max_lifting_size = 384;
inline constexpr int max_base_rows = 46;
inline constexpr int max_base_cols = 68;
inline constexpr int max_base_edges = 316;
inline constexpr int max_row_weight = 19;

/// Circulants of one base graph, row by row, columns ascending.
///
/// A circulant of shift s joins lifted row i of its base row with bit (i + s) mod z of its base column.
/// Columns below nof_info_cols() are systematic; row r >= 4 has one column of its own, nof_info_cols() + r,
/// with shift 0, which is also the last of the row.
///
/// \spec    TS 38.212, Tables 5.3.2-2 and 5.3.2-3
struct base_graph {
  std::int32_t nof_rows;
  std::int32_t nof_cols;
  std::uint16_t row_begin[max_base_rows + 1]; ///< edges of row r: [row_begin[r], row_begin[r + 1])
  std::uint8_t col[max_base_edges];
  std::uint16_t shift[8][max_base_edges]; ///< per set index i_ls, to be taken modulo z

  constexpr std::int32_t nof_info_cols() const { return nof_cols - nof_rows; }
};

/// One line of TS 38.212, Table 5.3.2-1.
struct lifting_size {
  std::int32_t z;
  std::int32_t i_ls;
};
inline constexpr int nof_lifting_sizes = 51;

/// number    1 or 2
const base_graph& base_graph_of(std::int32_t number);

/// Lifting sizes in ascending order. index: 0..50.
lifting_size lifting_size_of(int index);

/// Set index of a lifting size: 0..7, or -1 when z is none.
std::int32_t lifting_set_index(std::int32_t z);

} // namespace pado::phy
