// SPDX-License-Identifier: Apache-2.0
#include "apps/run_stats.h"
#include <algorithm>

namespace pado::apps {

namespace {

constexpr std::int64_t quarter_ns = 250'000'000;

grant_status::outcome outcome_of(const pipeline::live_report& report, const pusch_report& pusch)
{
  if (report.what != pipeline::live_report::kind::decoded || pusch.dtx) {
    return grant_status::outcome::not_received;
  }
  return pusch.tb_crc_ok ? grant_status::outcome::decoded : grant_status::outcome::failed;
}

} // namespace

run_stats::granted_slot& run_stats::slot_of(std::int32_t cell, std::int64_t slot)
{
  for (auto known = slots_.rbegin(); known != slots_.rend(); ++known) {
    if (known->cell == cell && known->slot == slot) {
      return *known;
    }
  }
  slots_.push_back({cell, slot, {}});
  if (slots_.size() > nof_grant_slots) {
    slots_.pop_front();
  }
  return slots_.back();
}

void run_stats::expect(std::int32_t cell, std::int64_t slot, const std::vector<pusch_pdu>& pdus, slot_id id)
{
  granted_slot& granted = slot_of(cell, slot);
  for (const pusch_pdu& pdu : pdus) {
    granted.grants.push_back({cell, id, pdu.rnti, prbs_of(pdu), grant_status::outcome::waiting});
  }
}

run_stats::ue_record* run_stats::record_of(std::int32_t cell, std::uint16_t rnti)
{
  const auto key = std::pair(cell, rnti);
  auto found = ues_.find(key);
  if (found == ues_.end()) {
    if (ues_.size() == max_ues) {
      ++nof_ues_refused_;
      return nullptr;
    }
    found = ues_.emplace(key, ue_record{}).first;
    found->second.status.cell = cell;
    found->second.status.rnti = rnti;
  }
  return &found->second;
}

void run_stats::add(const pipeline::live_report& report, std::int64_t now_ns)
{
  if (report.what == pipeline::live_report::kind::granted) {
    expect(report.grants.cell, report.slot, report.grants.pusch, report.grants.slot);
    return;
  }
  granted_slot& granted = slot_of(report.report.cell, report.slot);
  for (const pusch_report& pusch : report.report.pusch) {
    const auto known = std::find_if(granted.grants.begin(), granted.grants.end(), [&](const grant_status& g) {
      return g.rnti == pusch.pdu.rnti && g.state == grant_status::outcome::waiting;
    });
    grant_status& grant =
        known != granted.grants.end()
            ? *known
            : granted.grants.emplace_back(grant_status{
                  report.report.cell, report.report.slot, pusch.pdu.rnti, prbs_of(pusch.pdu), {}});
    grant.state = outcome_of(report, pusch);
    ue_record* ue = record_of(report.report.cell, pusch.pdu.rnti);
    if (ue == nullptr || report.what != pipeline::live_report::kind::decoded) {
      continue;
    }
    if (pusch.dtx) {
      ++ue->status.nof_dtx; // and its measurements are of noise
      continue;
    }
    const std::int64_t quarter = now_ns / quarter_ns;
    bucket& now = ue->recent[static_cast<std::size_t>(quarter % 4)];
    if (now.quarter != quarter) {
      now = {quarter, 0, 0, 0};
    }
    ++ue->status.nof_tb;
    ++now.nof_tb;
    ue->status.nof_tb_failed += pusch.tb_crc_ok ? 0 : 1;
    now.nof_tb_failed += pusch.tb_crc_ok ? 0 : 1;
    now.nof_bits += pusch.tb_crc_ok ? 8ULL * pusch.pdu.tb_size_bytes : 0;
    ue->status.sinr_db = pusch.sinr_db;
    ue->status.ta_us = pusch.ta_us;
    ue->status.cfo_hz = pusch.cfo_hz;
    ue->status.mcs_index = pusch.pdu.mcs_index;
    ue->status.mcs_table = pusch.pdu.mcs_table;
    ue->status.nof_layers = pusch.pdu.nof_layers;
  }
}

std::vector<ue_status> run_stats::ues(std::int64_t now_ns)
{
  const std::int64_t quarter = now_ns / quarter_ns;
  std::vector<ue_status> out;
  for (auto& [key, record] : ues_) {
    ue_status status = record.status;
    std::uint64_t nof_bits = 0;
    for (const bucket& one : record.recent) {
      if (quarter - one.quarter < 4) {
        status.nof_tb_recent += one.nof_tb;
        status.nof_tb_recent_failed += one.nof_tb_failed;
        nof_bits += one.nof_bits;
      }
    }
    status.throughput_mbps = static_cast<float>(nof_bits) / 1e6F;
    out.push_back(status);
  }
  return out;
}

std::vector<grant_status> run_stats::grants() const
{
  std::vector<grant_status> out;
  for (const granted_slot& slot : slots_) {
    out.insert(out.end(), slot.grants.begin(), slot.grants.end());
  }
  return out;
}

} // namespace pado::apps
