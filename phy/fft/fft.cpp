// SPDX-License-Identifier: Apache-2.0
#include "phy/fft/fft.h"
#include "core/limits.h"

namespace pado::phy {

result<fft_plan> plan_fft(const fft_config& config)
{
  if (auto bad = check_range("fft.size", config.size, 1, 65536)) {
    return *bad;
  }
  if (auto bad = check_range("fft.batch", config.batch, 1, 4096)) {
    return *bad;
  }
  return fft_plan{config};
}

} // namespace pado::phy
