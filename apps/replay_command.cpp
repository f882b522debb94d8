// SPDX-License-Identifier: Apache-2.0
#include "apps/commands.h"
#include "apps/interrupt.h"
#include "apps/lines_report.h"
#include "apps/page/page.h"
#include "apps/replay_print.h"
#include "apps/replay_report.h"
#include "apps/replay_session.h"
#include "apps/terminal.h"
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>

namespace pado::apps {

namespace {

struct replay_arguments {
  replay_options options;
  std::string where = "auto";
  io::raw_iq_config raw; ///< with a rate: the capture is IQ without metadata
  std::string raw_format = "ci16_le";
  std::string report; ///< a page goes to this file; empty: none
  bool is_json = false;
  bool is_quiet = false;
};

int fail(const error& why)
{
  std::fprintf(stderr, "pado replay: %s\n", why.text().c_str());
  return exit_wrong_use;
}

/// Which engines this build has, for --help.
std::string engine_note()
{
  return models::has_openvino() ? "by openvino " + models::openvino_version()
                                : "this build has no ONNX engine";
}

using file = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// What goes on while slots are decoded: results to the file or the pipe, progress to the terminal.
class live_output {
public:
  live_output(const replay_arguments& arguments, replay_session& session, file results)
      : session_(session), results_(std::move(results)), is_json_(arguments.is_json),
        bar_("slots",
             static_cast<std::int64_t>(session.lines().slots.size()),
             !arguments.is_quiet && !arguments.is_json)
  {
  }

  void slot(const slot_report& report, const pipeline::decision_loop::decision& made)
  {
    if (made.grants != nullptr && !made.grants->pusch.empty()) {
      last_grants_ = *made.grants;
    }
    if (results_ || is_json_) {
      const std::string line = slot_json(report, made, session_.cell().carrier.scs, session_.arrival());
      if (results_) {
        std::fputs(line.c_str(), results_.get());
      }
      if (is_json_) {
        std::fputs(line.c_str(), stdout);
      }
    }
    const replay_stats& stats = session_.stats();
    bar_.update(stats.nof_slots, fmt::format("TB ok {} of {}", stats.nof_tb_ok(), stats.nof_tb()));
  }

