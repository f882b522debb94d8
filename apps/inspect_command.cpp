// SPDX-License-Identifier: Apache-2.0
#include "apps/commands.h"
#include "apps/inspect_fronthaul.h"
#include "apps/inspect_iq.h"
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

namespace pado::apps {

namespace {

struct inspect_options {
  std::string file;
  std::string cell_out;
  bool is_json = false;
  bool is_quiet = false;
  std::int64_t sample_rate_hz = 0;
  std::int64_t centre_hz = 0;
  std::int32_t nof_channels = 1;
  std::string format = "ci16_le";
  double search_s = 0.04;
};

int fail(const error& failure)
{
  std::fprintf(stderr, "%s\n", failure.text().c_str());
  return exit_wrong_use;
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
  std::ofstream out(path, std::ios::binary);
  out << write_cell_file(proposal.cell, proposal.notes);
  out.close();
  return out ? std::optional<error>() : error{path + ":", "cannot be written"};
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

int inspect_capture(const inspect_options& options)
{
  const auto findings = survey_capture(options.file, !options.is_quiet && !options.is_json);
  if (!findings) {
    return fail(findings.failure());
  }
  const std::string text =
      options.is_json ? fronthaul_json(findings.value()) : fronthaul_text(findings.value());
  std::fputs(text.c_str(), stdout);
  std::vector<result<cell_proposal>> proposals;
  for (std::size_t cell = 0; cell < findings.value().survey.cells.size(); ++cell) {
    proposals.push_back(propose_cell(findings.value(), cell));
  }
  const int outcome = propose(options, proposals);
  std::fflush(stdout); // what was found stands before what was wrong
  if (findings.value().damage) {
    return fail(*findings.value().damage);
  }
  return proposals.empty() ? exit_negative : outcome;
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
  const std::string text = options.is_json ? iq_json(findings.value()) : iq_text(findings.value());
  std::fputs(text.c_str(), stdout);
  return propose(options, {propose_iq_cell(findings.value())});
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
      ->add_option(
          "FILE", options->file, "pcap or pcapng (- is standard input), SigMF, or raw IQ with --rate")
      ->required();
  command->add_option(
      "--cell-out", options->cell_out, "write the cell.yaml that pado replay takes to this file");
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
  command->callback([options, &exit_code] {
    const bool is_iq = options->sample_rate_hz != 0 || is_recording(options->file);
    exit_code = is_iq ? inspect_recording(*options) : inspect_capture(*options);
  });
}

} // namespace pado::apps
