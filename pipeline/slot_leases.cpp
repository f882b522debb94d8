// SPDX-License-Identifier: Apache-2.0
#include "pipeline/slot_leases.h"
#include <algorithm>

namespace pado::pipeline {

void slot_leases::acquire(harq_pool& pool,
                          const phy::slot_program_plan& program,
                          const slot_plan& plan,
                          std::int64_t slot_number)
{
  leases_.clear();
  places_.clear();
  for (const pusch_pdu& pdu : plan.pusch) {
    const result<std::int32_t> blocks = phy::nof_code_blocks(program, pdu);
    // A PDU that is refused anyway needs no memory; its place only has to be a valid one.
    leases_.push_back(blocks ? pool.acquire(pdu, blocks.value(), slot_number)
                             : harq_pool::lease{{0, false}, -1});
    places_.push_back(leases_.back().place);
  }
}

void slot_leases::release(harq_pool& pool, const slot_report& report)
{
  for (std::size_t index = 0; index < leases_.size(); ++index) {
    const auto found = std::find_if(report.pusch.begin(), report.pusch.end(), [&](const pusch_report& pusch) {
      return pusch.plan_index == static_cast<std::int32_t>(index);
    });
    if (found != report.pusch.end() && found->dtx) {
      pool.drop(leases_[index]);
    } else {
      pool.release(leases_[index], found != report.pusch.end() && found->tb_crc_ok);
    }
  }
}

} // namespace pado::pipeline
