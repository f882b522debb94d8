// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/block.h"
#include "phy/channel_estimate/channel_estimate_run.h"
#include "tests/phy/pusch_link.h"

namespace pado::test {

/// What the body of channel_estimate gives on a host block.
struct body_estimate {
  buffer<cf32> h;                          ///< [port][estimate]
  buffer<phy::channel_estimate_info> info; ///< [pdu]
};

/// Runs the body in one order of visits on a link of 2 ports and at most 24 PRB whose LS estimates are there.
inline body_estimate estimate_in_order(pusch_link& link, int nof_pdus, visit order)
{
  const auto plan = phy::plan_channel_estimate({{1}, 2, 24, 2}).value();
  buffer<std::byte> scratch(plan.scratch_bytes);
  buffer<phy::channel_measure> measures(2 * 2 * 4);
  buffer<phy::channel_decision> decisions(2);
  const phy::channel_estimate_work<memory::host> work = {
      view<const phy::channel_filter, 1>(plan.filters.data(), static_cast<int>(plan.filters.size())),
      view<const float, 1>(plan.coefficients.data(), static_cast<int>(plan.coefficients.size())),
      measures.as(2, 2, 4),
      decisions.as(2),
      30000.0F};
  const int nof_h = link.h_view().extent(1);
  body_estimate out = {buffer<cf32>(static_cast<std::size_t>(2 * nof_h)),
                       buffer<phy::channel_estimate_info>(static_cast<std::size_t>(nof_pdus))};
  phy::run_channel_estimate(host_block(scratch.data(), plan.scratch_bytes, order),
                            link.estimate_input(),
                            {out.h.as(2, nof_h), out.info.as(nof_pdus)},
                            work);
  return out;
}

} // namespace pado::test
