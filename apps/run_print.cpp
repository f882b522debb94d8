// SPDX-License-Identifier: Apache-2.0
#include "apps/run_print.h"
#include "apps/live_json.h"
#include "apps/replay_print.h"
#include "apps/schedule_file.h"
#include "apps/terminal.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

using align = text_table::align;
using pipeline::live_report;

const char* name_of(live_report::kind what)
{
  switch (what) {
  case live_report::kind::decoded:
    return "decoded";
  case live_report::kind::shed:
    return "shed";
  default:
    return "not_received";
  }
}

double percent(std::uint64_t part, std::uint64_t whole)
{
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string count(std::uint64_t number)
{
  return grouped(static_cast<std::int64_t>(number));
}

std::string laws_text(const live_status& last)
{
  std::string text;
  for (const law_status& law : last.laws) {
    text +=
        fmt::format("  {:<9} received {} = accepted {}", law.what, count(law.received), count(law.accepted));
    for (const auto& [reason, dropped] : law.dropped) {
      if (dropped > 0) {
        text += fmt::format(" + {} {}", reason, count(dropped));
      }
    }
    text += "\n";
  }
  return text;
}

std::string flows_text(const live_status& last)
{
  text_table table({{"cell", align::right},
                    {"port", align::right},
                    {"eAxC", align::right},
                    {"messages", align::right},
                    {"on time", align::right},
                    {"early", align::right},
                    {"late", align::right},
                    {"lost", align::right},
                    {"twice", align::right},
                    {"corrupt", align::right}});
  for (const flow_status& flow : last.flows) {
    table.add_row({count(static_cast<std::uint64_t>(flow.cell)),
                   fmt::format("{}{}", flow.port, flow.is_prach ? " PRACH" : ""),
                   count(flow.eaxc),
                   count(flow.messages),
                   count(flow.on_time),
                   count(flow.early),
                   count(flow.late),
                   count(flow.lost),
                   count(flow.duplicate),
                   count(flow.corrupt)});
  }
  return table.text();
}

std::string cells_text(const live_status& last)
{
  text_table table({{"cell", align::left},
                    {"slots", align::right},
                    {"decoded", align::right},
                    {"missing PRBs", align::right},
                    {"not received", align::right},
                    {"shed", align::right},
                    {"late", align::right},
                    {"C-plane", align::right},
                    {"late", align::right},
                    {"TB", align::right},
                    {"BLER %", align::right},
                    {"DTX", align::right}});
  for (const live_status::cell_status& cell : last.cells) {
    table.add_row({cell.name,
                   count(cell.slots_complete + cell.slots_incomplete + cell.slots_without_data),
                   count(cell.slots_decoded),
                   count(cell.slots_incomplete),
                   count(cell.slots_without_data),
                   count(cell.slots_shed),
                   count(cell.deadline_misses),
                   count(cell.cplane_sent),
                   count(cell.cplane_late),
                   count(cell.nof_tb),
                   fmt::format("{:.2f}", percent(cell.nof_tb_failed, cell.nof_tb)),
                   count(cell.nof_dtx)});
  }
  return table.text();
}

/// Polls and plans of each cell; counts that are zero are left out.
std::string pollers_text(const live_status& last)
{
  std::string text;
  for (const live_status::cell_status& cell : last.cells) {
    text += fmt::format("  {}: ports looked at every {:.1f} ms or sooner, {} plans",
                        cell.name,
                        microseconds_of(cell.max_cycle_ns) / 1000.0,
                        count(cell.plans));
    for (const auto& [name, number] : {std::pair("late", cell.plans_late),
                                       std::pair("too early", cell.plans_early),
                                       std::pair("for a slot that had one", cell.plans_twice),
                                       std::pair("lost", cell.plans_lost),
                                       std::pair("looks more than a slot apart", cell.cycles_over_slot),
                                       std::pair("slots not polled", cell.slots_unpolled),
                                       std::pair("slots not decided", cell.slots_undecided),
                                       std::pair("reports lost", cell.reports_lost)}) {
      text += number > 0 ? fmt::format(", {} {}", count(number), name) : "";
    }
    text += "\n";
  }
  return text;
}

std::string ues_text(const live_status& last)
{
  text_table table({{"UE", align::left},
                    {"TB", align::right},
                    {"BLER %", align::right},
                    {"DTX", align::right},
                    {"MCS", align::right},
                    {"layers", align::right},
                    {"SINR dB", align::right},
                    {"TA us", align::right},
                    {"CFO Hz", align::right},
                    {"Mbit/s", align::right}});
  for (const ue_status& ue : last.ues) {
    table.add_row({fmt::format("0x{:04x}", ue.rnti),
                   count(ue.nof_tb),
                   fmt::format("{:.2f}", percent(ue.nof_tb_failed, ue.nof_tb)),
                   count(ue.nof_dtx),
                   fmt::format("{}", ue.mcs_index),
                   fmt::format("{}", ue.nof_layers),
                   fmt::format("{:.1f}", ue.sinr_db),
                   fmt::format("{:.2f}", ue.ta_us),
                   fmt::format("{:.0f}", ue.cfo_hz),
                   fmt::format("{:.2f}", ue.throughput_mbps)});
  }
  return table.text();
}

std::string latencies_text(const live_status& last)
{
  text_table table({{"per slot, us", align::left},
                    {"p50", align::right},
                    {"p99", align::right},
                    {"p99.9", align::right},
                    {"max", align::right}});
  for (const histogram_status& one : last.latencies) {
    table.add_row({one.name,
                   fmt::format("{:.1f}", microseconds_of(one.p50_ns)),
                   fmt::format("{:.1f}", microseconds_of(one.p99_ns)),
                   fmt::format("{:.1f}", microseconds_of(one.p999_ns)),
                   fmt::format("{:.1f}", microseconds_of(one.max_ns))});
  }
  return table.text();
}

} // namespace

