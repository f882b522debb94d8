// SPDX-License-Identifier: Apache-2.0
#include "apps/commands.h"
#include "apps/live_server.h"
#include "apps/ru_session.h"
#include "apps/run_control.h"
#include "apps/terminal.h"
#include "io/port/open_port.h"
#include "io/port/ring_port.h"
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <thread>

namespace pado::apps {

namespace {

int fail(const error& why)
{
  std::fprintf(stderr, "pado run: %s\n", why.text().c_str());
  return exit_wrong_use;
}

/// A radio unit in this process, and what its UEs send when nobody grants them anything else.
struct local_unit {
  std::unique_ptr<ru_session> session;
  std::shared_ptr<ru_grant_desk> desk;
  schedule lines;
};

result<local_unit> make_unit(const run_arguments& arguments, const io::port_config& port, const clock& time)
{
  ru_options options;
  options.scenarios = {arguments.options.scenario};
  options.faults = arguments.faults;
  options.is_closed_loop = !arguments.options.ues.empty() || !arguments.options.l2.empty();
  options.nof_workers = static_cast<std::int32_t>(std::max(1U, std::thread::hardware_concurrency()));
  progress_bar bar("slots", 0, !arguments.is_quiet && !arguments.is_json);
  options.progress = [&](std::int64_t done, std::int64_t) {
    bar.update(done, "made by the radio unit");
    return true;
  };
  auto config = prepare_ru(options, time);
  if (!config) {
    return config.failure();
  }
  auto link = io::open_port(arguments.port, port);
  if (!link) {
    return link.failure();
  }
  local_unit out;
  const ru_unit_config& unit = config.value().units.front();
  out.desk = unit.desk;
  for (const planned_slot& slot : unit.cell->slots) {
    out.lines.slots.push_back(slot.schedule);
    out.lines.nof_pusch += static_cast<std::int64_t>(slot.schedule.plan.pusch.size());
  }
  out.session = std::make_unique<ru_session>(config.value(), std::move(link).value(), time);
  return out;
}

std::optional<error> check_arguments(run_arguments& arguments)
{
  run_options& options = arguments.options;
  if (arguments.metrics_port < 0 && (arguments.has_page || !arguments.listen.empty())) {
    arguments.metrics_port = default_live_port;
  }
  if (options.scenario.empty()) {
    if (options.cells.empty() || arguments.port.empty()) {
      return error{options.cells.empty() ? "--cell" : "--port", "is needed, or --ru (docs/run.md)"};
    }
    return arguments.faults.empty() ? std::nullopt
                                    : std::optional(error{"--fault", "is for the radio unit of --ru"});
  }
  if (arguments.port.empty()) {
    arguments.port = "ring:ru";
  }
  if (arguments.port.rfind("ring:", 0) != 0 && arguments.port.rfind("dpdk:net_ring", 0) != 0) {
    return error{"--port",
                 "is " + arguments.port +
                     ", must be ring:NAME or dpdk:net_ringN with --ru: both ends are in this process"};
  }
  if (options.cells.empty()) {
    options.cells = {options.scenario};
  }
  return std::nullopt;
}

int run_live(run_arguments& arguments)
{
  if (const auto wrong = check_arguments(arguments)) {
    return fail(*wrong);
  }
  const result<backend> where = choose_backend(arguments.where);
  if (!where) {
    return fail(where.failure());
  }
  arguments.options.where = where.value();
  const system_clock time;
  io::ring_exchange rings;
  io::port_config port;
  port.time = &time;
  port.rings = &rings;
  local_unit unit;
  if (!arguments.options.scenario.empty()) {
    auto made = make_unit(arguments, port, time);
    if (!made) {
      return fail(made.failure());
    }
    unit = std::move(made).value();
    arguments.options.scenario_lines = &unit.lines;
  }
  auto link = io::open_port(arguments.port, port);
  if (!link) {
    return fail(link.failure());
  }
  run_control control(arguments, time);
  if (const auto opened = control.open(*link.value(), unit.desk); !opened) {
    return fail(opened.failure());
  }
  if (!arguments.is_json && !arguments.is_quiet) {
    fmt::print("{} | {}\n", where.value() == backend::cpu ? "cpu" : "cuda", link.value()->describe());
    std::fflush(stdout);
  }
  if (unit.session) {
    unit.session->start();
  }
  control.run();
  if (unit.session) {
    unit.session->stop();
  }
  control.finish();
  if (unit.session && arguments.is_json) {
    fmt::print("{}\n", ru_summary_json(unit.session->emulator(), unit.session->link()));
  }
  return exit_done;
}

void add_sources(CLI::App& command, run_arguments& arguments)
{
  run_options& options = arguments.options;
  command.add_option("--cell", options.cells, "cell.yaml, one for each cell");
  command.add_option("--port", arguments.port, "udp:, raw:, dpdk:, pcap: or ring: (docs/ports.md)");
  command.add_option("--ru", options.scenario, "a radio unit with this scenario.yaml in the same process");
  command.add_option("--fault", arguments.faults, "of that radio unit: KIND=RATE (docs/ru.md)")->take_all();
  command.add_option(
      "--schedule", options.schedules, "what is granted, JSON lines, repeated; one for each cell");
  command.add_option("--period", options.period_frames, "frames after which the schedule repeats")
      ->check(CLI::Range(1, 1024));
  command.add_option("--l2", options.l2, "an external MAC sends schedule lines: - or unix:PATH to listen on");
  command.add_option("--ue", options.ues, "our own scheduler serves these RNTIs: the closed loop")
      ->delimiter(',');
  command.add_option("--model", options.model, "ONNX file for the hook link_quality, or none");
  command.add_option("--backend", arguments.where, "auto, cpu or cuda")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  command
      .add_option("--deadline-us", options.deadline_us, "from the end of a slot to its report; 0: 3 slots")
      ->check(CLI::Range(0, 1000000));
  command.add_flag("--busy", options.is_busy, "threads never sleep: a core each");
}

void add_sinks(CLI::App& command, run_arguments& arguments)
{
  command.add_option(
      "--results", arguments.results, "one JSON object a slot: a file, or unix:PATH to connect to");
  command.add_option(
      "--grants", arguments.grants, "what UEs are granted, schedule lines: a file or unix:PATH");
  command.add_option("--fapi", arguments.fapi, "CRC and RX_DATA indications, binary: a file or unix:PATH");
  command.add_flag("--fapi-json", arguments.is_fapi_json, "the indications as JSON lines");
  command
      .add_option("--metrics", arguments.metrics_port, "serve metrics and state on this port; 0: a free one")
      ->check(CLI::Range(0, 65535));
  command.add_option("--listen",
                     arguments.listen,
                     "serve metrics on this address, not 127.0.0.1; port 9464 without --metrics");
  command.add_flag(
      "--page", arguments.has_page, "the live page beside the metrics; port 9464 without --metrics");
  command.add_option("--seconds", arguments.seconds, "stop after this time")->check(CLI::PositiveNumber);
  command.add_flag("--json", arguments.is_json, "one JSON object a slot, then the summary");
  command.add_flag("--quiet", arguments.is_quiet, "no status line");
}

} // namespace

void add_run_command(CLI::App& app, int& exit_code)
{
  auto arguments = std::make_shared<run_arguments>();
  CLI::App* command = app.add_subcommand("run", "Receive live: packets from a port, C-plane and results out");
  command->footer("Examples:\n"
                  "  pado run --ru testvectors/scenarios/live_20mhz.yaml --seconds 10\n"
                  "  pado run --cell cell.yaml --schedule slots.jsonl --port udp:192.168.1.20:44000");
  add_sources(*command, *arguments);
  add_sinks(*command, *arguments);
  command->callback([arguments, &exit_code] { exit_code = run_live(*arguments); });
}

} // namespace pado::apps
