// SPDX-License-Identifier: Apache-2.0
#include "phy/ssb/pss_waveform.h"
#include "phy/ssb/ssb_sequence.h"
#include <cmath>

namespace pado::phy {

pss_waveform make_pss_waveform(std::int32_t nid2)
{
  const sync_sequence d = pss_sequence(nid2);
  pss_waveform waveform{};
  const float scale = 1.0F / std::sqrt(static_cast<float>(nof_sync_subcarriers * pss_samples));
  for (int i = 0; i < pss_samples; ++i) {
    cf32 sum;
    for (int n = 0; n < nof_sync_subcarriers; ++n) {
      const int turns = (first_sync_subcarrier + n - ssb_centre_subcarrier) * i; // in 1/256, may be negative
      sum += d[n] * polar(0.024543693F * static_cast<float>(turns % pss_samples));
    }
    waveform[i] = scale * sum;
  }
  return waveform;
}

} // namespace pado::phy