std::string report_json(const live_report& report, numerology scs)
{
  if (report.what == live_report::kind::granted) {
    return {};
  }
  pipeline::decision_loop::decision made;
  made.advice = report.advice;
  made.grants = report.has_grants ? &report.grants : nullptr;
  nlohmann::ordered_json line =
      nlohmann::ordered_json::parse(slot_json(report.report, made, scs, std::nullopt));
  line["cell"] = report.report.cell;
  line["outcome"] = name_of(report.what);
  line["air_to_report_us"] = microseconds_of(report.air_to_report_ns);
  line["late"] = report.is_late;
  return line.dump() + "\n";
}

std::string grants_line(const slot_grants& grants, numerology scs)
{
  scheduled_slot line;
  line.plan.slot = grants.slot;
  line.plan.pusch = grants.pusch;
  line.expected.resize(grants.pusch.size());
  for (std::size_t i = 0; i < grants.pusch.size(); ++i) {
    line.pdu_index.push_back(static_cast<std::int32_t>(i));
  }
  return write_schedule_line(line, scs);
}

std::string status_line(const live_status& now)
{
  const std::int64_t seconds = (now.now_ns - now.started_ns) / 1'000'000'000;
  live_status::cell_status sum;
  for (const live_status::cell_status& cell : now.cells) {
    sum.slots_decoded += cell.slots_decoded;
    sum.slots_without_data += cell.slots_without_data;
    sum.slots_shed += cell.slots_shed;
    sum.deadline_misses += cell.deadline_misses;
    sum.nof_tb += cell.nof_tb;
    sum.nof_tb_failed += cell.nof_tb_failed;
  }
  float mbps = 0.0F;
  for (const ue_status& ue : now.ues) {
    mbps += ue.throughput_mbps;
  }
  const slot_id slot = now.cells.empty() ? slot_id{} : now.cells[0].now;
  return fmt::format(
      "{:02}:{:02} {:4}.{:<3} {} decoded, {} late, {} not received, {} shed | TB {} BLER {:.2f} % "
      "{:.1f} Mbit/s | p99 {:.0f} us",
      seconds / 60,
      seconds % 60,
      slot.sfn,
      slot.slot,
      count(sum.slots_decoded),
      count(sum.deadline_misses),
      count(sum.slots_without_data),
      count(sum.slots_shed),
      count(sum.nof_tb),
      percent(sum.nof_tb_failed, sum.nof_tb),
      mbps,
      now.latencies.empty() ? 0.0 : microseconds_of(now.latencies[0].p99_ns));
}

