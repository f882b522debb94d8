// SPDX-License-Identifier: Apache-2.0
#include "pipeline/front_end.h"

namespace pado::pipeline {

front_end::front_end(const slot_pipeline_plan& plan)
    : limits_(plan.program.limits),
      grid_(static_cast<std::size_t>(limits_.nof_rx_ports) * nof_symbols_per_slot * nof_subcarriers_per_prb *
            static_cast<std::size_t>(limits_.nof_prb)),
      decompress_(plan.decompress)
{
  if (plan.ofdm) {
    ofdm_.emplace(*plan.ofdm);
  }
}

view<const ch16, 3> front_end::run(const uplink_slot& slot) noexcept
{
  if (slot.grid.size() > 0) {
    return slot.grid;
  }
  const auto grid =
      grid_.as(limits_.nof_rx_ports, nof_symbols_per_slot, nof_subcarriers_per_prb * limits_.nof_prb);
  if (slot.samples.size() > 0) {
    assert(ofdm_ && "time-domain input needs slot_pipeline_config::ofdm");
    ofdm_->run({slot.samples, slot.slot.slot % limits_.scs.slots_per_subframe()}, {grid}, {});
  } else {
    decompress_.run({slot.bytes, slot.sections}, {grid}, {});
  }
  return grid;
}

} // namespace pado::pipeline
