// SPDX-License-Identifier: Apache-2.0
#include "phy/channel_estimate/cpu_features.h"
#include "phy/equalise/equalise_run.h"

namespace pado::phy {

template <>
void equalise<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
#if defined(__x86_64__)
  if (cpu_has_avx512()) {
    run_equalise_avx512(in, out);
    return;
  }
#endif
  run_equalise(host_block(), in, out);
}

} // namespace pado::phy
