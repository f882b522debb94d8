// SPDX-License-Identifier: Apache-2.0
#include "phy/ldpc_decode/ldpc_schedule.h"
#include "phy/ldpc_decode/ldpc_arithmetic.h"
#include <algorithm>
#include <cassert>

namespace pado::phy {

namespace {

// How far behind its end a column is read when the reader's bits begin delta places after the writer's.
std::uint16_t repeat_bytes(std::int32_t delta, std::int32_t vector_bytes)
{
  return static_cast<std::uint16_t>((delta + vector_bytes - 1) / vector_bytes * vector_bytes);
}

// What has happened to the columns while the rows are gone through.
struct column_state {
  std::int32_t first_edge = -1;
  std::int32_t last_edge = -1;
  std::int32_t first_shift = 0;
  std::int32_t rotation = 0;
};

// Edge of a row into a column: where it reads follows from the column's edge before, where that one repeats
// from this.
void add_edge(ldpc_schedule& s, column_state& column, int col, std::int32_t shift, std::int32_t vector_bytes)
{
  ldpc_edge& edge = s.edges[s.nof_edges];
  edge.write = static_cast<std::uint32_t>(col) * s.column_stride();
  const std::int32_t delta = (shift - column.rotation + s.z) % s.z;
  edge.read = edge.write + static_cast<std::uint32_t>(delta);
  edge.repeat = 0;
  const bool is_mixed = s.nof_fillers > 0 && col == s.nof_bits / s.z;
  edge.filler = static_cast<std::int16_t>(is_mixed ? (s.nof_bits % s.z - shift + s.z) % s.z : -1);
  if (column.first_edge < 0) {
    column.first_edge = s.nof_edges;
    column.first_shift = shift;
  } else {
    s.edges[column.last_edge].repeat = repeat_bytes(delta, vector_bytes);
  }
  column.last_edge = s.nof_edges;
  column.rotation = shift;
  ++s.nof_edges;
}

// The last row of an iteration hands over to the first of the next, and to the hard decision.
void close_columns(ldpc_schedule& s, column_state (&columns)[26], std::int32_t vector_bytes)
{
  for (int col = 0; col < 26; ++col) {
    const column_state& column = columns[col];
    s.rotation[col] = static_cast<std::uint16_t>(column.rotation);
    if (column.first_edge < 0) {
      continue;
    }
    ldpc_edge& first = s.edges[column.first_edge];
    const std::int32_t delta = (column.first_shift - column.rotation + s.z) % s.z;
    const std::int32_t to_zero = (s.z - column.rotation) % s.z;
    first.read = first.write + static_cast<std::uint32_t>(delta);
    s.edges[column.last_edge].repeat = repeat_bytes(std::max(delta, to_zero), vector_bytes);
  }
}

} // namespace

void make_ldpc_schedule(ldpc_schedule& s,
                        const ldpc_decode_task& task,
                        const ldpc_tables& tables,
                        std::uint64_t active_rows,
                        std::int32_t vector_bytes)
{
  const base_graph& graph = tables.graph[task.base_graph - 1];
  const std::uint16_t* shifts = graph.shift[body::ldpc_set_index(task.z)];
  s.base_graph = task.base_graph;
  s.z = task.z;
  s.nof_bits = task.nof_bits;
  s.active_rows = active_rows;
  s.padded_z = (task.z + vector_bytes - 1) / vector_bytes * vector_bytes;
  s.nof_fillers = task.nof_bits % task.z == 0 ? 0 : task.z - task.nof_bits % task.z;
  s.nof_info = graph.nof_info_cols();
  s.nof_rows = 0;
  s.nof_edges = 0;
  const int first_empty = (task.nof_bits + task.z - 1) / task.z;
  column_state columns[26];
  for (int k = 0; k < graph.nof_rows; ++k) {
    const int row = tables.row_order[task.base_graph - 1][k];
    if (((active_rows >> row) & 1U) == 0) {
      continue;
    }
    ldpc_schedule_row& planned = s.rows[s.nof_rows];
    planned.first_edge = static_cast<std::uint32_t>(s.nof_edges);
    planned.own = static_cast<std::uint32_t>(row < 4 ? 42 : row - 4) * static_cast<std::uint32_t>(s.padded_z);
    for (int e = graph.row_begin[row]; e < graph.row_begin[row + 1]; ++e) {
      const int col = graph.col[e];
      const bool is_empty = col >= first_empty && col < s.nof_info;
      if (col < s.nof_info + 4 && !is_empty) {
        add_edge(s, columns[col], col, shifts[e] % s.z, vector_bytes);
      }
    }
    planned.nof_edges = static_cast<std::uint32_t>(s.nof_edges) - planned.first_edge;
    s.nof_rows += planned.nof_edges > 0 ? 1 : 0;
  }
  close_columns(s, columns, vector_bytes);
}

} // namespace pado::phy
