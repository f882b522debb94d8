// SPDX-License-Identifier: Apache-2.0
#include "apps/inspect_fronthaul.h"
#include "apps/terminal.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

namespace pado::apps {

namespace {

using nlohmann::ordered_json;

std::string mac_text(const io::mac_address& mac)
{
  return fmt::format(
      "{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

std::string method_name(compression method)
{
  constexpr const char* names[] = {"none", "BFP", "block scaling", "mu-law", "modulation"};
  const auto index = static_cast<std::size_t>(method);
  return index < std::size(names) ? names[index] : "method " + std::to_string(index);
}

std::string compression_text(const io::flow_report& flow)
{
  if (!flow.compression) {
    return flow.key.of == io::plane::user ? "unknown" : "-";
  }
  const io::compression_finding& found = *flow.compression;
  return fmt::format("{}{} {} {}",
                     found.is_guess ? "~" : "",
                     method_name(found.format.method),
                     found.format.width,
                     found.is_dynamic ? "dynamic" : "static");
}

std::string symbols_text(std::uint16_t symbols)
{
  std::vector<std::int32_t> all;
  for (std::int32_t l = 0; l < nof_symbols_per_slot; ++l) {
    if ((symbols >> l & 1) != 0) {
      all.push_back(l);
    }
  }
  return all.empty() ? "-" : runs(all);
}

std::string prbs_text(prb_range prbs)
{
  return prbs.size() > 0 ? fmt::format("{}-{}", prbs.begin, prbs.end - 1) : "-";
}

std::string plane_text(const io::flow_key& key)
{
  return fmt::format("{} {}{}",
                     key.of == io::plane::user ? "U" : "C",
                     key.dir == io::direction::uplink ? "up" : "down",
                     key.filter_index != 0 ? " PRACH" : "");
}

/// Flows of several eAxC ids that look the same are one row.
struct flow_row {
  std::vector<std::int32_t> eaxc;
  std::uint64_t frames = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicates = 0;
  std::int64_t least_ns = 0;
  std::int64_t most_ns = 0;
};

std::string flow_table(const io::survey_report& survey, const io::cell_report& cell)
{
  using align = text_table::align;
  text_table table({{"plane"},
                    {"eAxC"},
                    {"symbols"},
                    {"PRB"},
                    {"compression"},
                    {"frames", align::right},
                    {"lost", align::right},
                    {"dup", align::right},
                    {"spread us", align::right}});
  std::map<std::tuple<std::string, std::string, std::string, std::string>, flow_row> rows;
  for (const std::size_t index : cell.flows) {
    const io::flow_report& flow = survey.flows[index];
    flow_row& row = rows[{
        plane_text(flow.key), symbols_text(flow.symbols), prbs_text(flow.prbs), compression_text(flow)}];
    row.least_ns = row.eaxc.empty() ? flow.least_delay_ns : std::min(row.least_ns, flow.least_delay_ns);
    row.most_ns = row.eaxc.empty() ? flow.most_delay_ns : std::max(row.most_ns, flow.most_delay_ns);
    row.eaxc.push_back(flow.key.eaxc);
    row.frames += flow.nof_messages;
    row.lost += flow.nof_lost;
    row.duplicates += flow.nof_duplicates;
  }
  // U before C: what is decoded stands on top.
  for (const bool is_user : {true, false}) {
    for (auto& [look, row] : rows) {
      if ((std::get<0>(look)[0] == 'U') != is_user) {
        continue;
      }
      std::sort(row.eaxc.begin(), row.eaxc.end());
      table.add_row({std::get<0>(look),
                     runs(row.eaxc),
                     std::get<1>(look),
                     std::get<2>(look),
                     std::get<3>(look),
                     grouped(static_cast<std::int64_t>(row.frames)),
                     grouped(static_cast<std::int64_t>(row.lost)),
                     grouped(static_cast<std::int64_t>(row.duplicates)),
                     fmt::format("{:.1f}", static_cast<double>(row.most_ns - row.least_ns) / 1000.0)});
    }
  }
  return table.text();
}

std::string tdd_text(const io::cell_report& cell)
{
  const std::string letters = pattern_letters(cell);
  if (cell.is_fdd) {
    return "  FDD: uplink and downlink in the same symbols\n";
  }
  if (letters.empty()) {
    return "";
  }
  const char* guessed = cell.has_downlink ? "" : " (~ the capture has no downlink)";
  if (letters.find_first_not_of('U') == std::string::npos) {
    return fmt::format("  every slot carries uplink{}\n", guessed);
  }
  const double period_ms =
      static_cast<double>(cell.scs.slot_ns()) * static_cast<double>(letters.size()) / 1.0e6;
  std::vector<std::int32_t> uplink;
  std::string special;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const io::slot_symbols& slot = cell.pattern[i];
    if (letters[i] == 'U') {
      uplink.push_back(static_cast<std::int32_t>(i));
    } else if (letters[i] == 'S') {
      special += fmt::format("; special slot {}", i);
      special += slot.downlink != 0 ? ", downlink symbols " + symbols_text(slot.downlink) : "";
      special += slot.uplink != 0 ? ", uplink symbols " + symbols_text(slot.uplink) : "";
    }
  }
  return fmt::format("  TDD  {}, {:g} ms: uplink slots {}{}{}\n",
                     letters,
                     period_ms,
                     uplink.empty() ? "none" : runs(uplink),
                     special,
                     guessed);
}

std::string power_text(const fronthaul_findings& findings, std::size_t cell)
{
  std::string text;
  for (const port_power& one : findings.power) {
    if (one.cell == cell) {
      text += std::isinf(one.dbfs) ? fmt::format("   port {} silent", one.port)
                                   : fmt::format("   port {} {:.1f}", one.port, one.dbfs);
    }
  }
  return text.empty() ? "" : "  power, dBFS" + text + "\n";
}

std::string head_text(const fronthaul_findings& findings)
{
  const io::capture_info& info = findings.capture;
  const std::string resolution = info.format == io::capture_format::pcapng ? "pcapng"
                                 : info.nanoseconds                        ? "pcap, nanoseconds"
                                                                           : "pcap, microseconds";
  return fmt::format("{}: {}, {}{:.3f} s, {} frame{}\n",
                     info.name,
                     resolution,
                     info.file_bytes < 0 ? "" : byte_size(info.file_bytes) + ", ",
                     static_cast<double>(findings.last_ns - findings.first_ns) / 1.0e9,
                     grouped(findings.nof_frames),
                     findings.nof_frames == 1 ? "" : "s");
}

std::string no_fronthaul_text(const fronthaul_findings& findings)
{
  std::string reasons;
  for (std::size_t i = 0; i < io::nof_drop_reasons; ++i) {
    const auto reason = static_cast<io::drop_reason>(i);
    const auto count = static_cast<std::int64_t>(findings.survey.frames.nof_dropped(reason));
    if (count > 0) {
      reasons += fmt::format("{}{} {}", reasons.empty() ? " (" : ", ", grouped(count), io::name_of(reason));
    }
  }
  return "\n  no O-RAN fronthaul in it" + reasons + (reasons.empty() ? "" : ")") + "\n";
}

ordered_json flow_json(const io::flow_report& flow, std::size_t cell)
{
  ordered_json out = {{"type", "flow"},
                      {"cell", cell + 1},
                      {"plane", flow.key.of == io::plane::user ? "U" : "C"},
                      {"direction", flow.key.dir == io::direction::uplink ? "uplink" : "downlink"},
                      {"destination", mac_text(flow.key.destination)},
                      {"source", mac_text(flow.key.source)},
                      {"eaxc", flow.key.eaxc},
                      {"filter_index", flow.key.filter_index}};
  if (flow.key.vlan != io::link_frame::no_vlan) {
    out["vlan"] = flow.key.vlan;
  }
  if (flow.key.over != io::transport::ethernet) {
    out["udp_port"] = flow.key.udp_port;
  }
  out["symbols"] = symbols_text(flow.symbols);
  out["prb_begin"] = flow.prbs.begin;
  out["nof_prb"] = flow.prbs.size();
  if (flow.compression) {
    out["comp_method"] = method_name(flow.compression->format.method);
    out["comp_width"] = flow.compression->format.width;
    out["comp_header"] = flow.compression->is_dynamic ? "dynamic" : "static";
    out["comp_is_guess"] = flow.compression->is_guess;
  }
  out["frames"] = flow.nof_messages;
  out["lost"] = flow.nof_lost;
  out["duplicates"] = flow.nof_duplicates;
  out["reordered"] = flow.nof_reordered;
  out["malformed"] = flow.nof_malformed;
  out["spread_us"] = static_cast<double>(flow.most_delay_ns - flow.least_delay_ns) / 1000.0;
  return out;
}

ordered_json cell_json(const io::cell_report& cell, std::size_t index)
{
  return {{"type", "cell"},
          {"cell", index + 1},
          {"du", mac_text(cell.du)},
          {"ru", mac_text(cell.ru)},
          {"scs_khz", cell.scs.scs_hz() / 1000},
          {"scs_is_guess", cell.scs_is_guess},
          {"nof_prb", cell.nof_prb},
          {"duplex", cell.is_fdd ? "FDD" : "TDD"},
          {"tdd_pattern", pattern_letters(cell)},
          {"has_downlink", cell.has_downlink}};
}

} // namespace

std::string fronthaul_text(const fronthaul_findings& findings)
{
  std::string out = head_text(findings);
  const io::survey_report& survey = findings.survey;
  for (std::size_t i = 0; i < survey.cells.size(); ++i) {
    const io::cell_report& cell = survey.cells[i];
    const std::int32_t vlan = survey.flows[cell.flows.front()].key.vlan;
    out += fmt::format("\ncell {}: DU {}, RU {}{}, {}{} kHz, {} PRB\n",
                       i + 1,
                       mac_text(cell.du),
                       mac_text(cell.ru),
                       vlan == io::link_frame::no_vlan ? "" : fmt::format(", vlan {}", vlan),
                       cell.scs_is_guess ? "~" : "",
                       cell.scs.scs_hz() / 1000,
                       cell.nof_prb);
    out += flow_table(survey, cell) + tdd_text(cell) + power_text(findings, i);
  }
  if (survey.cells.empty()) {
    out += no_fronthaul_text(findings);
  }
  out += findings.warnings.empty() ? "" : "\n";
  for (const std::string& warning : findings.warnings) {
    out += "  ! " + warning + "\n";
  }
  return out + (findings.is_interrupted ? "\n  cut by Ctrl-C: the rest of the file was not read\n" : "");
}

std::string fronthaul_json(const fronthaul_findings& findings)
{
  const io::survey_report& survey = findings.survey;
  std::vector<ordered_json> lines;
  lines.push_back({{"type", "capture"},
                   {"file", findings.capture.name},
                   {"format", findings.capture.format == io::capture_format::pcapng ? "pcapng" : "pcap"},
                   {"duration_s", static_cast<double>(findings.last_ns - findings.first_ns) / 1.0e9},
                   {"frames", findings.nof_frames},
                   {"fronthaul_frames", survey.frames.accepted.value()},
                   {"not_fronthaul_frames", survey.frames.nof_dropped(io::drop_reason::not_fronthaul)},
                   {"is_cut", findings.is_interrupted || findings.damage.has_value()}});
  for (std::size_t i = 0; i < survey.cells.size(); ++i) {
    lines.push_back(cell_json(survey.cells[i], i));
    for (const std::size_t flow : survey.cells[i].flows) {
      lines.push_back(flow_json(survey.flows[flow], i));
    }
  }
  for (const port_power& one : findings.power) {
    ordered_json line = {
        {"type", "port_power"}, {"cell", one.cell + 1}, {"port", one.port}, {"eaxc", one.eaxc}};
    line["dbfs"] = std::isinf(one.dbfs) ? ordered_json() : ordered_json(one.dbfs);
    lines.push_back(line);
  }
  for (const std::string& warning : findings.warnings) {
    lines.push_back({{"type", "warning"}, {"text", warning}});
  }
  std::string out;
  for (const ordered_json& line : lines) {
    out += line.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + "\n";
  }
  return out;
}

} // namespace pado::apps
