// SPDX-License-Identifier: Apache-2.0
#include "apps/commands.h"
#include "apps/conform_blind.h"
#include "apps/conform_vectors.h"
#include "apps/lines_report.h"
#include "pipeline/slot_pipeline.h"
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

struct conform_arguments {
  std::string suite = "vectors";
  std::string folder = "testvectors/cases";
  std::string where = "cpu";
  std::string report; ///< a page goes to this file; empty: none
  bool is_json = false;
  std::int32_t nof_scenarios = 200;
  std::int32_t first_scenario = 0;
  std::int32_t nof_workers = 0;
  bool has_steps = false;
  std::int64_t nof_noise_slots = 0;
  std::string noise = "white";
  bool has_folder = false; ///< --dir was given
};

const char* name_of(conform_verdict verdict)
{
  switch (verdict) {
  case conform_verdict::pass:
    return "pass";
  case conform_verdict::fail:
    return "FAIL";
  default:
    return "not supported";
  }
}

std::string json_of(const conform_result& line)
{
  const nlohmann::ordered_json out = {{"case", line.case_id},
                                      {"slot_index", line.slot_index},
                                      {"pdu", line.pdu},
                                      {"input", line.input},
                                      {"verdict", name_of(line.verdict)},
                                      {"detail", line.detail}};
  return out.dump() + "\n";
}

std::string text_of(const conform_result& line)
{
  const std::string pdu = line.pdu >= 0 ? fmt::format("PDU {}", line.pdu) : "     ";
  return fmt::format("{:<13}  {:<12} slot {}  {}  {:<10} {}\n",
                     name_of(line.verdict),
                     line.case_id,
                     line.slot_index,
                     pdu,
                     line.input,
                     line.detail);
}

std::string json_of(const blind_verdict& v)
{
  const nlohmann::ordered_json out = {{"scenario", v.scenario},
                                      {"about", v.about},
                                      {"ues", v.nof_ues},
                                      {"ues_found", v.nof_ues_found},
                                      {"blocks", v.nof_blocks},
                                      {"blocks_found", v.nof_found},
                                      {"combined", v.nof_combined},
                                      {"false", v.nof_false},
                                      {"missed", v.missed}};
  return out.dump() + "\n";
}

/// The page of a suite, when one was asked for; the exit code of what could not be written, else `code`.
int finish_report(const conform_arguments& arguments,
                  const std::string& lines,
                  const std::string& verdict,
                  int code)
{
  if (arguments.report.empty()) {
    return code;
  }
  const auto written = write_lines_report(
      arguments.report, {"conform", "suite " + arguments.suite, lines, verdict, code == exit_done});
  if (!written) {
    std::fprintf(stderr, "pado conform: %s\n", written.failure().text().c_str());
    return exit_wrong_use;
  }
  std::fprintf(arguments.is_json ? stderr : stdout, "wrote %s\n", arguments.report.c_str());
  return code;
}

std::string text_of(const blind_verdict& v)
{
  return fmt::format("{:<5} scenario {:<4} {}: {} of {} blocks found{}{}{}\n",
                     v.nof_false > 0               ? "FALSE"
                     : v.nof_found == v.nof_blocks ? "pass"
                                                   : "MISS",
                     v.scenario,
                     v.about,
                     v.nof_found,
                     v.nof_blocks,
                     v.nof_combined > 0 ? fmt::format(", {} from several transmissions", v.nof_combined) : "",
                     v.missed.empty() ? "" : "; missed ",
                     v.missed);
}

/// Prints a line of a suite, and keeps it for the page.
template <class Line>
void show(const conform_arguments& arguments, const Line& line, std::string& lines)
{
  const std::string json = json_of(line);
  std::fputs(arguments.is_json ? json.c_str() : text_of(line).c_str(), stdout);
  std::fflush(stdout);
  lines += json;
}

