// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot_report.h"
#include "pipeline/harq_pool.h"
#include <span>
#include <vector>

namespace pado::pipeline {

/// HARQ memory of all PDUs of one slot: taken before it is decoded, given back with its report. Keeps its own
/// memory from slot to slot.
class slot_leases {
public:
  /// slot_number  as in harq_pool::acquire()
  void acquire(harq_pool& pool,
               const phy::slot_program_plan& program,
               const slot_plan& plan,
               std::int64_t slot_number);
  void release(harq_pool& pool, const slot_report& report);

  /// [pdu of the plan], for slot_pipeline::run()
  std::span<const phy::harq_place> places() const { return places_; }

private:
  std::vector<harq_pool::lease> leases_;
  std::vector<phy::harq_place> places_;
};

} // namespace pado::pipeline
