// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/uplink_slot.h"
#include "pipeline/slot_stages.h"

namespace pado::pipeline {

/// Brings a slot into the grid on the CPU, whatever form it came in: decompression, OFDM FFT, or nothing.
class front_end {
public:
  explicit front_end(const slot_pipeline_plan& plan);

  /// [port][symbol][subcarrier], valid until the next call. Slot path.
  view<const ch16, 3> run(const uplink_slot& slot) noexcept;

private:
  phy::slot_limits limits_;
  buffer<ch16> grid_;
  phy::decompress<backend::cpu> decompress_;
  std::optional<phy::ofdm<backend::cpu>> ofdm_;
};

} // namespace pado::pipeline
