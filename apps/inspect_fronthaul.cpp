// SPDX-License-Identifier: Apache-2.0
#include "apps/inspect_fronthaul.h"
#include "apps/interrupt.h"
#include "apps/terminal.h"
#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace pado::apps {

namespace {

constexpr std::uint32_t all_symbols = (1U << nof_symbols_per_slot) - 1;
constexpr double full_scale_power = 1073741824.0; // 32768 squared, as io/oran counts it
constexpr double weak_port_db = 20.0;
constexpr std::size_t max_rx_ports = 8;

bool is_uplink_data(const io::flow_report& flow)
{
  return flow.key.of == io::plane::user && flow.key.dir == io::direction::uplink;
}

/// Uplink user flows of a cell, of PUSCH or of PRACH, by ascending eAxC id.
std::vector<const io::flow_report*>
uplink_flows(const io::survey_report& survey, std::size_t cell, bool is_prach)
{
  std::vector<const io::flow_report*> found;
  for (const std::size_t index : survey.cells[cell].flows) {
    const io::flow_report& flow = survey.flows[index];
    if (is_uplink_data(flow) && (flow.key.filter_index != 0) == is_prach) {
      found.push_back(&flow);
    }
  }
  std::sort(
      found.begin(), found.end(), [](const auto* a, const auto* b) { return a->key.eaxc < b->key.eaxc; });
  return found;
}

void measure_power(fronthaul_findings& findings)
{
  for (std::size_t cell = 0; cell < findings.survey.cells.size(); ++cell) {
    std::int32_t port = 0;
    for (const io::flow_report* flow : uplink_flows(findings.survey, cell, false)) {
      if (flow->nof_power_re > 0) {
        const double dbfs = flow->mean_power > 0.0 ? 10.0 * std::log10(flow->mean_power / full_scale_power)
                                                   : -std::numeric_limits<double>::infinity();
        findings.power.push_back({cell, flow->key.eaxc, port, dbfs});
      }
      ++port;
    }
  }
}

void warn_of_ports(fronthaul_findings& findings)
{
  for (const port_power& one : findings.power) {
    double strongest = -std::numeric_limits<double>::infinity();
    for (const port_power& other : findings.power) {
      strongest = other.cell == one.cell ? std::max(strongest, other.dbfs) : strongest;
    }
    if (one.dbfs > 0.0) {
      findings.warnings.push_back(
          fmt::format("port {} (eAxC {}) is {:.1f} dB above the full scale of 16 bits: "
                      "large exponents, or no signal but random bytes",
                      one.port,
                      one.eaxc,
                      one.dbfs));
    }
    if (one.dbfs < strongest - weak_port_db) {
      findings.warnings.push_back(
          std::isinf(one.dbfs)
              ? fmt::format("port {} (eAxC {}) carries only zeros: is it connected?", one.port, one.eaxc)
              : fmt::format("port {} (eAxC {}) is {:.0f} dB below the strongest: cable?",
                            one.port,
                            one.eaxc,
                            strongest - one.dbfs));
    }
  }
}

void warn_of_flow(const io::flow_report& flow, std::vector<std::string>& warnings)
{
  const std::string name = fmt::format("{}-plane {} eAxC {}",
                                       flow.key.of == io::plane::user ? "U" : "C",
                                       flow.key.dir == io::direction::uplink ? "uplink" : "downlink",
                                       flow.key.eaxc);
  if (flow.nof_malformed > 0) {
    warnings.push_back(fmt::format("{}: {} of {} messages have sections that do not fill their length",
                                   name,
                                   grouped(static_cast<std::int64_t>(flow.nof_malformed)),
                                   grouped(static_cast<std::int64_t>(flow.nof_messages))));
  }
  if (flow.compression && flow.compression->is_mixed) {
    warnings.push_back(name + ": more than one compression format");
  }
}

void warn_of_drops(fronthaul_findings& findings)
{
  for (std::size_t i = 0; i < io::nof_drop_reasons; ++i) {
    const auto reason = static_cast<io::drop_reason>(i);
    const auto count = static_cast<std::int64_t>(findings.survey.frames.nof_dropped(reason));
    if (count > 0 && reason != io::drop_reason::not_fronthaul) {
      findings.warnings.push_back(
          fmt::format("{} frames not understood: {}", grouped(count), io::name_of(reason)));
    }
  }
}

/// What one slot of the pattern is; nothing when nothing was seen in it.
std::optional<slot_kind> kind_of(const io::slot_symbols& slot, const io::slot_symbols& next)
{
  const bool is_prefix = (slot.downlink & (slot.downlink + 1U)) == 0; // symbols 0..n - 1
  if (slot.uplink != 0 && slot.downlink != 0) {
    return slot_kind::special;
  }
  if (slot.uplink != 0) {
    const bool starts_late = (slot.uplink & 1U) == 0 && (slot.uplink >> (nof_symbols_per_slot - 1)) != 0;
    return starts_late ? slot_kind::special : slot_kind::uplink;
  }
  if (slot.downlink != 0) {
    const bool is_short = slot.downlink != all_symbols && is_prefix && next.uplink != 0;
    return is_short ? slot_kind::special : slot_kind::downlink;
  }
  return std::nullopt;
}

std::optional<slot_kind> kind_at(const io::cell_report& cell, std::size_t slot)
{
  return kind_of(cell.pattern[slot], cell.pattern[(slot + 1) % cell.pattern.size()]);
}

/// The `tdd` block; nothing when every slot carries uplink or both directions share symbols.
std::optional<tdd_config> tdd_of(const io::cell_report& cell)
{
  const bool is_all_uplink = std::all_of(cell.pattern.begin(),
                                         cell.pattern.end(),
                                         [](const io::slot_symbols& s) { return s.uplink == all_symbols; });
  if (cell.is_fdd || cell.pattern.empty() || is_all_uplink) {
    return std::nullopt;
  }
  tdd_config tdd;
  for (std::size_t i = 0; i < cell.pattern.size(); ++i) {
    const slot_kind kind = kind_at(cell, i).value_or(slot_kind::downlink);
    tdd.slots.push_back(kind);
    if (kind == slot_kind::special) {
      // The longest of several: a symbol that is not expected would be dropped.
      const std::int32_t first_uplink = std::countr_zero(std::uint32_t{cell.pattern[i].uplink} | 1U << 14U);
      const auto nof_downlink = static_cast<std::int32_t>(std::bit_width(cell.pattern[i].downlink));
      tdd.special_uplink_symbols = std::max(tdd.special_uplink_symbols, nof_symbols_per_slot - first_uplink);
      tdd.special_downlink_symbols = std::max(tdd.special_downlink_symbols, nof_downlink);
    }
  }
  tdd.special_downlink_symbols =
      std::min(tdd.special_downlink_symbols, nof_symbols_per_slot - tdd.special_uplink_symbols);
  return tdd;
}

void propose_compression(const io::flow_report& flow, cell_proposal& proposal)
{
  fronthaul_config& fronthaul = *proposal.cell.fronthaul;
  if (!flow.compression) {
    proposal.notes["fronthaul.comp_width"] = "~ no message told: check";
    return;
  }
  fronthaul.comp_method = flow.compression->format.method;
  fronthaul.comp_width = flow.compression->format.width;
  fronthaul.header = flow.compression->is_dynamic ? comp_header::dynamic : comp_header::static_config;
  if (flow.compression->is_guess) {
    proposal.notes["fronthaul.comp_method"] = "~ lengths leave others possible: check";
  }
}

} // namespace

