// SPDX-License-Identifier: Apache-2.0
#include "apps/commands.h"
#include "apps/generate.h"
#include "apps/generate_cell.h"
#include "apps/interrupt.h"
#include "apps/terminal.h"
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

namespace pado::apps {

namespace {

struct arguments {
  std::string scenario;
  std::string output;
  std::int32_t nof_workers = static_cast<std::int32_t>(std::max(1U, std::thread::hardware_concurrency()));
  std::int64_t seed = -1;
  std::int32_t cell_pci = -1; ///< a cell's SS/PBCH blocks instead of a scenario
  bool is_json = false;
  bool is_quiet = false;
};

double seconds_since(std::chrono::steady_clock::time_point begin)
{
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void print_json(const generate_summary& s, double elapsed_s)
{
  nlohmann::ordered_json line;
  line["capture"] = s.capture_path;
  line["schedule"] = s.schedule_path;
  line["cell"] = s.cell_path;
  line["nof_slots"] = s.nof_slots;
  line["nof_pdus"] = s.nof_pdus;
  line["nof_uplane_frames"] = s.nof_uplane_frames;
  line["nof_cplane_frames"] = s.nof_cplane_frames;
  line["nof_lost_frames"] = s.nof_lost_frames;
  line["nof_samples"] = s.nof_samples;
  line["nof_clipped"] = s.nof_clipped;
  line["is_cut"] = s.is_cut;
  line["elapsed_s"] = elapsed_s;
  std::printf("%s\n", line.dump().c_str());
}

void print_text(const generate_summary& s, double elapsed_s)
{
  std::printf("wrote %s: %lld uplink slots, %lld PUSCH, ",
              s.capture_path.c_str(),
              static_cast<long long>(s.nof_slots),
              static_cast<long long>(s.nof_pdus));
  if (s.nof_samples == 0) {
    std::printf("%lld U-plane and %lld C-plane frames",
                static_cast<long long>(s.nof_uplane_frames),
                static_cast<long long>(s.nof_cplane_frames));
    std::printf(s.nof_lost_frames != 0 ? ", %lld frames lost on purpose" : "",
                static_cast<long long>(s.nof_lost_frames));
  } else {
    std::printf("%lld samples a port", static_cast<long long>(s.nof_samples));
    std::printf(s.nof_clipped != 0 ? ", %lld clipped: lower simulation.level_dbfs" : "",
                static_cast<long long>(s.nof_clipped));
  }
  std::printf(" (%.1f s)%s\n", elapsed_s, s.is_cut ? ", cut by Ctrl-C" : "");
  std::printf("wrote %s, %s\n", s.schedule_path.c_str(), s.cell_path.c_str());
  std::printf("Next: pado replay %s --cell %s --schedule %s\n",
              s.capture_path.c_str(),
              s.cell_path.c_str(),
              s.schedule_path.c_str());
}

int run(const arguments& args)
{
  if (args.scenario.empty()) {
    std::fprintf(stderr, "pado generate: name a SCENARIO.yaml (docs/scenario-yaml.md) or --cell-pci\n");
    return exit_wrong_use;
  }
  auto scenario = read_scenario_file(args.scenario);
  if (!scenario) {
    std::fprintf(stderr, "%s\n", scenario.failure().text().c_str());
    return exit_wrong_use;
  }
  if (args.seed >= 0) {
    scenario.value().simulation.seed = static_cast<std::uint64_t>(args.seed);
  }
  const auto begin = std::chrono::steady_clock::now();
  watch_interrupt();
  result<generate_summary> summary = error{};
  {
    progress_bar bar("slots", scenario.value().simulation.nof_slots, !args.is_json && !args.is_quiet);
    generate_options options;
    options.output = args.output;
    options.scenario_name = args.scenario;
    options.nof_workers = args.nof_workers;
    options.progress = [&](std::int64_t done, std::int64_t) {
      bar.update(done);
      return !is_interrupted();
    };
    summary = generate(scenario.value(), options);
  }
  if (!summary) {
    std::fprintf(stderr, "%s\n", summary.failure().text().c_str());
    return exit_wrong_use;
  }
  if (args.is_json) {
    print_json(summary.value(), seconds_since(begin));
  } else if (!args.is_quiet) {
    print_text(summary.value(), seconds_since(begin));
  }
  return exit_done;
}

int run_cell(const arguments& args)
{
  cell_signal_config config;
  config.pci = args.cell_pci;
  config.seed = args.seed >= 0 ? static_cast<std::uint64_t>(args.seed) : config.seed;
  if (const auto done = generate_cell_signal(config, args.output); !done) {
    std::fprintf(stderr, "%s\n", done.failure().text().c_str());
    return exit_wrong_use;
  }
  if (!args.is_quiet && !args.is_json) {
    std::printf("wrote %s: PCI %d, SFN %d, 30 kHz, %.0f dB, %.0f Hz off\nNext: pado inspect %s\n",
                args.output.c_str(),
                config.pci,
                config.sfn,
                static_cast<double>(config.snr_db),
                config.cfo_hz,
                args.output.c_str());
  }
  return exit_done;
}

} // namespace

void add_generate_command(CLI::App& app, int& exit_code)
{
  const auto args = std::make_shared<arguments>();
  CLI::App* command =
      app.add_subcommand("generate", "make a capture of simulated UEs, with its schedule and the truth");
  command->add_option("scenario", args->scenario, "SCENARIO.yaml (docs/scenario-yaml.md)");
  command
      ->add_option(
          "--cell-pci", args->cell_pci, "instead of a scenario: 20 ms of a cell that sends its SS/PBCH block")
      ->check(CLI::Range(0, 1007));
  command->add_option("-o,--output", args->output, "FILE.pcap (O-RAN packets) or FILE.sigmf-meta (samples)")
      ->required();
  command->add_option("--workers", args->nof_workers, "threads; the files do not depend on it")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--seed", args->seed, "instead of simulation.seed")->check(CLI::NonNegativeNumber);
  command->add_flag("--json", args->is_json, "print the summary as one JSON object");
  command->add_flag("--quiet", args->is_quiet, "print nothing but errors");
  command->footer(
      "Example: pado generate testvectors/scenarios/demo_100mhz.yaml -o out/demo.pcap\n"
      "Beside the capture: slots.jsonl (schedule, payloads) and cell.yaml, as pado replay takes them.");
  command->callback([args, &exit_code] { exit_code = args->cell_pci >= 0 ? run_cell(*args) : run(*args); });
}

} // namespace pado::apps
