// SPDX-License-Identifier: Apache-2.0
#include "apps/fapi_json.h"
#include "apps/replay_print.h"
#include "apps/rounded_json.h"
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

using json = nlohmann::ordered_json;

/// What any of these figures means.
json two_decimals(double value)
{
  return rounded(value, 100.0);
}

json uci_json(const uci_report& uci)
{
  json out;
  out["bits"] = uci.bits;
  out["ok"] = uci.is_ok;
  if (!uci.has_crc) {
    out["log_ratio"] = two_decimals(static_cast<double>(uci.log_ratio));
  }
  return out;
}

json pusch_json(const pusch_report& report)
{
  json out;
  out["pdu"] = "PUSCH";
  out["rnti"] = report.pdu.rnti;
  out["harq_process_id"] = report.pdu.harq_process_id;
  out["mcs_index"] = report.pdu.mcs_index;
  out["tb_crc_ok"] = report.tb_crc_ok;
  out["tb_size_bytes"] = report.pdu.tb_size_bytes;
  out["nof_cb"] = report.nof_cb;
  out["nof_cb_ok"] = report.nof_cb_ok;
  out["combined"] = report.combined;
  out["ldpc_iterations_mean"] = two_decimals(static_cast<double>(report.ldpc_iterations_mean));
  out["ldpc_iterations_max"] = report.ldpc_iterations_max;
  out["sinr_db"] = two_decimals(static_cast<double>(report.sinr_db));
  out["rsrp_db"] = two_decimals(static_cast<double>(report.rsrp_db));
  out["noise_db"] = two_decimals(static_cast<double>(report.noise_db));
  out["ta_us"] = two_decimals(static_cast<double>(report.ta_us));
  out["cfo_hz"] = two_decimals(static_cast<double>(report.cfo_hz));
  out["dmrs_coherence"] = two_decimals(static_cast<double>(report.dmrs_coherence));
  out["dtx"] = report.dtx;
  if (report.tb_crc_ok) {
    std::string hex;
    for (const std::uint8_t byte : report.payload) {
      hex += fmt::format("{:02x}", byte);
    }
    out["payload_hex"] = hex;
  }
  for (const auto& [key, uci] : {std::pair("harq_ack", &report.harq_ack),
                                 std::pair("csi_part1", &report.csi1),
                                 std::pair("csi_part2", &report.csi2)}) {
    if (!uci->bits.empty()) {
      out[key] = uci_json(*uci);
    }
  }
  return out;
}

json stage_json(const slot_report& report)
{
  json out;
  for (std::size_t stage = 0; stage < nof_stages; ++stage) {
    out[name_of(static_cast<stage_id>(stage))] = static_cast<double>(report.stage_ns[stage]) / 1000.0;
  }
  return out;
}

json advice_json(const link_advice& advice)
{
  json probabilities = json::array();
  for (std::int32_t mcs = 0; mcs < advice.nof_mcs; ++mcs) {
    const double p = static_cast<double>(advice.success_probability[static_cast<std::size_t>(mcs)]);
    probabilities.push_back(std::round(p * 1000.0) / 1000.0);
  }
  return {{"rnti", advice.rnti},
          {"source", models::name_of(advice.source)},
          {"inference_us", static_cast<double>(advice.inference_ns) / 1000.0},
          {"success_probability", probabilities}};
}

json percentiles_json(std::vector<std::int64_t>& series)
{
  const percentiles p = percentiles_of(series);
  return {
      {"p50", p.p50 / 1000.0}, {"p99", p.p99 / 1000.0}, {"p99.9", p.p999 / 1000.0}, {"max", p.max / 1000.0}};
}

json ue_json(const ue_stats& ue)
{
  return {{"rnti", ue.rnti},
          {"tb", ue.nof_tb},
          {"tb_ok", ue.nof_tb_ok},
          {"dtx", ue.nof_dtx},
          {"tb_combined", ue.nof_combined},
          {"uci", ue.nof_uci},
          {"uci_ok", ue.nof_uci_ok},
          {"mcs", {ue.lowest_mcs, ue.highest_mcs}},
          {"layers", ue.most_layers},
          {"sinr_db",
           {{"mean", two_decimals(ue.sinr_db.mean())}, {"deviation", two_decimals(ue.sinr_db.deviation())}}},
          {"ta_us", two_decimals(ue.ta_us.mean())},
          {"cfo_hz", two_decimals(ue.cfo_hz.mean())},
          {"ldpc_iterations", two_decimals(ue.iterations.mean())},
          {"bits_ok", ue.nof_bits_ok},
          {"advice", ue.nof_advice},
          {"advice_by_model", ue.nof_model_advice}};
}

/// The same measured by the gNB and by pado, means over the same blocks.
json pair_json(const replay_reference::pair& both)
{
  return {{"gnb", both.of_gnb.count > 0 ? two_decimals(both.of_gnb.mean()) : json(nullptr)},
          {"pado", both.of_pado.count > 0 ? two_decimals(both.of_pado.mean()) : json(nullptr)}};
}