std::string run_summary_text(const live_status& last)
{
  const double seconds = static_cast<double>(last.now_ns - last.started_ns) / 1e9;
  std::string text = fmt::format("{:.1f} s on {}, {}\n\n", seconds, last.port, last.backend);
  text += laws_text(last);
  for (const auto& [name, number] : last.port_counts) {
    if (number > 0 && (name == "cut" || name == "lost" || name == "unsent")) {
      text += fmt::format("  port      {} {}\n", name, count(number));
    }
  }
  text += "\n" + flows_text(last) + "\n" + cells_text(last) + pollers_text(last);
  if (!last.ues.empty()) {
    text += "\n" + ues_text(last);
  }
  return text + "\n" + latencies_text(last);
}

namespace {

nlohmann::ordered_json flows_json(const live_status& last)
{
  auto out = nlohmann::ordered_json::array();
  for (const flow_status& flow : last.flows) {
    out.push_back({{"cell", flow.cell},
                   {"port", flow.port},
                   {"eaxc", flow.eaxc},
                   {"prach", flow.is_prach},
                   {"messages", flow.messages},
                   {"on_time", flow.on_time},
                   {"early", flow.early},
                   {"late", flow.late},
                   {"lost", flow.lost},
                   {"reordered", flow.reordered},
                   {"repeated", flow.repeated},
                   {"duplicate", flow.duplicate},
                   {"corrupt", flow.corrupt}});
  }
  return out;
}

nlohmann::ordered_json cells_json(const live_status& last)
{
  auto out = nlohmann::ordered_json::array();
  for (const live_status::cell_status& cell : last.cells) {
    out.push_back({{"name", cell.name},
                   {"slots_complete", cell.slots_complete},
                   {"slots_incomplete", cell.slots_incomplete},
                   {"slots_not_received", cell.slots_without_data},
                   {"slots_shed", cell.slots_shed},
                   {"slots_decoded", cell.slots_decoded},
                   {"deadline_misses", cell.deadline_misses},
                   {"tb", cell.nof_tb},
                   {"tb_failed", cell.nof_tb_failed},
                   {"dtx", cell.nof_dtx}});
    add_sending_counts(out.back(), cell);
  }
  return out;
}

nlohmann::ordered_json ues_json(const live_status& last)
{
  auto out = nlohmann::ordered_json::array();
  for (const ue_status& ue : last.ues) {
    out.push_back({{"cell", ue.cell},
                   {"rnti", ue.rnti},
                   {"tb", ue.nof_tb},
                   {"tb_failed", ue.nof_tb_failed},
                   {"dtx", ue.nof_dtx},
                   {"sinr_db", ue.sinr_db},
                   {"ta_us", ue.ta_us},
                   {"cfo_hz", ue.cfo_hz},
                   {"mcs_index", ue.mcs_index},
                   {"mbps", ue.throughput_mbps}});
  }
  return out;
}

} // namespace

std::string run_summary_json(const live_status& last)
{
  nlohmann::ordered_json out;
  out["summary"] = "run";
  out["backend"] = last.backend;
  out["port"] = last.port;
  out["state"] = last.state;
  out["elapsed_s"] = static_cast<double>(last.now_ns - last.started_ns) / 1e9;
  for (const law_status& law : last.laws) {
    auto& to = out["packets"][law.what];
    to["received"] = law.received;
    to["accepted"] = law.accepted;
    to["dropped"] = nlohmann::ordered_json::object();
    for (const auto& [reason, dropped] : law.dropped) {
      to["dropped"][reason] = dropped;
    }
  }
  for (const auto& [name, number] : last.port_counts) {
    out["port_counts"][name] = number;
  }
  out["flows"] = flows_json(last);
  out["cells"] = cells_json(last);
  out["ues"] = ues_json(last);
  for (const histogram_status& one : last.latencies) {
    out["latency_us"][one.name] = {{"p50", microseconds_of(one.p50_ns)},
                                   {"p99", microseconds_of(one.p99_ns)},
                                   {"p99.9", microseconds_of(one.p999_ns)},
                                   {"max", microseconds_of(one.max_ns)}};
  }
  return out.dump() + "\n";
}

} // namespace pado::apps
