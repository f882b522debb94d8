// SPDX-License-Identifier: Apache-2.0
#include "apps/blind_session.h"
#include "apps/inspect_fronthaul.h"
#include "apps/inspect_grid.h"
#include "apps/inspect_iq.h"
#include "mac/mcs/mcs_table.h"
#include "mac/mcs/tbs.h"

namespace pado::apps {

std::vector<phy::code_option> codes_of(const pusch_pdu& allocation)
{
  std::vector<phy::code_option> out;
  for (int table = 0; table < 3; ++table) { // without transform precoding
    for (int mcs = 0; mcs < mac::nof_mcs(table); ++mcs) {
      const mac::mcs_entry entry = mac::mcs_of(table, mcs);
      mac::tbs_parameters size;
      size.nof_re_per_prb = mac::nof_re_per_prb(allocation, 0);
      size.nof_prb = allocation.rb_size;
      size.qam_mod_order = entry.qam_mod_order;
      size.rate_times_2048 = entry.rate_times_2048;
      size.nof_layers = allocation.nof_layers;
      out.push_back({static_cast<std::uint8_t>(table),
                     static_cast<std::uint8_t>(mcs),
                     entry.qam_mod_order,
                     entry.target_code_rate(),
                     mac::tbs_bits(size)});
    }
  }
  return out;
}

result<schedule> every_slot(const io::iq_recording& recording, numerology scs)
{
  schedule out;
  const std::int64_t rate = recording.sample_rate_hz;
  for (const io::iq_segment& segment : recording.segments) {
    if (!segment.slot) {
      return error{recording.name, "does not say which slot a segment begins with (nr:sfn, nr:slot)"};
    }
    slot_id slot = *segment.slot;
    for (std::int64_t sample = segment.sample_begin;;) {
      const std::int64_t length = slot_length(scs, rate, slot.slot % scs.slots_per_subframe());
      if (sample + length > segment.sample_end) {
        break;
      }
      scheduled_slot line;
      line.plan.slot = slot;
      line.sample = sample;
      out.slots.push_back(std::move(line));
      sample += length;
      slot = advance(slot, 1, scs);
    }
  }
  return out;
}

result<cell_config> cell_of_capture(const std::string& path, const std::string& cell_path)
{
  if (!cell_path.empty()) {
    return read_cell_file(cell_path);
  }
  if (io::is_grid_path(path)) {
    const auto capture = io::read_grid_capture(path);
    return capture ? result<cell_config>(propose_grid_cell(capture.value()).cell) : capture.failure();
  }
  if (is_iq_path(path)) {
    const auto recording = io::read_sigmf(path);
    if (!recording) {
      return recording.failure();
    }
    const auto findings = survey_recording(recording.value(), {false, false, 0.0});
    if (!findings) {
      return findings.failure();
    }
    auto proposal = propose_iq_cell(findings.value());
    return proposal ? result<cell_config>(proposal.value().cell) : proposal.failure();
  }
  const auto findings = survey_capture(path, false);
  if (!findings) {
    return findings.failure();
  }
  auto proposal = propose_cell(findings.value(), 0);
  return proposal ? result<cell_config>(proposal.value().cell) : proposal.failure();
}

schedule schedule_of(const blind_result& found)
{
  schedule out;
  std::map<std::uint16_t, std::uint8_t> next_process;
  std::map<std::int32_t, std::uint8_t> process_of; ///< [block]
  for (const found_pusch& one : found.pusch) {
    const bool is_same_slot =
        !out.slots.empty() && out.slots.back().plan.slot == one.slot && out.slots.back().sample == one.sample;
    if (!is_same_slot) {
      scheduled_slot line;
      line.plan.slot = one.slot;
      line.sample = one.sample;
      out.slots.push_back(std::move(line));
    }
    scheduled_slot& line = out.slots.back();
    pusch_pdu pdu = one.finding.pdu;
    const auto [block, is_first] = process_of.try_emplace(one.block, next_process[pdu.rnti]);
    if (one.block >= 0 && !is_first) {
      pdu.harq_process_id = block->second;
      pdu.new_data = false;
    } else {
      std::uint8_t& process = next_process[pdu.rnti];
      pdu.harq_process_id = process;
      process = static_cast<std::uint8_t>((process + 1) % 16);
    }
    pdu_expectation expected;
    if (one.finding.is_proven) {
      expected.crc_ok = true;
      expected.payload = one.report.payload;
      if (one.report.harq_ack.is_ok) {
        expected.harq_ack = one.report.harq_ack.bits;
      }
    }
    line.pdu_index.push_back(static_cast<std::int32_t>(line.plan.pusch.size()));
    line.plan.pusch.push_back(pdu);
    line.expected.push_back(std::move(expected));
    ++out.nof_pusch;
  }
  return out;
}

} // namespace pado::apps
