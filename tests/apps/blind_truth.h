// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/blind_session.h"
#include "apps/inspect_iq.h"
#include <doctest/doctest.h>
#include <string>

namespace pado::test {

/// The cell as the recording alone gives it.
inline apps::cell_config heard_cell(const std::string& path)
{
  const auto recording = io::read_sigmf(path);
  REQUIRE(recording);
  const auto findings = apps::survey_recording(recording.value(), {false, false, 0.0});
  REQUIRE(findings);
  const auto cell = apps::propose_iq_cell(findings.value());
  REQUIRE(cell);
  return cell.value().cell;
}

/// Compares what was found with the schedule, which the search has not seen. PUSCHs with CSI need not be
/// found; of those with HARQ-ACK its bits are compared, too.
inline void
compare_with_truth(const apps::blind_result& found, const apps::schedule& truth, std::size_t least_pusch)
{
  std::size_t nof_sent = 0;
  std::size_t nof_equal = 0;
  for (const apps::scheduled_slot& line : truth.slots) {
    for (std::size_t i = 0; i < line.plan.pusch.size(); ++i) {
      if (!line.expected[i].transmitted.value_or(false) || line.plan.pusch[i].uci.csi1_bits > 0) {
        continue;
      }
      ++nof_sent;
      bool is_found = false;
      for (const apps::found_pusch& one : found.pusch) {
        const bool is_it = one.slot == line.plan.slot && one.finding.is_proven &&
                           one.finding.pdu.rnti == line.plan.pusch[i].rnti &&
                           one.report.payload == *line.expected[i].payload;
        is_found = is_found || is_it;
        if (is_it && line.expected[i].harq_ack) {
          CHECK(one.report.harq_ack.bits == *line.expected[i].harq_ack);
          CHECK(one.finding.pdu.uci.harq_ack_bits == line.plan.pusch[i].uci.harq_ack_bits);
        }
      }
      nof_equal += is_found ? 1 : 0;
      CAPTURE(line.plan.slot.sfn);
      CAPTURE(line.plan.slot.slot);
      CHECK(is_found);
    }
  }
  CHECK(nof_equal == nof_sent);
  CHECK(nof_sent >= least_pusch);
  for (const apps::found_pusch& one : found.pusch) {
    CAPTURE(one.slot.sfn);
    CAPTURE(one.slot.slot);
    CHECK(one.finding.pdu.rnti == 0x4601);
    CHECK(one.finding.pdu.data_scrambling_id == 1);
  }
}

} // namespace pado::test
