// SPDX-License-Identifier: Apache-2.0
#include "apps/replay_print.h"
#include "apps/flow_status.h"
#include "apps/terminal.h"
#include <algorithm>
#include <fmt/format.h>

namespace pado::apps {

namespace {

const char* modulation_name(int qam_mod_order)
{
  switch (qam_mod_order) {
  case 2:
    return "QPSK";
  case 4:
    return "16QAM";
  case 6:
    return "64QAM";
  case 8:
    return "256QAM";
  default:
    return "?";
  }
}

std::string percent(std::int64_t part, std::int64_t whole)
{
  return whole > 0 ? fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole))
                   : "-";
}

std::string mcs_text(const ue_stats& ue)
{
  const std::string range = ue.lowest_mcs == ue.highest_mcs
                                ? fmt::format("{}", ue.lowest_mcs)
                                : fmt::format("{}-{}", ue.lowest_mcs, ue.highest_mcs);
  return fmt::format("{} ({})", range, modulation_name(ue.qam_mod_order));
}

std::string ue_table(const replay_stats& stats, double duration_s)
{
  using align = text_table::align;
  const bool has_uci =
      std::any_of(stats.ues.begin(), stats.ues.end(), [](const auto& one) { return one.second.nof_uci > 0; });
  std::vector<text_table::column> columns = {{"UE", align::left},
                                             {"TB", align::right},
                                             {"TB ok", align::right},
                                             {"DTX", align::right},
                                             {"BLER", align::right},
                                             {"MCS", align::left},
                                             {"layers", align::right},
                                             {"SINR dB", align::right},
                                             {"TA us", align::right},
                                             {"CFO Hz", align::right},
                                             {"LDPC it", align::right},
                                             {"Mbit/s", align::right},
                                             {"by model", align::right}};
  if (has_uci) {
    columns.push_back({"UCI ok", align::right});
  }
  text_table table(columns);
  for (const auto& [rnti, ue] : stats.ues) {
    const double mbits = duration_s > 0.0 ? static_cast<double>(ue.nof_bits_ok) / duration_s / 1e6 : 0.0;
    std::vector<std::string> row = {
        fmt::format("0x{:04x}", rnti),
        grouped(ue.nof_tb),
        grouped(ue.nof_tb_ok),
        grouped(ue.nof_dtx),
        percent(ue.nof_tb - ue.nof_dtx - ue.nof_tb_ok, ue.nof_tb - ue.nof_dtx),
        mcs_text(ue),
        fmt::format("{}", ue.most_layers),
        fmt::format("{:.1f} +- {:.1f}", ue.sinr_db.mean(), ue.sinr_db.deviation()),
        fmt::format("{:.2f}", ue.ta_us.mean()),
        fmt::format("{:.0f}", ue.cfo_hz.mean()),
        fmt::format("{:.1f}", ue.iterations.mean()),
        fmt::format("{:.2f}", mbits),
        percent(ue.nof_model_advice, ue.nof_advice)};
    if (has_uci) {
      row.push_back(fmt::format("{} / {}", ue.nof_uci_ok, ue.nof_uci));
    }
    table.add_row(std::move(row));
  }
  return table.text();
}

/// UE by UE, what the gNB's log says beside what was found here.
std::string reference_table(const replay_reference& reference)
{
  using align = text_table::align;
  text_table table({{"gNB / pado", align::left},
                    {"TB", align::right},
                    {"CRC ok", align::right},
                    {"differ", align::right},
                    {"SINR dB", align::right},
                    {"TA us", align::right},
                    {"CFO Hz", align::right},
                    {"LDPC it", align::right}});
  const auto both = [](const replay_reference::pair& pair, int digits) {
    const auto one = [&](const running_mean& mean) {
      return mean.count > 0 ? fmt::format("{:.{}f}", mean.mean(), digits) : std::string("-");
    };
    return one(pair.of_gnb) + " / " + one(pair.of_pado);
  };
  for (const auto& [rnti, ue] : reference.ues()) {
    table.add_row({fmt::format("0x{:04x}", rnti),
                   grouped(ue.nof_tb),
                   fmt::format("{} / {}", ue.nof_gnb_ok, ue.nof_pado_ok),
                   grouped(ue.nof_only_gnb + ue.nof_only_pado),
                   both(ue.sinr_db, 1),
                   both(ue.ta_us, 2),
                   both(ue.cfo_hz, 0),
                   both(ue.ldpc_iterations, 1)});
  }
  return reference.ues().empty() ? "" : "\n" + table.text();
}