/// Of the UEs whose blocks decode with the schedule, 99 % must be found without it, and nothing else.
int run_blind(const conform_arguments& arguments)
{
  blind_verdict all;
  std::string lines;
  const auto done = run_blind_suite(arguments.first_scenario,
                                    arguments.nof_scenarios,
                                    {arguments.nof_workers, arguments.has_steps},
                                    [&](const blind_verdict& v) {
                                      show(arguments, v, lines);
                                      all.nof_ues += v.nof_ues;
                                      all.nof_ues_found += v.nof_ues_found;
                                      all.nof_blocks += v.nof_blocks;
                                      all.nof_found += v.nof_found;
                                      all.nof_false += v.nof_false;
                                    });
  if (!done) {
    std::fprintf(stderr, "pado conform: %s\n", done.failure().text().c_str());
    return exit_wrong_use;
  }
  const bool is_good = all.nof_false == 0 && 100 * all.nof_ues_found >= 99 * all.nof_ues && all.nof_ues > 0;
  if (arguments.is_json) {
    const nlohmann::ordered_json out = {{"summary", "conform"},
                                        {"suite", "blind"},
                                        {"ues", all.nof_ues},
                                        {"ues_found", all.nof_ues_found},
                                        {"blocks", all.nof_blocks},
                                        {"blocks_found", all.nof_found},
                                        {"false", all.nof_false}};
    fmt::print("{}\n", out.dump());
  } else {
    fmt::print("\n{}: {} of {} UEs and {} of {} blocks found, {} false\n",
               is_good ? "PASS" : "FAIL",
               all.nof_ues_found,
               all.nof_ues,
               all.nof_found,
               all.nof_blocks,
               all.nof_false);
  }
  return finish_report(
      arguments,
      lines,
      fmt::format("{}: {} of {} UEs found", is_good ? "PASS" : "FAIL", all.nof_ues_found, all.nof_ues),
      is_good ? exit_done : exit_negative);
}

int run_blind_on_noise(const conform_arguments& arguments)
{
  std::int64_t next = 1000;
  const auto verdict =
      run_blind_noise({arguments.first_scenario,
                       arguments.nof_noise_slots,
                       arguments.noise == "data" ? blind_noise_kind::data : blind_noise_kind::white,
                       arguments.nof_workers},
                      [&](std::int64_t done) {
                        if (done >= next) {
                          std::fprintf(stderr, "%lld slots of noise\n", static_cast<long long>(done));
                          next = 2 * done;
                        }
                      });
  if (!verdict) {
    std::fprintf(stderr, "pado conform: %s\n", verdict.failure().text().c_str());
    return exit_wrong_use;
  }
  const blind_noise_verdict& v = verdict.value();
  const float largest = v.scores.empty() ? 0.0F : v.scores.back();
  if (arguments.is_json) {
    const nlohmann::ordered_json out = {{"summary", "conform"},
                                        {"suite", "blind noise"},
                                        {"noise", arguments.noise},
                                        {"first", arguments.first_scenario},
                                        {"slots", v.nof_slots},
                                        {"places", v.nof_places},
                                        {"false", v.nof_findings},
                                        {"scores", v.scores},
                                        {"highest", v.highest}};
    fmt::print("{}\n", out.dump());
  } else {
    fmt::print("{}: {} findings in {} slots of noise; DM-RS showed {} times, {} scores, the largest {:.1f}\n",
               v.nof_findings == 0 ? "PASS" : "FAIL",
               v.nof_findings,
               v.nof_slots,
               v.nof_places,
               v.scores.size(),
               static_cast<double>(largest));
  }
  return v.nof_findings == 0 ? exit_done : exit_negative;
}

