// SPDX-License-Identifier: Apache-2.0
#include "mac/mcs/mcs_table.h"
#include "mac/mcs/mcs_table_data.h"
#include <cassert>

namespace pado::mac {

mcs_entry mcs_of(int table, int mcs)
{
  assert(table >= 0 && table < nof_mcs_tables && mcs >= 0 && mcs < 32);
  return table_data::mcs[table][mcs];
}

int nof_mcs(int table)
{
  int mcs = 0;
  while (mcs < 32 && !mcs_of(table, mcs).is_reserved()) {
    ++mcs;
  }
  return mcs;
}

} // namespace pado::mac
