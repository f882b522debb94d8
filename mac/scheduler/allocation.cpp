// SPDX-License-Identifier: Apache-2.0
#include "mac/scheduler/allocation.h"
#include <initializer_list>

namespace pado::mac {
namespace {

bool has_only_factors_2_3_5(std::int32_t n)
{
  for (const std::int32_t factor : {2, 3, 5}) {
    while (n % factor == 0) {
      n /= factor;
    }
  }
  return n == 1;
}

} // namespace

std::int32_t allowed_prb(std::int32_t nof_prb, bool transform_precoding) noexcept
{
  while (transform_precoding && nof_prb > 0 && !has_only_factors_2_3_5(nof_prb)) {
    --nof_prb;
  }
  return nof_prb;
}

} // namespace pado::mac
