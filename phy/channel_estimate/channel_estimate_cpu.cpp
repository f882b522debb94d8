// SPDX-License-Identifier: Apache-2.0
#include "phy/channel_estimate/channel_estimate_run.h"
#include "phy/channel_estimate/cpu_features.h"
#include <cstring>

namespace pado::phy {

template <>
channel_estimate<backend::cpu>::channel_estimate(const channel_estimate_plan& plan)
    : config_(plan.config), scratch_bytes_(plan.scratch_bytes), filters_(plan.filters.size()),
      coefficients_(plan.coefficients.size()),
      measures_(static_cast<std::size_t>(config_.max_tasks * config_.nof_rx_ports * max_nof_layers)),
      decisions_(static_cast<std::size_t>(config_.max_tasks)), scratch_(scratch_bytes_)
{
  std::memcpy(filters_.data(), plan.filters.data(), plan.filters.size() * sizeof(channel_filter));
  std::memcpy(coefficients_.data(), plan.coefficients.data(), plan.coefficients.size() * sizeof(float));
}

template <>
void channel_estimate<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
#if defined(__x86_64__)
  if (cpu_has_avx512()) {
    run_channel_estimate_avx512(in, out, work(), scratch_.data(), scratch_bytes_);
    return;
  }
#endif
  run_channel_estimate(host_block(scratch_.data(), scratch_bytes_), in, out, work());
}

} // namespace pado::phy
