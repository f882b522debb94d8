// SPDX-License-Identifier: Apache-2.0
#include "apps/commands.h"
#include "apps/import_session.h"
#include "apps/interrupt.h"
#include "apps/terminal.h"
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

namespace pado::apps {

namespace {

struct arguments {
  import_options options;
  bool is_json = false;
  bool is_quiet = false;
};

int run_import(arguments& args)
{
  watch_interrupt();
  progress_bar bar("per mille of the slots", 1000, !args.is_json && !args.is_quiet);
  args.options.progress = [&](double share) {
    bar.update(static_cast<std::int64_t>(1000.0 * share));
    return !is_interrupted();
  };
  const result<import_summary> summary = import_files(args.options);
  if (!summary) {
    std::fprintf(stderr, "pado import: %s\n", summary.failure().text().c_str());
    return exit_wrong_use;
  }
  std::fputs((args.is_json ? import_json(summary.value()) : import_text(summary.value())).c_str(), stdout);
  const bool has_any = !summary.value().schedule_path.empty() || !summary.value().capture_path.empty();
  return has_any ? exit_done : exit_negative;
}

} // namespace

void add_import_command(CLI::App& app, int& exit_code)
{
  auto args = std::make_shared<arguments>();
  CLI::App* command = app.add_subcommand("import");
  command->description(
      "a capture and its schedule out of what a running gNB writes (docs/import.md)\n"
      "  pado import gnb.log rx_symbols.cf32 -o lab   OCUDU, srsRAN: PHY log and symbols\n"
      "  pado import gnb.log -o lab                   the schedule alone, for a fronthaul capture\n"
      "  pado import ul_tti.jsonl -o lab              FAPI UL_TTI.request messages as JSON");
  command->footer("Exit codes: 0 done, 1 nothing was understood, 2 wrong use or input.");
  command
      ->add_option("FILE", args->options.inputs, "a log, a file of received symbols, FAPI messages as JSON")
      ->required();
  command
      ->add_option(
          "-o,--output",
          args->options.output,
          "NAME: writes NAME.grid-meta and NAME.grid-data, and slots.jsonl and cell.yaml beside them")
      ->required();
  command
      ->add_option("--rx-ports",
                   args->options.nof_rx_ports,
                   "ports in the file of symbols, when the log leaves it open")
      ->check(CLI::Range(1, 8));
  command
      ->add_option(
          "--scs-khz", args->options.scs_khz, "subcarrier spacing, when the log is too short to tell")
      ->check(CLI::IsMember({15, 30, 60, 120}));
  command->add_flag("--json", args->is_json, "one JSON object");
  command->add_flag("--quiet", args->is_quiet, "no progress bar");
  command->callback([args, &exit_code] { exit_code = run_import(*args); });
}

} // namespace pado::apps