std::string stage_table(replay_stats& stats)
{
  using align = text_table::align;
  text_table table({{"per slot, us", align::left},
                    {"p50", align::right},
                    {"p99", align::right},
                    {"p99.9", align::right},
                    {"max", align::right},
                    {"share", align::right}});
  const auto sum_of = [&](std::size_t stage) {
    double sum = 0.0;
    for (const std::int64_t ns : stats.stage_ns[stage]) {
      sum += static_cast<double>(ns);
    }
    return sum;
  };
  const double whole = sum_of(static_cast<std::size_t>(stage_id::total));
  for (std::size_t stage = 0; stage < nof_stages; ++stage) {
    const percentiles p = percentiles_of(stats.stage_ns[stage]);
    table.add_row({name_of(static_cast<stage_id>(stage)),
                   fmt::format("{:.1f}", p.p50 / 1e3),
                   fmt::format("{:.1f}", p.p99 / 1e3),
                   fmt::format("{:.1f}", p.p999 / 1e3),
                   fmt::format("{:.1f}", p.max / 1e3),
                   whole > 0.0 ? fmt::format("{:.0f} %", 100.0 * sum_of(stage) / whole) : "-"});
  }
  return "\n" + table.text();
}

std::string source_text(const replay_session& session)
{
  std::string out = "\n  ";
  std::string separator;
  for (const auto& [name, count] : session.source().counts()) {
    out += fmt::format("{}{} {}", separator, name, count);
    separator = ", ";
  }
  return out + "\n";
}

std::string flow_table(const fronthaul_status& status)
{
  using align = text_table::align;
  std::vector<text_table::column> columns = {{"eAxC", align::left},
                                             {"port", align::left},
                                             {"messages", align::right},
                                             {"lost", align::right},
                                             {"reordered", align::right}};
  if (status.window) {
    for (const char* heading : {"on time", "early", "late", "min us", "p50", "p99", "max"}) {
      columns.push_back({heading, align::right});
    }
    columns.push_back({"arrivals", align::left});
  }
  text_table table(columns);
  const auto us = [](std::int64_t ns) { return fmt::format("{:.1f}", static_cast<double>(ns) / 1000.0); };
  for (const flow_status& flow : status.flows) {
    std::vector<std::string> row = {fmt::format("0x{:04x}", flow.eaxc),
                                    fmt::format("{} {}", flow.is_prach ? "PRACH" : "PUSCH", flow.port),
                                    grouped(static_cast<std::int64_t>(flow.messages)),
                                    grouped(static_cast<std::int64_t>(flow.lost)),
                                    grouped(static_cast<std::int64_t>(flow.reordered))};
    if (status.window) {
      for (const std::uint64_t count : {flow.on_time, flow.early, flow.late}) {
        row.push_back(grouped(static_cast<std::int64_t>(count)));
      }
      for (const std::int64_t ns :
           {flow.arrival_least_ns, flow.arrival_p50_ns, flow.arrival_p99_ns, flow.arrival_greatest_ns}) {
        row.push_back(us(ns));
      }
      row.push_back(arrival_line(flow));
    }
    table.add_row(std::move(row));
  }
  return table.text();
}

