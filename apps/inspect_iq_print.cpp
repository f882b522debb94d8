// SPDX-License-Identifier: Apache-2.0
#include "apps/inspect_iq.h"
#include "apps/terminal.h"
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

using align = text_table::align;
using nlohmann::ordered_json;

constexpr std::size_t max_segments_shown = 8;

std::string slot_text(const std::optional<slot_id>& slot)
{
  return slot ? text_of(*slot) : "-";
}

std::string db_text(double dbfs)
{
  return std::isinf(dbfs) ? "silent" : fmt::format("{:.1f}", dbfs);
}

double duration_s(const io::iq_recording& recording)
{
  return static_cast<double>(recording.nof_samples) / static_cast<double>(recording.sample_rate_hz);
}

std::string segment_table(const io::iq_recording& recording)
{
  text_table table({{"segment", align::right},
                    {"first sample", align::right},
                    {"ms", align::right},
                    {"centre MHz", align::right},
                    {"SFN.slot", align::right}});
  for (std::size_t i = 0; i < std::min(max_segments_shown, recording.segments.size()); ++i) {
    const io::iq_segment& segment = recording.segments[i];
    const auto samples = static_cast<double>(segment.sample_end - segment.sample_begin);
    table.add_row(
        {std::to_string(i),
         grouped(segment.sample_begin),
         fmt::format("{:.3f}", 1000.0 * samples / static_cast<double>(recording.sample_rate_hz)),
         segment.centre_hz == 0 ? "-" : fmt::format("{:.4f}", static_cast<double>(segment.centre_hz) / 1e6),
         slot_text(segment.slot)});
  }
  const std::size_t rest =
      recording.segments.size() - std::min(max_segments_shown, recording.segments.size());
  return table.text() + (rest == 0 ? "" : fmt::format("  and {} more: all of them with --json\n", rest));
}

std::string power_table(const iq_findings& findings)
{
  text_table table({{"channel", align::right},
                    {"mean dBFS", align::right},
                    {"peak dBFS", align::right},
                    {"clipped", align::right}});
  std::string remarks;
  for (std::size_t i = 0; i < findings.power.size(); ++i) {
    const channel_power& one = findings.power[i];
    table.add_row(
        {std::to_string(i), db_text(one.mean_dbfs), db_text(one.peak_dbfs), grouped(one.nof_clipped)});
    if (one.nof_not_finite > 0) {
      remarks += fmt::format("  ! channel {}: {} samples are not numbers\n", i, grouped(one.nof_not_finite));
    }
  }
  return table.text() + remarks;
}

std::string cell_table(const iq_findings& findings)
{
  if (findings.not_searched) {
    return "\n  cells: not searched, " + *findings.not_searched + "\n";
  }
  if (findings.cells.empty()) {
    return fmt::format("\n  cells: none heard in {:.1f} ms (no SS/PBCH block: uplink, or too weak)\n",
                       1000.0 * findings.searched_s);
  }
  text_table table({{"PCI", align::right},
                    {"SCS kHz", align::right},
                    {"SSB MHz", align::right},
                    {"first sample", align::right},
                    {"CFO Hz", align::right},
                    {"SNR dB", align::right},
                    {"SFN", align::right},
                    {"SSB", align::right},
                    {"CORESET0", align::right}});
  for (const phy::heard_cell& cell : findings.cells) {
    table.add_row({std::to_string(cell.pci),
                   std::to_string(cell.scs_hz / 1000),
                   fmt::format("{:.3f}", static_cast<double>(cell.ssb_centre_hz) / 1e6),
                   grouped(cell.start_sample),
                   fmt::format("{:+.0f}", cell.cfo_hz),
                   fmt::format("{:.1f}", static_cast<double>(cell.snr_db)),
                   cell.content ? std::to_string(cell.content->sfn) : "-",
                   cell.content ? std::to_string(cell.content->ssb_index) : "-",
                   cell.content ? std::to_string(cell.content->coreset_zero) : "-"});
  }
  return fmt::format("\n  cells heard in {:.1f} ms (SFN where the PBCH's CRC held)\n",
                     1000.0 * findings.searched_s) +
         table.text();
}

