// SPDX-License-Identifier: Apache-2.0
#include "phy/channel_estimate/block_avx512.h"
#include "phy/equalise/equalise_run.h"

namespace pado::phy {

void run_equalise_avx512(const equalise<backend::cpu>::input& in,
                         const equalise<backend::cpu>::output& out) noexcept
{
  run_equalise(host_block_avx512(), in, out);
}

} // namespace pado::phy