  void finish()
  {
    if (is_json_) {
      std::fputs(summary_json(session_).c_str(), stdout);
      return;
    }
    std::fputs(summary_text(session_).c_str(), stdout);
    if (!last_grants_.pusch.empty()) {
      std::fputs(("\n" + grants_text(last_grants_)).c_str(), stdout);
    }
  }

private:
  replay_session& session_;
  file results_;
  bool is_json_;
  progress_bar bar_;
  slot_grants last_grants_;
};

/// The last lines: why nothing decodes, what the check says, what to do next. Returns the exit code.
int verdict(replay_session& session, const replay_options& options, bool is_json)
{
  std::FILE* out = is_json ? stderr : stdout;
  for (const std::string& finding : session.findings()) {
    std::fprintf(out, "\n  %s\n", finding.c_str());
  }
  if (session.stats().nof_slots == 0) {
    std::fprintf(
        stderr,
        "pado replay: no slot of the capture is in the schedule: do SFN, slot numbers and eAxC ids fit?\n");
    return exit_wrong_use;
  }
  if (!options.is_checked) {
    if (!options.results.empty()) {
      std::fprintf(out, "\nwrote %s\n", options.results.c_str());
    }
    return exit_done;
  }
  const replay_check& check = session.check();
  if (check.nof_compared() == 0) {
    std::fprintf(stderr, "pado replay: --check: the schedule has no `expected` that says what to find\n");
    return exit_wrong_use;
  }
  for (const std::string& line : check.differences()) {
    std::fprintf(out, "  differs: %s\n", line.c_str());
  }
  std::fprintf(out,
               "\n%s: %lld of %lld transport blocks as expected\n",
               check.nof_different() == 0 ? "PASS" : "FAIL",
               static_cast<long long>(check.nof_equal()),
               static_cast<long long>(check.nof_compared()));
  return check.nof_different() == 0 ? exit_done : exit_negative;
}

/// Gathers what a page shows, when one was asked for.
std::unique_ptr<replay_report> watch_for_report(const replay_arguments& arguments, replay_session& session)
{
  if (arguments.report.empty()) {
    return nullptr;
  }
  auto page = std::make_unique<replay_report>(session);
  session.show_slots(
      [&page = *page](const slot_report& report, const uplink_slot& slot) { page.see(report, slot); });
  return page;
}

/// Writes the page; the exit code of what could not be written, else `code`.
int finish_report(const replay_arguments& arguments,
                  const replay_report& report,
                  replay_session& session,
                  int code)
{
  const page made = make_report_page(report.data_json(session, arguments.options.input));
  if (const auto written = write_page(arguments.report, made.html); !written) {
    return fail(written.failure());
  }
  std::fprintf(arguments.is_json ? stderr : stdout, "wrote %s\n", arguments.report.c_str());
  return code;
}

int run_replay(replay_arguments& arguments)
{
  const result<backend> where = choose_backend(arguments.where);
  if (!where) {
    return fail(where.failure());
  }
  arguments.options.where = where.value();
  const steady_clock time;
  auto opened = replay_session::open(arguments.options, time);
  if (!opened) {
    return fail(opened.failure());
  }
  replay_session& session = *opened.value();
  file results(nullptr, &std::fclose);
  if (!arguments.options.results.empty()) {
    results.reset(std::fopen(arguments.options.results.c_str(), "w"));
    if (!results) {
      return fail({arguments.options.results, "cannot be written: is the folder there?"});
    }
  }
  if (!arguments.is_json) {
    fmt::print("{}, {} worker{} | {}\n",
               where.value() == backend::cpu ? "cpu" : "cuda",
               session.nof_workers(),
               session.nof_workers() == 1 ? "" : "s",
               session.source().describe());
    std::fputs(session.timing().c_str(), stdout);
  }
  watch_interrupt();
  live_output output(arguments, session, std::move(results));
  const std::unique_ptr<replay_report> page = watch_for_report(arguments, session);
  const std::optional<error> failure = session.run(
      [&](const slot_report& report, const pipeline::decision_loop::decision& made) {
        output.slot(report, made);
        if (page) {
          page->add(report, made);
        }
      },
      is_interrupted);
  output.finish();
  int code = verdict(session, arguments.options, arguments.is_json);
  if (page && session.stats().nof_slots > 0) {
    code = finish_report(arguments, *page, session, code);
  }
  if (is_interrupted()) {
    std::fprintf(stderr, "pado replay: interrupted: the summary is of what was done until then\n");
  }
  return failure ? fail(*failure) : code;
}

void add_raw_options(CLI::App& command, replay_arguments& arguments)
{
  command.add_option("--rate", arguments.raw.sample_rate_hz, "sample rate in Hz: the capture is raw IQ")
      ->check(CLI::PositiveNumber);
  command.add_option("--format", arguments.raw_format, "of raw IQ: ci16_le (default) or cf32_le")
      ->check(CLI::IsMember({"ci16_le", "cf32_le"}))
      ->type_name("NAME");
  command.add_option("--channels", arguments.raw.nof_channels, "of raw IQ, interleaved (default 1)")
      ->check(CLI::Range(1, 64));
  command.add_option("--centre", arguments.raw.centre_hz, "centre frequency of raw IQ in Hz")
      ->check(CLI::NonNegativeNumber);
}

/// What the options of raw IQ say, where there is a rate.
std::optional<io::raw_iq_config> raw_of(const replay_arguments& arguments)
{
  if (arguments.raw.sample_rate_hz == 0) {
    return std::nullopt;
  }
  io::raw_iq_config raw = arguments.raw;
  raw.format = arguments.raw_format == "cf32_le" ? io::sample_format::cf32_le : io::sample_format::ci16_le;
  return raw;
}

} // namespace

void add_replay_command(CLI::App& app, int& exit_code)
{
  auto arguments = std::make_shared<replay_arguments>();
  CLI::App* command =
      app.add_subcommand("replay", "Decode a capture: transport blocks, measurements, decisions");
  command->footer("Example:\n  pado replay lab.pcap --cell cell.yaml --schedule slots.jsonl");
  command
      ->add_option("capture",
                   arguments->options.input,
                   "O-RAN capture (pcap, pcapng, - ), SigMF recording, grid capture, or raw IQ with --rate")
      ->required();
  add_raw_options(*command, *arguments);
  CLI::Option* cell =
      command->add_option("--cell", arguments->options.cell, "cell.yaml, as pado inspect writes it");
  CLI::Option* given =
      command->add_option("--schedule",
                          arguments->options.schedule,
                          "what was granted, JSON lines; without it the static_grants of cell.yaml");
  command
      ->add_flag("--blind",
                 arguments->options.is_blind,
                 "no schedule: search for the UEs first; without --cell also for the cell (docs/blind.md)")
      ->excludes(given);
  command->add_option("--results", arguments->options.results, "write one JSON object a slot to this file");
  command->add_option("--report",
                      arguments->report,
                      "write a page with pictures to this file; opens offline (docs/report.md)");
  command->add_option("--model",
                      arguments->options.model,
                      "ONNX file for the hook link_quality, or none (" + engine_note() + ")");
  command->add_option("--backend", arguments->where, "auto, cpu or cuda")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  command
      ->add_option(
          "--workers", arguments->options.nof_workers, "slots decoded at the same time; 0: one a core")
      ->check(CLI::Range(0, 64));
  command->add_option(
      "--slot-offset", arguments->options.slot_offset, "added to every slot number of the schedule");
  command->add_flag("--check",
                    arguments->options.is_checked,
                    "compare with `expected` of the schedule; exit 1 when it differs");
  command
      ->add_option("--check-ue",
                   arguments->options.check_rntis,
                   "with --check: only these RNTIs must decode every block; a wrong payload counts for all")
      ->delimiter(',');
  command->add_flag("--json", arguments->is_json, "one JSON object a slot, then the summary");
  command->add_flag("--quiet", arguments->is_quiet, "no progress bar");
  command->callback([arguments, cell, &exit_code] {
    if (!arguments->options.is_blind && cell->count() == 0) {
      throw CLI::RequiredError("--cell");
    }
    arguments->options.raw = raw_of(*arguments);
    exit_code = run_replay(*arguments);
  });
}

} // namespace pado::apps
