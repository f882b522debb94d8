// SPDX-License-Identifier: Apache-2.0
#include "phy/ldpc_decode/ldpc_decode.h"
#include "core/limits.h"
#include "phy/ldpc_decode/ldpc_arithmetic.h"
#include <algorithm>
#include <numeric>
#include <utility>

namespace pado::phy {

namespace {

// The first 2 z bits are never sent. A row with both of them says nothing until another has recovered one,
// and a short row recovers best. Against ascending order this saves about two iterations of five
// (docs/ldpc.md).
void make_row_order(const base_graph& graph, std::uint8_t (&order)[max_base_rows])
{
  std::iota(order, order + graph.nof_rows, std::uint8_t{0});
  std::stable_sort(order, order + graph.nof_rows, [&graph](std::uint8_t a, std::uint8_t b) {
    const auto key = [&graph](std::uint8_t row) {
      const int begin = graph.row_begin[row];
      const int nof_punctured = (graph.col[begin] < 2 ? 1 : 0) + (graph.col[begin + 1] < 2 ? 1 : 0);
      return std::pair(nof_punctured, graph.row_begin[row + 1] - begin);
    };
    return key(a) < key(b);
  });
}

ldpc_tables make_tables()
{
  ldpc_tables tables{};
  tables.graph[0] = base_graph_of(1);
  tables.graph[1] = base_graph_of(2);
  make_row_order(tables.graph[0], tables.row_order[0]);
  make_row_order(tables.graph[1], tables.row_order[1]);
  for (const block_crc kind : {block_crc::crc24a, block_crc::crc24b, block_crc::crc16}) {
    const crc_polynomial p = polynomial_of(kind);
    const std::uint32_t step = crc_power(p, 32);
    std::uint32_t weight = 1;
    for (std::uint32_t& entry : tables.crc_weight[body::crc_row(kind)]) {
      entry = weight;
      weight = crc_multiply(p, step, weight);
    }
  }
  return tables;
}

} // namespace

result<ldpc_decode_plan> plan_ldpc_decode(const ldpc_decode_config& config)
{
  if (auto bad = check_range("ldpc_decode.max_tasks", config.max_tasks, 1, 65536)) {
    return *bad;
  }
  if (!is_available(config.simd)) {
    return error{"ldpc_decode.simd", "asks for instructions that this CPU does not have, use best"};
  }
  return ldpc_decode_plan{config, make_tables()};
}

} // namespace pado::phy
