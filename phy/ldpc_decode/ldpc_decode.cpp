// SPDX-License-Identifier: Apache-2.0
#include "phy/ldpc_decode/ldpc_decode.h"
#include "core/limits.h"
#include "phy/ldpc_decode/ldpc_arithmetic.h"

namespace pado::phy {

namespace {

ldpc_tables make_tables()
{
  ldpc_tables tables{};
  tables.graph[0] = base_graph_of(1);
  tables.graph[1] = base_graph_of(2);
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
