// SPDX-License-Identifier: Apache-2.0
#include "apps/commands.h"
#include "apps/generate.h"
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <unistd.h>

namespace pado::apps {

namespace {

struct arguments {
  std::string scenario;
  std::string output;
  std::int32_t nof_workers = static_cast<std::int32_t>(std::max(1U, std::thread::hardware_concurrency()));
  std::int64_t seed = -1;
  bool is_json = false;
  bool is_quiet = false;
};

// A signal handler can reach nothing else.
volatile std::sig_atomic_t is_interrupted = 0; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
extern "C" void interrupt(int)
{
  is_interrupted = 1;
}

double seconds_since(std::chrono::steady_clock::time_point begin)
{
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// A bar on the terminal after two seconds, ten times a second at most.
class progress_bar {
public:
  explicit progress_bar(bool is_shown) : is_shown_(is_shown) {}
  void show(std::int64_t done, std::int64_t all)
  {
    const double elapsed_s = seconds_since(begin_);
    if (!is_shown_ || elapsed_s < 2.0 || elapsed_s < next_s_) {
      return;
    }
    next_s_ = elapsed_s + 0.1;
    const double rate = static_cast<double>(done) / elapsed_s;
    const int filled = static_cast<int>(24 * done / all);
    std::fprintf(stderr,
                 "\r%3d %% [%.*s%*s] %lld of %lld slots, %.0f slots/s, %.0f s left ",
                 static_cast<int>(100 * done / all),
                 filled,
                 "========================",
                 24 - filled,
                 "",
                 static_cast<long long>(done),
                 static_cast<long long>(all),
                 rate,
                 static_cast<double>(all - done) / rate);
    is_drawn_ = true;
  }
  ~progress_bar()
  {
    if (is_drawn_) {
      std::fprintf(stderr, "\r%100s\r", "");
    }
  }
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

private:
  bool is_shown_;
  bool is_drawn_ = false;
  double next_s_ = 0.0;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

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
  auto scenario = read_scenario_file(args.scenario);
  if (!scenario) {
    std::fprintf(stderr, "%s\n", scenario.failure().text().c_str());
    return exit_wrong_use;
  }
  if (args.seed >= 0) {
    scenario.value().simulation.seed = static_cast<std::uint64_t>(args.seed);
  }
  const auto begin = std::chrono::steady_clock::now();
  auto previous = std::signal(SIGINT, interrupt);
  result<generate_summary> summary = error{};
  {
    progress_bar bar(!args.is_json && !args.is_quiet && isatty(STDERR_FILENO) != 0);
    generate_options options;
    options.output = args.output;
    options.scenario_name = args.scenario;
    options.nof_workers = args.nof_workers;
    options.progress = [&](std::int64_t done, std::int64_t all) {
      bar.show(done, all);
      return is_interrupted == 0;
    };
    summary = generate(scenario.value(), options);
  }
  std::signal(SIGINT, previous);
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

} // namespace

void add_generate_command(CLI::App& app, int& exit_code)
{
  const auto args = std::make_shared<arguments>();
  CLI::App* command =
      app.add_subcommand("generate", "make a capture of simulated UEs, with its schedule and the truth");
  command->add_option("scenario", args->scenario, "SCENARIO.yaml (docs/scenario-yaml.md)")->required();
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
  command->callback([args, &exit_code] { exit_code = run(*args); });
}

} // namespace pado::apps