result<fronthaul_findings> survey_capture(const std::string& path, bool has_progress)
{
  auto opened = io::pcap_reader::open(path);
  if (!opened) {
    return opened.failure();
  }
  io::pcap_reader& reader = opened.value();
  fronthaul_findings findings;
  findings.capture = reader.info();
  io::survey survey;
  progress_bar bar("MB", findings.capture.file_bytes / 1000000, has_progress);
  watch_interrupt();
  io::capture_frame frame;
  while (!findings.is_interrupted && reader.next(frame)) {
    survey.add(frame.bytes, frame.time_ns);
    findings.first_ns = findings.nof_frames == 0 ? frame.time_ns : std::min(findings.first_ns, frame.time_ns);
    findings.last_ns = findings.nof_frames == 0 ? frame.time_ns : std::max(findings.last_ns, frame.time_ns);
    ++findings.nof_frames;
    if (findings.nof_frames % 1024 == 0) { // the clock and ftell() cost more than a frame
      bar.update(reader.position() / 1000000, grouped(findings.nof_frames) + " frames");
      findings.is_interrupted = is_interrupted();
    }
  }
  findings.damage = reader.failure();
  findings.survey = survey.report();
  draw_conclusions(findings);
  return findings;
}

void draw_conclusions(fronthaul_findings& findings)
{
  measure_power(findings);
  warn_of_ports(findings);
  for (const io::flow_report& flow : findings.survey.flows) {
    warn_of_flow(flow, findings.warnings);
  }
  warn_of_drops(findings);
}