json reference_json(const replay_reference& reference)
{
  json out = json::array();
  for (const auto& [rnti, ue] : reference.ues()) {
    out.push_back({{"rnti", rnti},
                   {"tb", ue.nof_tb},
                   {"gnb_crc_ok", ue.nof_gnb_ok},
                   {"crc_ok", ue.nof_pado_ok},
                   {"only_gnb", ue.nof_only_gnb},
                   {"only_pado", ue.nof_only_pado},
                   {"sinr_db", pair_json(ue.sinr_db)},
                   {"ta_us", pair_json(ue.ta_us)},
                   {"cfo_hz", pair_json(ue.cfo_hz)},
                   {"ldpc_iterations", pair_json(ue.ldpc_iterations)}});
  }
  return out;
}

double to_us(std::int64_t ns)
{
  return static_cast<double>(ns) / 1000.0;
}

json flow_json(const flow_status& flow, bool has_window)
{
  json out = {{"eaxc", flow.eaxc},
              {"kind", flow.is_prach ? "PRACH" : "PUSCH"},
              {"port", flow.port},
              {"messages", flow.messages},
              {"lost", flow.lost},
              {"reordered", flow.reordered},
              {"repeated", flow.repeated},
              {"corrupt", flow.corrupt},
              {"duplicate", flow.duplicate}};
  if (has_window) {
    out["on_time"] = flow.on_time;
    out["early"] = flow.early;
    out["late"] = flow.late;
    out["arrival_us"] = {{"min", to_us(flow.arrival_least_ns)},
                         {"p50", to_us(flow.arrival_p50_ns)},
                         {"p99", to_us(flow.arrival_p99_ns)},
                         {"max", to_us(flow.arrival_greatest_ns)}};
    out["bin_us"] = flow.bin_us;
    out["arrivals"] = flow.arrivals;
  }
  return out;
}

json fronthaul_json(const fronthaul_status& status)
{
  json out;
  if (status.window) {
    out["window_us"] = {status.window->begin_us, status.window->end_us};
    out["window_from"] = name_of(status.window->from);
    out["outside_window"] = name_of(status.window->outside);
    out["clock"] = name_of(status.clock);
  }
  out["flows"] = json::array();
  for (const flow_status& flow : status.flows) {
    out["flows"].push_back(flow_json(flow, status.window.has_value()));
  }
  return out;
}

} // namespace

std::string slot_json(const slot_report& report,
                      const pipeline::decision_loop::decision& made,
                      numerology scs,
                      const std::optional<slot_arrival>& arrival)
{
  json out;
  out["sfn"] = report.slot.sfn;
  out["slot"] = report.slot.slot;
  out["missing_prb"] = report.nof_missing_prb;
  if (arrival) {
    out["arrival_us"] = {{"first", to_us(arrival->first_ns)}, {"last", to_us(arrival->last_ns)}};
  }
  out["pdus"] = json::array();
  for (const pusch_report& pusch : report.pusch) {
    out["pdus"].push_back(pusch_json(pusch));
  }
  out["unsupported"] = json::array();
  for (const unsupported_pdu& pdu : report.unsupported) {
    out["unsupported"].push_back({{"pdu", pdu.kind}, {"rnti", pdu.rnti}, {"why", pdu.why}});
  }
  out["stage_us"] = stage_json(report);
  out["advice"] = json::array();
  for (const link_advice& advice : made.advice) {
    out["advice"].push_back(advice_json(advice));
  }
  if (made.grants != nullptr) {
    json grants = json::array();
    for (const pusch_pdu& pdu : made.grants->pusch) {
      grants.push_back({{"pdu", "PUSCH"}, {"fapi", pusch_to_fapi(pdu, scs)}});
    }
    out["grants"] = {{"sfn", made.grants->slot.sfn}, {"slot", made.grants->slot.slot}, {"pdus", grants}};
  }
  return out.dump() + "\n";
}

std::string summary_json(replay_session& session)
{
  replay_stats& stats = session.stats();
  json out;
  out["summary"] = "replay";
  out["slots"] = stats.nof_slots;
  out["slots_incomplete"] = stats.nof_incomplete;
  out["slots_faulted"] = stats.nof_faulted;
  out["slots_unscheduled"] = session.nof_unscheduled();
  out["deadline_us"] = static_cast<double>(session.cell().carrier.scs.slot_ns()) / 1000.0;
  out["deadline_missed"] = stats.nof_deadline_missed;
  out["harq_evictions"] = session.nof_harq_evictions();
  out["grants"] = stats.nof_grants;
  out["ues"] = json::array();
  for (const auto& [rnti, ue] : stats.ues) {
    out["ues"].push_back(ue_json(ue));
  }
  if (!session.reference().ues().empty()) {
    out["reference"] = reference_json(session.reference());
  }
  for (const auto& [name, count] : session.source().counts()) {
    out["source"][name] = count;
  }
  if (const auto fronthaul = session.source().fronthaul()) {
    out["fronthaul"] = fronthaul_json(*fronthaul);
  }
  for (const auto& [what, count] : stats.unsupported) {
    out["unsupported"][what] = count;
  }
  for (std::size_t stage = 0; stage < nof_stages; ++stage) {
    out["stage_us"][name_of(static_cast<stage_id>(stage))] = percentiles_json(stats.stage_ns[stage]);
  }
  out["check"] = {{"compared", session.check().nof_compared()},
                  {"different", session.check().nof_different()}};
  out["elapsed_s"] = static_cast<double>(session.elapsed_ns()) / 1e9;
  return out.dump() + "\n";
}

} // namespace pado::apps