ordered_json cell_json(const phy::heard_cell& cell)
{
  ordered_json line = {{"type", "ssb"},
                       {"phys_cell_id", cell.pci},
                       {"scs_khz", cell.scs_hz / 1000},
                       {"ssb_centre_hz", cell.ssb_centre_hz},
                       {"sample", cell.start_sample},
                       {"cfo_hz", cell.cfo_hz},
                       {"snr_db", cell.snr_db},
                       {"pss_metric", cell.pss_metric},
                       {"sss_metric", cell.sss_metric}};
  if (cell.content) {
    line["sfn"] = cell.content->sfn;
    line["half_frame"] = cell.content->half_frame;
    line["ssb_index"] = cell.content->ssb_index;
    line["k_ssb"] = cell.content->k_ssb;
    line["scs_common_khz"] = cell.content->scs_common_hz / 1000;
    line["coreset_zero"] = cell.content->coreset_zero;
    line["search_space_zero"] = cell.content->search_space_zero;
    line["is_barred"] = cell.content->is_barred;
  }
  return line;
}

} // namespace

std::string iq_text(const iq_findings& findings)
{
  const io::iq_recording& recording = findings.recording;
  std::string out = fmt::format("{}: {}, {} channel{}, {:.6g} MS/s, {:.3f} ms, {} samples\n",
                                recording.name,
                                recording.format == io::sample_format::ci16_le ? "ci16_le" : "cf32_le",
                                recording.nof_channels,
                                recording.nof_channels == 1 ? "" : "s",
                                static_cast<double>(recording.sample_rate_hz) / 1e6,
                                1000.0 * duration_s(recording),
                                grouped(recording.nof_samples));
  if (recording.nof_spare_bytes > 0) {
    out += fmt::format("  ! {} bytes at the end are no whole sample: the file was cut\n",
                       recording.nof_spare_bytes);
  }
  out += "\n" + segment_table(recording) + "\n" + power_table(findings) + cell_table(findings);
  return out + (findings.is_interrupted ? "\n  cut by Ctrl-C: the rest of the file was not read\n" : "");
}

std::string iq_json(const iq_findings& findings)
{
  const io::iq_recording& recording = findings.recording;
  std::vector<ordered_json> lines;
  lines.push_back({{"type", "recording"},
                   {"file", recording.name},
                   {"format", recording.format == io::sample_format::ci16_le ? "ci16_le" : "cf32_le"},
                   {"sample_rate_hz", recording.sample_rate_hz},
                   {"nof_channels", recording.nof_channels},
                   {"nof_samples", recording.nof_samples},
                   {"duration_s", duration_s(recording)},
                   {"spare_bytes", recording.nof_spare_bytes},
                   {"searched_s", findings.searched_s},
                   {"is_cut", findings.is_interrupted}});
  for (const io::iq_segment& segment : recording.segments) {
    ordered_json line = {{"type", "segment"},
                         {"sample_begin", segment.sample_begin},
                         {"sample_end", segment.sample_end},
                         {"centre_hz", segment.centre_hz}};
    if (segment.slot) {
      line["sfn"] = segment.slot->sfn;
      line["slot"] = segment.slot->slot;
    }
    lines.push_back(line);
  }
  for (std::size_t i = 0; i < findings.power.size(); ++i) {
    const channel_power& one = findings.power[i];
    ordered_json line = {{"type", "channel_power"}, {"channel", i}};
    line["mean_dbfs"] = std::isinf(one.mean_dbfs) ? ordered_json() : ordered_json(one.mean_dbfs);
    line["peak_dbfs"] = std::isinf(one.peak_dbfs) ? ordered_json() : ordered_json(one.peak_dbfs);
    line["clipped"] = one.nof_clipped;
    line["not_finite"] = one.nof_not_finite;
    lines.push_back(line);
  }
  for (const phy::heard_cell& cell : findings.cells) {
    lines.push_back(cell_json(cell));
  }
  std::string out;
  for (const ordered_json& line : lines) {
    out += line.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + "\n";
  }
  return out;
}

} // namespace pado::apps
