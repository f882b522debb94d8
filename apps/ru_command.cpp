// SPDX-License-Identifier: Apache-2.0
#include "apps/commands.h"
#include "apps/interrupt.h"
#include "apps/ru_grant_socket.h"
#include "apps/ru_session.h"
#include "apps/terminal.h"
#include "io/port/open_port.h"
#include "io/port/ring_port.h"
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>

namespace pado::apps {

namespace {

struct arguments {
  ru_options options;
  std::string grants; ///< unix:PATH
  std::string port;
  double seconds = 0.0; ///< 0: until Ctrl-C
  std::int64_t spin_us = 0;
  bool is_json = false;
  bool is_quiet = false;
};

int fail(const error& failure)
{
  std::fprintf(stderr, "%s\n", failure.text().c_str());
  return exit_wrong_use;
}

void print_line(const char* name, std::uint64_t value)
{
  std::printf("  %-22s %12llu\n", name, static_cast<unsigned long long>(value));
}

void print_summary(const ru_emulator& emulator, bool is_cut)
{
  const ru_counters& count = emulator.counters();
  std::printf("C-plane messages%s\n", is_cut ? " (stopped by Ctrl-C)" : "");
  print_line("received", count.messages_received.value());
  print_line("answered", count.messages_answered.value());
  for (std::size_t reason = 0; reason < nof_cplane_drops; ++reason) {
    if (count.messages_dropped[reason].value() != 0) {
      print_line(std::string(name_of(static_cast<cplane_drop>(reason))).c_str(),
                 count.messages_dropped[reason].value());
    }
  }
  std::printf("U-plane frames\n");
  print_line("made", count.frames_made.value());
  print_line("sent", count.frames_sent.value());
  print_line("not taken by the port", count.frames_unsent.value());
  const std::pair<const char*, std::uint64_t> rest[] = {{"lost by link", count.link_lost.value()},
                                                        {"overflow", count.overflow.value()},
                                                        {"slots skipped", count.slots_skipped.value()}};
  for (const auto& [name, value] : rest) {
    if (value != 0) {
      print_line(name, value);
    }
  }
  for (std::size_t kind = 0; kind < io::nof_fault_kinds; ++kind) {
    const auto fault = static_cast<io::fault_kind>(kind);
    if (emulator.injected(fault) != 0) {
      print_line(("fault " + std::string(io::name_of(fault))).c_str(), emulator.injected(fault));
    }
  }
  std::printf("sent after its time, us: p50 %.1f  p99 %.1f  p99.9 %.1f  max %.1f\n",
              1e-3 * static_cast<double>(count.send_lag.quantile_ns(0.5)),
              1e-3 * static_cast<double>(count.send_lag.quantile_ns(0.99)),
              1e-3 * static_cast<double>(count.send_lag.quantile_ns(0.999)),
              1e-3 * static_cast<double>(count.send_lag.max_ns()));
}

result<ru_emulator_config> prepare(const arguments& args, const clock& time)
{
  std::optional<progress_bar> bar;
  ru_options options = args.options;
  options.is_closed_loop = !args.grants.empty();
  options.progress = [&](std::int64_t done, std::int64_t all) {
    if (!bar || done == 1) {
      bar.emplace("slots", all, !args.is_json && !args.is_quiet);
    }
    bar->update(done);
    return !is_interrupted();
  };
  return prepare_ru(options, time);
}

result<std::unique_ptr<io::port>>
open_for(const arguments& args, const ru_emulator_config& config, io::ring_exchange& rings, const clock& time)
{
  io::port_config port;
  port.time = &time;
  port.rings = &rings;
  for (const ru_unit_config& unit : config.units) {
    const std::int32_t frame_bytes = unit.cell->plan.scenario.link.mtu_bytes + 64;
    port.max_frame_bytes = std::min(16384, std::max(port.max_frame_bytes, frame_bytes));
  }
  return io::open_port(args.port, port);
}

int run(const arguments& args)
{
  const system_clock time;
  watch_interrupt();
  const ru_options& asked = args.options;
  if (asked.scenarios.empty() == asked.capture.empty() || asked.capture.empty() != asked.cell.empty()) {
    return fail({"pado ru", "needs scenarios, or --capture with --cell"});
  }
  if (!args.options.truth_out.empty() && args.grants.empty()) {
    return fail({"--truth", "needs --grants: without them the schedule is the truth"});
  }
  const auto config = prepare(args, time);
  if (!config) {
    return fail(config.failure());
  }
  io::ring_exchange rings;
  auto link = open_for(args, config.value(), rings, time);
  if (!link) {
    return fail(link.failure());
  }
  if (!args.is_json && !args.is_quiet) {
    std::printf("%zu radio unit%s on %s\n",
                config.value().units.size(),
                config.value().units.size() == 1 ? "" : "s",
                link.value()->describe().c_str());
    std::fflush(stdout);
  }
  std::unique_ptr<ru_grant_socket> grants;
  if (!args.grants.empty()) {
    auto listening = ru_grant_socket::listen(args.grants, config.value().units.front().desk);
    if (!listening) {
      return fail(listening.failure());
    }
    grants = std::move(listening).value();
  }
  ru_session session(config.value(), std::move(link).value(), time, {1000 * args.spin_us});
  session.start();
  if (args.is_json) { // for who starts the other end: the samples are made, the port is open
    std::printf("{\"state\":\"running\",\"units\":%zu}\n", config.value().units.size());
    std::fflush(stdout);
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto is_over = [&] {
    const std::chrono::duration<double> since = std::chrono::steady_clock::now() - begin;
    return args.seconds > 0.0 && since.count() >= args.seconds;
  };
  while (!is_interrupted() && !is_over()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  session.stop();
  if (args.is_json) {
    std::printf("%s\n", ru_summary_json(session.emulator(), session.link()).c_str());
  } else if (!args.is_quiet) {
    print_summary(session.emulator(), is_interrupted() && args.seconds > 0.0);
  }
  return exit_done;
}

} // namespace

void add_ru_command(CLI::App& app, int& exit_code)
{
  const auto args = std::make_shared<arguments>();
  args->options.nof_workers = static_cast<std::int32_t>(std::max(1U, std::thread::hardware_concurrency()));
  CLI::App* command =
      app.add_subcommand("ru", "stand in for radio units: answer C-plane with a scenario's U-plane");
  command->add_option(
      "scenarios", args->options.scenarios, "SCENARIO.yaml (docs/scenario-yaml.md), one a unit");
  command->add_option(
      "--capture", args->options.capture, "a unit that sends the uplink packets of FILE.pcap again");
  command->add_option("--cell", args->options.cell, "cell.yaml of --capture, as pado inspect writes it");
  command
      ->add_option("--port", args->port, "udp:HOST:PORT, raw:IFACE, dpdk:DEVICE, pcap:FILE (docs/ports.md)")
      ->required();
  command->add_option("--seconds", args->seconds, "stop after so long; without it at Ctrl-C")
      ->check(CLI::PositiveNumber);
  command
      ->add_option(
          "--fault", args->options.faults, "KIND=RATE[,NAME=AMOUNT], as in late=0.1,us=500 (docs/ru.md)")
      ->take_all();
  command->add_option("--fault-seed", args->options.fault_seed, "of the faults, instead of faults.seed")
      ->check(CLI::NonNegativeNumber);
  command->add_flag(
      "--unsolicited", args->options.is_unsolicited, "send all uplink symbols by the clock, without C-plane");
  command->add_option(
      "--schedule-out", args->options.schedule_out, "write the schedule of the first scenario's period");
  command->add_option("--cell-out", args->options.cell_out, "write the cell.yaml of the first scenario");
  command->add_option("--grants",
                      args->grants,
                      "unix:PATH to listen on for schedule lines (docs/schedule.md) that the UEs obey");
  command->add_option("--truth", args->options.truth_out, "with --grants: write what was sent as a schedule");
  command
      ->add_option(
          "--alpha", args->options.gps_alpha, "offset of SFN 0 in 1/1.2288 ns, not fronthaul.gps_alpha")
      ->check(CLI::Range(0, 12287999));
  command->add_option("--beta", args->options.gps_beta, "offset of SFN 0 in frames, not fronthaul.gps_beta")
      ->check(CLI::Range(-32768, 32767));
  command->add_option("--spin-us", args->spin_us, "busy so long before a frame is due: a core for precision")
      ->check(CLI::Range(0, 1000));
  command
      ->add_option("--workers", args->options.nof_workers, "threads that make the samples before the start")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_flag("--json", args->is_json, "one JSON line when it runs, and the summary at the end");
  command->add_flag("--quiet", args->is_quiet, "print nothing but errors");
  command->footer(
      "Example: pado ru testvectors/scenarios/small_20mhz.yaml --port udp:127.0.0.1:4660 --seconds 10\n"
      "The other end: pado run. docs/ru.md says what is answered, and when.");
  command->callback([args, &exit_code] { exit_code = run(*args); });
}

} // namespace pado::apps
