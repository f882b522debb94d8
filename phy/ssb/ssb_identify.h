// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/view.h"
#include <cstdint>

namespace pado::phy {

/// Noise alone exceeds this with (1 - 0.14)^126 = 6e-9 a trial: a PSS has 127 degrees of freedom.
inline constexpr float least_pss_power = 0.14F;
/// 336 trials of the same kind: 4e-7 for each PSS that noise passes.
inline constexpr float least_sss_power = 0.15F;

/// Whose block it is.
struct ssb_identity {
  std::int32_t pci = 0;
  float pss_metric = 0.0F; ///< correlation, 0..1
  float sss_metric = 0.0F; ///< likewise, after the channel that the PSS showed is removed
  float snr_db = 0.0F;     ///< per resource element, on the SSS
  double turn_rad = 0.0;   ///< phase from PSS to SSS, -pi..pi

  /// False for what noise may look like.
  bool is_credible() const
  {
    return pss_metric * pss_metric >= least_pss_power && sss_metric * sss_metric >= least_sss_power;
  }
};

/// Delay of the PSS within 1.5 / (256 scs) of zero, in these units.
/// grid  [4][240]  cf32
double find_pss_delay(std::int32_t nid2, view<const cf32, 2> grid);

/// Chooses among the 336 SSS of a PSS. Where not even the PSS is credible, pss_metric alone is set.
/// grid  [4][240]  cf32, delay removed
/// \spec TS 38.211, 7.4.2
ssb_identity identify_cell(std::int32_t nid2, view<const cf32, 2> grid);

} // namespace pado::phy
