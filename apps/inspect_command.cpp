// SPDX-License-Identifier: Apache-2.0
#include "apps/blind_capture.h"
#include "apps/blind_print.h"
#include "apps/commands.h"
#include "apps/inspect_fronthaul.h"
#include "apps/inspect_grid.h"
#include "apps/inspect_iq.h"
#include "apps/interrupt.h"
#include "apps/lines_report.h"
#include "apps/slot_timing.h"
#include "apps/terminal.h"
#include "io/sigmf/bounded_json.h"
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace pado::apps {

namespace {

struct inspect_options {
  std::string file;
  std::string cell_out;
  std::string report; ///< a page goes to this file; empty: none
  bool is_json = false;
  bool is_quiet = false;
  std::int64_t sample_rate_hz = 0;
  std::int64_t centre_hz = 0;
  std::int32_t nof_channels = 1;
  std::string format = "ci16_le";
  double search_s = 0.04;
  bool is_blind = false;
  std::string schedule_out;
  std::string cell;
  std::int32_t nof_workers = 0;
  std::string timing_out;
  std::string timing_slot;
};

int fail(const error& failure)
{
  std::fprintf(stderr, "%s\n", failure.text().c_str());
  return exit_wrong_use;
}

std::optional<error> write_file(const std::string& path, const std::string& text)
{
  return io::write_text_file(path, text) ? std::optional<error>() : error{path + ":", "cannot be written"};
}

/// Prints what was found, and writes it as a page when one was asked for.
template <class Findings>
std::optional<error> show(const inspect_options& options,
                          const Findings& findings,
                          std::string (*text_of)(const Findings&),
                          std::string (*json_of)(const Findings&))
{
  const bool has_json = options.is_json || !options.report.empty();
  const std::string json = has_json ? json_of(findings) : std::string();
  std::fputs(options.is_json ? json.c_str() : text_of(findings).c_str(), stdout);
  if (options.report.empty()) {
    return std::nullopt;
  }
  const auto written = write_lines_report(options.report, {"inspect", options.file, json, "", true});
  return written ? std::optional<error>() : written.failure();
}

bool is_recording(const std::string& path)
{
  const auto ends = [&](const std::string& end) {
    return path.size() > end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0;
  };
  std::error_code ignored;
  return ends(".sigmf-meta") || ends(".sigmf-data") || std::filesystem::exists(path + ".sigmf-meta", ignored);
}

/// The second cell of a file goes to cell-2.yaml.
std::string cell_path(const std::string& first, std::size_t cell)
{
  if (cell == 0) {
    return first;
  }
  const std::filesystem::path path(first);
  const std::string name = path.stem().string() + "-" + std::to_string(cell + 1) + path.extension().string();
  return (path.parent_path() / name).string();
}

std::optional<error> write_cell(const cell_proposal& proposal, const std::string& path)
{
  return write_file(path, write_cell_file(proposal.cell, proposal.notes));
}

/// Writes the cell.yaml files and says what to do next.
int propose(const inspect_options& options, const std::vector<result<cell_proposal>>& proposals)
{
  std::vector<std::string> written;
  for (std::size_t i = 0; i < proposals.size() && !options.cell_out.empty(); ++i) {
    if (!proposals[i]) {
      std::fprintf(stderr, "%s\n", proposals[i].failure().text().c_str());
      continue;
    }
    const std::string path = cell_path(options.cell_out, i);
    if (const auto failure = write_cell(proposals[i].value(), path)) {
      return fail(*failure);
    }
    written.push_back(path);
  }
  if (!options.is_json && !options.is_quiet && !proposals.empty()) {
    std::string cells;
    for (const std::string& path : written) {
      std::printf("\nwrote %s", path.c_str());
      cells += " --cell " + path;
    }
    if (written.empty()) {
      std::printf("\nNext: pado inspect %s --cell-out cell.yaml\n", options.file.c_str());
    } else {
      std::printf("\nNext: pado replay %s%s --schedule slots.jsonl\n", options.file.c_str(), cells.c_str());
    }
  }
  return !options.cell_out.empty() && written.empty() ? exit_negative : exit_done;
}

std::optional<error> write_schedule(const schedule& found, numerology scs, const std::string& path)
{
  std::string lines;
  for (const scheduled_slot& slot : found.slots) {
    lines += write_schedule_line(slot, scs);
  }
  return write_file(path, lines);
}

/// "SFN.SLOT"; nothing for "".
result<std::optional<slot_id>> slot_of(const std::string& text, numerology scs)
{
  slot_id slot;
  char behind = 0;
  if (text.empty()) {
    return std::optional<slot_id>();
  }
  if (std::sscanf(text.c_str(), "%d.%d%c", &slot.sfn, &slot.slot, &behind) != 2 || slot.sfn < 0 ||
      slot.sfn >= nof_sfn || slot.slot < 0 || slot.slot >= scs.slots_per_frame()) {
    return error{"--timing-slot",
                 "is '" + text + "', must be SFN.SLOT with SFN in 0..1023 and SLOT in 0.." +
                     std::to_string(scs.slots_per_frame() - 1)};
  }
  return std::optional<slot_id>(slot);
}

/// The picture of --timing.
int draw_timing(const inspect_options& options)
{
  const result<cell_config> cell = read_cell_file(options.cell);
  if (!cell) {
    return fail(cell.failure());
  }
  const auto wanted = slot_of(options.timing_slot, cell.value().carrier.scs);
  if (!wanted) {
    return fail(wanted.failure());
  }
  const result<slot_timing> timing = read_slot_timing(options.file, cell.value(), wanted.value());
  if (!timing) {
    return fail(timing.failure());
  }
  if (const auto failure = write_file(options.timing_out, slot_timing_svg(timing.value(), cell.value()))) {
    return fail(*failure);
  }
  if (!options.is_json && !options.is_quiet) {
    std::printf("\nwrote %s\n", options.timing_out.c_str());
  }
  return exit_done;
}

/// The search without a schedule, in the cell that was proposed or named.
int inspect_blindly(const inspect_options& options, const blind_capture& input)
{
  const cell_config& cell = input.cell;
  const steady_clock time;
  watch_interrupt();
  progress_bar bar("per mille of the capture", 1000, !options.is_quiet && !options.is_json);
  blind_options how;
  how.nof_workers = options.nof_workers;
  how.progress = [&](double share, std::int64_t nof_slots) {
    bar.update(static_cast<std::int64_t>(1000.0 * share), std::to_string(nof_slots) + " slots");
    return !is_interrupted();
  };
  const result<blind_result> found = discover(input, how, time);
  if (!found) {
    return fail(found.failure());
  }
  const std::string text = options.is_json ? blind_json(found.value()) : blind_text(found.value());
  std::fputs(text.c_str(), stdout);
  if (!options.schedule_out.empty()) {
    const schedule lines = schedule_of(found.value());
    if (const auto failure = write_schedule(lines, cell.carrier.scs, options.schedule_out)) {
      return fail(*failure);
    }
    if (!options.is_json && !options.is_quiet) {
      std::printf("\nwrote %s\n", options.schedule_out.c_str());
    }
  }
  return found.value().ues.empty() ? exit_negative : exit_done;
}

/// The first cell of a capture: of --cell, or as proposed.
int inspect_blindly(const inspect_options& options,
                    const std::vector<result<cell_proposal>>& proposals,
                    const std::optional<io::iq_recording>& recording = std::nullopt)
{
  if (!options.cell.empty()) {
    const result<cell_config> cell = read_cell_file(options.cell);
    return cell ? inspect_blindly(options, {options.file, recording, cell.value(), std::nullopt})
                : fail(cell.failure());
  }
  if (proposals.empty()) {
    return exit_negative;
  }
  return proposals[0]
             ? inspect_blindly(options, {options.file, recording, proposals[0].value().cell, std::nullopt})
             : fail(proposals[0].failure());
}

int inspect_capture(const inspect_options& options)
{
  const auto findings = survey_capture(options.file, !options.is_quiet && !options.is_json);
  if (!findings) {
    return fail(findings.failure());
  }
  if (const auto failure = show(options, findings.value(), fronthaul_text, fronthaul_json)) {
    return fail(*failure);
  }
  std::vector<result<cell_proposal>> proposals;
  for (std::size_t cell = 0; cell < findings.value().survey.cells.size(); ++cell) {
    proposals.push_back(propose_cell(findings.value(), cell));
  }
  const int outcome = propose(options, proposals);
  std::fflush(stdout); // what was found stands before what was wrong
  if (findings.value().damage) {
    return fail(*findings.value().damage);
  }
  if (!options.timing_out.empty() && outcome == exit_done) {
    return draw_timing(options);
  }
  if (options.is_blind && outcome == exit_done) {
    return inspect_blindly(options, proposals);
  }
  return proposals.empty() ? exit_negative : outcome;
}

/// Writes the proposed cell, and searches in it when asked to.
int finish(const inspect_options& options, const std::vector<result<cell_proposal>>& proposals)
{
  const int outcome = propose(options, proposals);
  return options.is_blind && outcome == exit_done ? inspect_blindly(options, proposals) : outcome;
}

/// A recording that does not say which slot it begins with: its timing first.
int inspect_untimed(const inspect_options& options, const iq_findings& findings)
{
  auto proposal = propose_iq_cell(findings);
  if (!proposal) {
    return fail(proposal.failure());
  }
  const result<cell_config> cell =
      options.cell.empty() ? result<cell_config>(proposal.value().cell) : read_cell_file(options.cell);
  if (!cell) {
    return fail(cell.failure());
  }
  const steady_clock time;
  const auto input = time_recording(findings.recording, cell.value(), !options.cell.empty(), time);
  std::fflush(stdout);
  if (!input) {
    std::fprintf(stderr, "%s\n", input.failure().text().c_str());
    return exit_negative;
  }
  const iq_timing& timing = *input.value().timing;
  std::fputs((options.is_json ? timing_json(timing) : timing_text(timing)).c_str(), stdout);
  proposal.value().cell = input.value().cell;
  for (const char* const key : {"carrier.scs_khz", "carrier.nof_prb", "carrier.phys_cell_id"}) {
    if (proposal.value().notes.count(key) != 0) {
      proposal.value().notes[key] = "~ by its DM-RS";
    }
  }
  if (timing.carrier_hz) {
    proposal.value().notes["carrier.centre_hz"] = "~ modulo 1.92 MHz: what the symbols' phase says";
  }
  const int outcome = propose(options, {proposal});
  return outcome == exit_done ? inspect_blindly(options, input.value()) : outcome;
}

int inspect_recording(const inspect_options& options)
{
  io::raw_iq_config raw;
  raw.format = options.format == "cf32_le" ? io::sample_format::cf32_le : io::sample_format::ci16_le;
  raw.sample_rate_hz = options.sample_rate_hz;
  raw.centre_hz = options.centre_hz;
  raw.nof_channels = options.nof_channels;
  const auto recording =
      options.sample_rate_hz != 0 ? io::describe_raw_iq(options.file, raw) : io::read_sigmf(options.file);
  if (!recording) {
    return fail(recording.failure());
  }
  const auto findings = survey_recording(
      recording.value(), {!options.is_quiet && !options.is_json, options.search_s > 0.0, options.search_s});
  if (!findings) {
    return fail(findings.failure());
  }
  if (const auto failure = show(options, findings.value(), iq_text, iq_json)) {
    return fail(*failure);
  }
  if (options.is_blind && lacks_timing(recording.value())) {
    return inspect_untimed(options, findings.value());
  }
  const std::vector<result<cell_proposal>> proposals = {propose_iq_cell(findings.value())};
  const int outcome = propose(options, proposals);
  return options.is_blind && outcome == exit_done ? inspect_blindly(options, proposals, recording.value())
                                                  : outcome;
}

int inspect_grid(const inspect_options& options)
{
  const auto findings = survey_grid(options.file, !options.is_quiet && !options.is_json);
  if (!findings) {
    return fail(findings.failure());
  }
  if (const auto failure = show(options, findings.value(), grid_text, grid_json)) {
    return fail(*failure);
  }
  return finish(options, {propose_grid_cell(findings.value().capture)});
}

} // namespace

void add_inspect_command(CLI::App& app, int& exit_code)
{
  const auto options = std::make_shared<inspect_options>();
  CLI::App* command = app.add_subcommand("inspect");
  command->description("what is in a capture or a recording\n"
                       "  pado inspect lab.pcap --cell-out cell.yaml\n"
                       "  zcat lab.pcap.gz | pado inspect - --json\n"
                       "  pado inspect cell.sigmf-meta\n"
                       "  pado inspect samples.iq --rate 46080000 --format ci16_le --centre 3502800000");
  command->footer("Exit codes: 0 done, 1 nothing found, 2 wrong use or damaged input.");
  command
      ->add_option("FILE",
                   options->file,
                   "pcap or pcapng (- is standard input), SigMF, a grid capture, or raw IQ with --rate")
      ->required();
  command->add_option(
      "--cell-out", options->cell_out, "write the cell.yaml that pado replay takes to this file");
  command->add_option("--report", options->report, "write it as a page to this file (docs/report.md)");
  command->add_flag("--json", options->is_json, "one JSON object a line instead of tables");
  command->add_flag("--quiet", options->is_quiet, "no progress bar and no hints");
  command->add_option("--rate", options->sample_rate_hz, "sample rate in Hz: FILE is raw IQ")
      ->check(CLI::PositiveNumber);
  command->add_option("--format", options->format, "of raw IQ: ci16_le (default) or cf32_le")
      ->check(CLI::IsMember({"ci16_le", "cf32_le"}))
      ->type_name("NAME");
  command->add_option("--channels", options->nof_channels, "of raw IQ, interleaved (default 1)")
      ->check(CLI::Range(1, 64));
  command->add_option("--centre", options->centre_hz, "centre frequency of raw IQ in Hz")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--search", options->search_s, "seconds to look for cells in (default 0.04, 0: none)")
      ->check(CLI::Range(0.0, 5.0));
  command->add_flag(
      "--blind", options->is_blind, "find UEs and their transport blocks without a schedule (docs/blind.md)");
  command
      ->add_option("--schedule-out", options->schedule_out, "with --blind: write what was found to this file")
      ->needs("--blind");
  CLI::Option* cell = command->add_option(
      "--cell", options->cell, "the cell for --timing, and for --blind instead of the one proposed");
  command
      ->add_option("--timing",
                   options->timing_out,
                   "draw C-plane, U-plane and windows of a slot into this SVG file (docs/run.md)")
      ->needs(cell)
      ->excludes("--blind");
  command
      ->add_option("--timing-slot", options->timing_slot, "SFN.SLOT; without it a typical one of the capture")
      ->needs("--timing");
  command->add_option("--workers", options->nof_workers, "of --blind; 0: one a core")
      ->check(CLI::Range(0, 64));
  command->callback([options, &exit_code] {
    if (io::is_grid_path(options->file)) {
      exit_code = inspect_grid(*options);
      return;
    }
    const bool is_iq = options->sample_rate_hz != 0 || is_recording(options->file);
    exit_code = is_iq ? inspect_recording(*options) : inspect_capture(*options);
  });
}

} // namespace pado::apps
