// SPDX-License-Identifier: Apache-2.0
#include "apps/import_session.h"
#include "apps/terminal.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

std::string inputs_text(const import_summary& summary)
{
  std::string out;
  if (!summary.log_path.empty()) {
    out += fmt::format(
        "{}: {} lines: {} of uplink messages, {} of other layers and the downlink, {} not understood\n",
        summary.log_path,
        grouped(summary.log.lines),
        grouped(summary.log.of_entries),
        grouped(summary.log.elsewhere),
        grouped(summary.log.not_understood));
  }
  if (!summary.fapi_path.empty()) {
    out += fmt::format("{}: {} messages\n", summary.fapi_path, grouped(summary.nof_fapi_messages));
  }
  if (summary.cell) {
    const carrier_config& carrier = summary.cell->cell.carrier;
    out += fmt::format("{}: {} slots, {}{} kHz, {} PRB, {} port{}\n",
                       summary.symbols_path,
                       grouped(summary.nof_grids),
                       summary.cell->notes.count("carrier.scs_khz") != 0 ? "~ " : "",
                       carrier.scs.scs_hz() / 1000,
                       carrier.nof_prb,
                       carrier.nof_rx_ports,
                       carrier.nof_rx_ports == 1 ? "" : "s");
  } else if (!summary.symbols_path.empty()) {
    out += summary.symbols_path + ": not used, the log has no RX_SYMBOL line\n";
  }
  return out;
}

std::string remarks_text(const log_remarks& remarks)
{
  std::string out;
  for (const auto& [what, kind] : remarks.kinds) {
    out += fmt::format("\n  not understood: {} x {}\n", kind.count, what);
    for (const std::string& line : kind.first) {
      out += "    " + line + "\n";
    }
    if (kind.count > static_cast<std::int64_t>(kind.first.size())) {
      out += "    ...\n";
    }
  }
  return out;
}

std::string losses_text(const import_summary& summary)
{
  std::string out;
  if (summary.nof_beyond > 0) {
    out += fmt::format("  {} slots of the log are not whole in {}: was it cut? The others were imported\n",
                       summary.nof_beyond,
                       summary.symbols_path);
  }
  if (summary.nof_not_finite > 0) {
    out += fmt::format("  {} values are no numbers\n", grouped(summary.nof_not_finite));
  }
  if (summary.nof_prach_places > 0) {
    out += fmt::format("  {} PRACH windows stay in the gNB's file: PRACH is not decoded yet\n",
                       summary.nof_prach_places);
  }
  if (summary.is_cut) {
    out += "  interrupted: what was done until then was written\n";
  }
  return out.empty() ? "" : "\n" + out;
}

} // namespace

std::string import_text(const import_summary& summary)
{
  using align = text_table::align;
  text_table table({{"UE", align::left},
                    {"PUSCH", align::right},
                    {"not decoded yet", align::right},
                    {"gNB CRC ok", align::right},
                    {"with payload", align::right},
                    {"PUCCH", align::right}});
  for (const auto& [rnti, ue] : summary.ues) {
    table.add_row({fmt::format("0x{:04x}", rnti),
                   grouped(ue.nof_pusch),
                   grouped(ue.nof_unsupported),
                   grouped(ue.nof_crc_ok),
                   grouped(ue.nof_payload),
                   grouped(ue.nof_pucch)});
  }
  std::string out = inputs_text(summary) + "\n" + table.text();
  out += fmt::format("  {} slots with PDUs, {} PRACH, {} SRS\n",
                     grouped(summary.nof_schedule_slots),
                     grouped(summary.nof_prach),
                     grouped(summary.nof_srs));
  out += losses_text(summary) + remarks_text(summary.remarks);
  std::string written;
  for (const std::string& path : {summary.capture_path, summary.schedule_path, summary.cell_path}) {
    written += path.empty() ? "" : (written.empty() ? "" : ", ") + path;
  }
  if (written.empty()) {
    return out + "\nnothing was written: no uplink message was understood\n";
  }
  out += "\nwrote " + written + "\n";
  if (summary.capture_path.empty()) {
    return out + fmt::format("Next: pado replay CAPTURE --cell cell.yaml --schedule {} --check\n",
                             summary.schedule_path);
  }
  return out + (summary.schedule_path.empty()
                    ? fmt::format("Next: pado replay {} --blind\n", summary.capture_path)
                    : fmt::format("Next: pado replay {} --cell {} --schedule {} --check\n",
                                  summary.capture_path,
                                  summary.cell_path,
                                  summary.schedule_path));
}

std::string import_json(const import_summary& summary)
{
  nlohmann::ordered_json out;
  out["lines"] = summary.log.lines;
  out["lines_of_uplink"] = summary.log.of_entries;
  out["lines_elsewhere"] = summary.log.elsewhere;
  out["lines_not_understood"] = summary.log.not_understood;
  out["fapi_messages"] = summary.nof_fapi_messages;
  out["ues"] = nlohmann::ordered_json::array();
  for (const auto& [rnti, ue] : summary.ues) {
    out["ues"].push_back({{"rnti", rnti},
                          {"pusch", ue.nof_pusch},
                          {"pusch_unsupported", ue.nof_unsupported},
                          {"gnb_crc_ok", ue.nof_crc_ok},
                          {"with_payload", ue.nof_payload},
                          {"pucch", ue.nof_pucch}});
  }
  out["prach"] = summary.nof_prach;
  out["srs"] = summary.nof_srs;
  out["schedule_slots"] = summary.nof_schedule_slots;
  out["grids"] = summary.nof_grids;
  out["grids_beyond_file"] = summary.nof_beyond;
  out["prach_windows_left"] = summary.nof_prach_places;
  out["values_not_finite"] = summary.nof_not_finite;
  out["not_understood"] = nlohmann::ordered_json::array();
  for (const auto& [what, kind] : summary.remarks.kinds) {
    out["not_understood"].push_back({{"what", what}, {"count", kind.count}, {"first", kind.first}});
  }
  out["written"] = nlohmann::ordered_json::array();
  for (const std::string& path : {summary.capture_path, summary.schedule_path, summary.cell_path}) {
    if (!path.empty()) {
      out["written"].push_back(path);
    }
  }
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

} // namespace pado::apps
