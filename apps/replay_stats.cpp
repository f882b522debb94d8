// SPDX-License-Identifier: Apache-2.0
#include "apps/replay_stats.h"
#include <algorithm>
#include <cmath>

namespace pado::apps {

double running_mean::deviation() const
{
  if (count < 2) {
    return 0.0;
  }
  const double n = static_cast<double>(count);
  return std::sqrt(std::max(0.0, (sum_of_squares - sum * sum / n) / (n - 1.0)));
}

percentiles percentiles_of(std::vector<std::int64_t>& series)
{
  if (series.empty()) {
    return {};
  }
  std::sort(series.begin(), series.end());
  const auto at = [&](double part) {
    const double rank = std::ceil(part * static_cast<double>(series.size()));
    return static_cast<double>(series[static_cast<std::size_t>(std::max(rank, 1.0)) - 1]);
  };
  return {at(0.5), at(0.99), at(0.999), static_cast<double>(series.back())};
}

namespace {
void add_pusch(ue_stats& ue, const pusch_report& report)
{
  ue.rnti = report.pdu.rnti;
  ++ue.nof_tb;
  ue.nof_tb_ok += report.tb_crc_ok ? 1 : 0;
  ue.nof_dtx += report.dtx ? 1 : 0;
  ue.nof_bits_ok += report.tb_crc_ok ? 8 * static_cast<std::int64_t>(report.payload.size()) : 0;
  ue.nof_combined += report.combined ? 1 : 0;
  ue.lowest_mcs = std::min(ue.lowest_mcs, int{report.pdu.mcs_index});
  ue.highest_mcs = std::max(ue.highest_mcs, int{report.pdu.mcs_index});
  ue.qam_mod_order = std::max(ue.qam_mod_order, int{report.pdu.qam_mod_order});
  ue.most_layers = std::max(ue.most_layers, int{report.pdu.nof_layers});
  if (report.pdu.uci.is_present() && !report.dtx) {
    const auto holds = [](const uci_report& uci) { return uci.bits.empty() || uci.is_ok; };
    ++ue.nof_uci;
    ue.nof_uci_ok += holds(report.harq_ack) && holds(report.csi1) && holds(report.csi2) ? 1 : 0;
  }
  if (report.dtx) {
    return; // measurements of noise
  }
  ue.sinr_db.add(static_cast<double>(report.sinr_db));
  ue.ta_us.add(static_cast<double>(report.ta_us));
  ue.cfo_hz.add(static_cast<double>(report.cfo_hz));
  ue.iterations.add(static_cast<double>(report.ldpc_iterations_mean));
}
} // namespace

void replay_stats::add(const slot_report& report, std::int64_t deadline_ns)
{
  if (nof_slots == 0) {
    first_slot = report.slot;
  }
  last_slot = report.slot;
  ++nof_slots;
  nof_incomplete += report.nof_missing_prb > 0 ? 1 : 0;
  for (const unsupported_pdu& pdu : report.unsupported) {
    ++unsupported[pdu.kind + ": " + pdu.why];
  }
  if (report.is_faulted) {
    ++nof_faulted;
    return;
  }
  for (std::size_t stage = 0; stage < nof_stages; ++stage) {
    stage_ns[stage].push_back(report.stage_ns[stage]);
  }
  nof_deadline_missed += report.stage_ns[static_cast<std::size_t>(stage_id::total)] > deadline_ns ? 1 : 0;
  for (const pusch_report& pusch : report.pusch) {
    add_pusch(ues[pusch.pdu.rnti], pusch);
  }
}

void replay_stats::add_advice(const link_advice& advice)
{
  const auto ue = ues.find(advice.rnti);
  if (ue != ues.end()) {
    ++ue->second.nof_advice;
    ue->second.nof_model_advice += advice.source == advice_source::model ? 1 : 0;
  }
}

std::int64_t replay_stats::nof_tb() const
{
  std::int64_t sum = 0;
  for (const auto& [rnti, ue] : ues) {
    sum += ue.nof_tb;
  }
  return sum;
}

std::int64_t replay_stats::nof_tb_ok() const
{
  std::int64_t sum = 0;
  for (const auto& [rnti, ue] : ues) {
    sum += ue.nof_tb_ok;
  }
  return sum;
}

} // namespace pado::apps