/// Each eAxC, and what its arrivals were measured against.
std::string fronthaul_text(const fronthaul_status& status)
{
  std::string out = "\n" + flow_table(status);
  if (!status.window || status.flows.empty()) {
    return out;
  }
  const bool is_from_end = status.window->from == window_from::symbol_end;
  out += fmt::format("  arrivals against Ta4 {}..{} us from the {} of the symbol; a character is {} us\n",
                     status.window->begin_us,
                     status.window->end_us,
                     is_from_end ? "end" : "begin",
                     status.flows.front().bin_us);
  if (status.clock == packet_clock::fitted) {
    return out +
           "  clock fitted: the soonest message is put at the window's begin, only the spread is known\n";
  }
  constexpr std::int64_t far_ns = 10000000;
  const bool is_far = std::any_of(status.flows.begin(), status.flows.end(), [](const flow_status& flow) {
    return std::abs(flow.arrival_p50_ns) > far_ns;
  });
  if (is_far) {
    out += fmt::format(
        "  more than 10 ms off: are the stamps {}? fronthaul.clock and gps_beta of cell.yaml say\n",
        status.clock == packet_clock::tai ? "TAI" : "UTC");
  }
  return out;
}

std::string hook_text(const replay_session& session)
{
  const models::link_quality_counters& counters = session.decisions().hook_counters();
  std::string out = fmt::format("\n  link_quality: {} pieces of advice:", counters.advised.value());
  std::string separator = " ";
  for (std::size_t source = 0; source < models::nof_advice_sources; ++source) {
    if (counters.from[source].value() > 0) {
      out += fmt::format("{}{} {}",
                         separator,
                         models::name_of(static_cast<advice_source>(source)),
                         counters.from[source].value());
      separator = ", ";
    }
  }
  return out + fmt::format("; {} grants proposed\n", session.stats().nof_grants);
}

std::string unsupported_text(const replay_stats& stats)
{
  std::string out;
  for (const auto& [what, count] : stats.unsupported) {
    out += fmt::format("  not decoded: {} x {}\n", count, what);
  }
  return out.empty() ? "" : "\n" + out;
}

} // namespace

std::string grants_text(const slot_grants& grants)
{
  std::string out = fmt::format("  grants of slot {}.{}\n", grants.slot.sfn, grants.slot.slot);
  for (const pusch_pdu& pdu : grants.pusch) {
    out += fmt::format("    0x{:04x}  PRB {:>3}-{:<3}  MCS {:>2} ({}), {} layer{}, {} bytes\n",
                       pdu.rnti,
                       pdu.rb_start,
                       pdu.rb_start + pdu.rb_size - 1,
                       pdu.mcs_index,
                       modulation_name(pdu.qam_mod_order),
                       pdu.nof_layers,
                       pdu.nof_layers == 1 ? "" : "s",
                       pdu.tb_size_bytes);
  }
  return out;
}

std::string summary_text(replay_session& session)
{
  replay_stats& stats = session.stats();
  const numerology scs = session.cell().carrier.scs;
  const double duration_s = static_cast<double>(distance(stats.first_slot, stats.last_slot, scs) + 1) *
                            static_cast<double>(scs.slot_ns()) / 1e9;
  std::string out = "\n" + ue_table(stats, stats.nof_slots > 0 ? duration_s : 0.0);
  out += fmt::format(
      "\n  {} slots decoded in {:.2f} s, {} with missing PRBs, {} captured slots not in the schedule\n",
      stats.nof_slots,
      static_cast<double>(session.elapsed_ns()) / 1e9,
      stats.nof_incomplete,
      session.nof_unscheduled());
  out += reference_table(session.reference());
  out += source_text(session);
  if (const auto fronthaul = session.source().fronthaul()) {
    out += fronthaul_text(*fronthaul);
  }
  out += stage_table(stats);
  out += fmt::format("  deadline {} us: missed by {} of {} slots on one worker\n",
                     scs.slot_ns() / 1000,
                     stats.nof_deadline_missed,
                     stats.nof_slots);
  out += hook_text(session);
  if (session.nof_harq_evictions() > 0) {
    out += fmt::format("  HARQ memory was full: {} processes lost their soft bits\n",
                       session.nof_harq_evictions());
  }
  return out + unsupported_text(stats);
}

} // namespace pado::apps
