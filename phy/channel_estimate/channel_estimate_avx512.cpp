// SPDX-License-Identifier: Apache-2.0
#include "phy/channel_estimate/block_avx512.h"
#include "phy/channel_estimate/channel_estimate_run.h"

namespace pado::phy {

void run_channel_estimate_avx512(const channel_estimate<backend::cpu>::input& in,
                                 const channel_estimate<backend::cpu>::output& out,
                                 const channel_estimate_work<memory::host>& work,
                                 std::byte* scratch,
                                 std::size_t scratch_bytes) noexcept
{
  run_channel_estimate(host_block_avx512(scratch, scratch_bytes), in, out, work);
}

} // namespace pado::phy