int run_conform(const conform_arguments& arguments)
{
  if (arguments.suite == "blind" && arguments.nof_noise_slots > 0) {
    return run_blind_on_noise(arguments);
  }
  if (arguments.suite == "blind" && !arguments.has_folder) {
    return run_blind(arguments);
  }
  const backend where = arguments.where == "cuda" ? backend::cuda : backend::cpu;
  if (auto missing = pipeline::check_backend(where)) {
    std::fprintf(stderr, "pado conform: %s\n", missing->text().c_str());
    return exit_wrong_use;
  }
  std::string lines;
  const auto each = [&](const conform_result& line) { show(arguments, line, lines); };
  const std::vector<conform_result> results =
      arguments.suite == "blind"
          ? run_blind_vectors(arguments.folder, {arguments.nof_workers, arguments.has_steps}, each)
          : run_vector_suite(arguments.folder, where, each);
  if (results.empty()) {
    std::fprintf(stderr,
                 "pado conform: %s holds no case: a case is a folder with a case.json (docs/vectors.md)\n",
                 arguments.folder.c_str());
    return exit_wrong_use;
  }
  const auto count = [&](conform_verdict verdict) {
    return std::count_if(
        results.begin(), results.end(), [&](const conform_result& line) { return line.verdict == verdict; });
  };
  const auto nof_failed = count(conform_verdict::fail);
  const std::string summary = fmt::format("{} passed, {} failed, {} not supported",
                                          count(conform_verdict::pass),
                                          nof_failed,
                                          count(conform_verdict::unsupported));
  if (arguments.is_json) {
    const nlohmann::ordered_json out = {{"summary", "conform"},
                                        {"pass", count(conform_verdict::pass)},
                                        {"fail", nof_failed},
                                        {"unsupported", count(conform_verdict::unsupported)}};
    fmt::print("{}\n", out.dump());
  } else {
    fmt::print("\n{}\n", summary);
  }
  return finish_report(arguments, lines, summary, nof_failed == 0 ? exit_done : exit_negative);
}

} // namespace

void add_conform_command(CLI::App& app, int& exit_code)
{
  auto arguments = std::make_shared<conform_arguments>();
  CLI::App* command = app.add_subcommand("conform", "Run a conformance suite and give a verdict");
  command->footer("Example:\n  pado conform --suite vectors --dir testvectors/cases");
  command
      ->add_option(
          "--suite", arguments->suite, "vectors: golden cases in folders; blind: search without a schedule")
      ->check(CLI::IsMember({"vectors", "blind"}));
  command->add_option("--scenarios", arguments->nof_scenarios, "of suite blind")
      ->check(CLI::Range(1, 100000));
  command
      ->add_option("--first",
                   arguments->first_scenario,
                   "of suite blind: number of the first scenario, or slot of noise")
      ->check(CLI::Range(0, 100000000));
  command->add_option("--workers", arguments->nof_workers, "of suite blind; 0: one a core")
      ->check(CLI::Range(0, 64));
  command
      ->add_option("--noise-slots",
                   arguments->nof_noise_slots,
                   "of suite blind: searches so many slots of noise instead; any UE is a failure")
      ->check(CLI::Range(1, 100000000));
  command
      ->add_option(
          "--noise",
          arguments->noise,
          "of --noise-slots: white, or data, which adds symbols of a constellation without known DM-RS")
      ->check(CLI::IsMember({"white", "data"}));
  command->add_flag("--explain",
                    arguments->has_steps,
                    "of suite blind: what was sent and every step of the search, on one worker");
  CLI::Option* folder =
      command
          ->add_option(
              "--dir",
              arguments->folder,
              "folder of cases, each with a case.json; with suite blind they are decoded without their PDUs")
          ->capture_default_str();
  command->add_option("--backend", arguments->where, "cpu or cuda")->check(CLI::IsMember({"cpu", "cuda"}));
  command->add_option("--report", arguments->report, "write it as a page to this file (docs/report.md)");
  command->add_flag("--json", arguments->is_json, "one JSON object a line");
  command->callback([arguments, folder, &exit_code] {
    arguments->has_folder = folder->count() > 0;
    exit_code = run_conform(*arguments);
  });
}

} // namespace pado::apps
