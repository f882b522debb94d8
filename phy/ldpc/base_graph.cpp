// SPDX-License-Identifier: Apache-2.0
#include "phy/ldpc/base_graph.h"
#include "phy/ldpc/base_graph_data.h"
#include <cassert>

namespace pado::phy {

const base_graph& base_graph_of(std::int32_t number)
{
  assert(number == 1 || number == 2);
  return number == 1 ? table_data::base_graph_1 : table_data::base_graph_2;
}

lifting_size lifting_size_of(int index)
{
  assert(index >= 0 && index < nof_lifting_sizes);
  return table_data::lifting_sizes[index];
}

std::int32_t lifting_set_index(std::int32_t z)
{
  for (const lifting_size& size : table_data::lifting_sizes) {
    if (size.z == z) {
      return size.i_ls;
    }
  }
  return -1;
}

} // namespace pado::phy