std::string pattern_letters(const io::cell_report& cell)
{
  std::string letters;
  for (std::size_t i = 0; i < cell.pattern.size() && !cell.is_fdd; ++i) {
    const auto kind = kind_at(cell, i);
    letters += kind ? "DSU"[static_cast<std::size_t>(*kind)] : '-';
  }
  return letters;
}

result<cell_proposal> propose_cell(const fronthaul_findings& findings, std::size_t cell)
{
  const io::cell_report& report = findings.survey.cells[cell];
  const auto pusch = uplink_flows(findings.survey, cell, false);
  const std::string where = findings.capture.name + ": cell " + std::to_string(cell + 1);
  if (pusch.empty() || report.nof_prb < 1) {
    return error{where, "has no uplink U-plane: there is nothing to replay in it"};
  }
  if (pusch.size() > max_rx_ports) {
    return error{where,
                 "has " + std::to_string(pusch.size()) + " uplink eAxC ids, a receiver takes at most 8"};
  }
  cell_proposal proposal;
  carrier_config& carrier = proposal.cell.carrier;
  carrier.name = "cell " + std::to_string(cell + 1);
  carrier.scs = report.scs;
  carrier.nof_prb = report.nof_prb;
  carrier.nof_rx_ports = static_cast<std::int32_t>(pusch.size());
  proposal.notes["carrier.centre_hz"] = "not in a capture: set it when you know it";
  proposal.notes["carrier.phys_cell_id"] = "not in a capture: set it when you know it";
  if (report.scs_is_guess) {
    proposal.notes["carrier.scs_khz"] = "~ only slot 0 of the subframes was seen: check";
  }
  fronthaul_config& fronthaul = proposal.cell.fronthaul.emplace();
  for (const io::flow_report* flow : pusch) {
    fronthaul.eaxc_pusch.push_back(flow->key.eaxc);
  }
  const auto prach = uplink_flows(findings.survey, cell, true);
  for (const io::flow_report* flow : prach) {
    fronthaul.eaxc_prach.push_back(flow->key.eaxc);
  }
  if (prach.size() != pusch.size()) {
    fronthaul.eaxc_prach.clear(); // not every port, or a PRACH flow of several filters: nothing to rely on
  }
  const io::flow_key& key = pusch.front()->key;
  if (key.vlan != io::link_frame::no_vlan) {
    fronthaul.vlan = key.vlan;
  }
  if (key.over != io::transport::ethernet) {
    fronthaul.udp_port = key.udp_port;
  }
  propose_compression(*pusch.front(), proposal);
  proposal.cell.tdd = tdd_of(report);
  if (proposal.cell.tdd && !report.has_downlink) {
    proposal.notes["tdd.pattern"] = "~ from the uplink alone";
  }
  return proposal;
}

} // namespace pado::apps
