// SPDX-License-Identifier: Apache-2.0
#include "apps/ru_session.h"
#include "apps/cell_assembly.h"
#include "apps/scenario_file.h"
#include "io/assembly/assembler_config.h"
#include "io/sigmf/bounded_json.h"
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

result<nothing> read_faults(const ru_options& options, io::fault_config& to)
{
  for (const std::string& text : options.faults) {
    if (auto parsed = io::parse_fault(text, to); !parsed) {
      return parsed;
    }
  }
  if (options.fault_seed >= 0) {
    to.seed = static_cast<std::uint64_t>(options.fault_seed);
  }
  return nothing{};
}

result<ru_unit_config> prepare_capture(const ru_options& options)
{
  const auto cell = read_cell_file(options.cell);
  if (!cell) {
    return cell.failure();
  }
  ru_unit_config unit;
  unit.is_unsolicited = true;
  if (auto read = read_faults(options, unit.faults); !read) {
    return read.failure();
  }
  auto capture = ru_capture::read(options.capture, cell.value());
  if (!capture) {
    return capture.failure();
  }
  auto plan = plan_capture_cell(cell.value(), capture.value());
  if (!plan) {
    return plan.failure();
  }
  unit.cell = std::make_shared<ru_cell_plan>(std::move(plan).value());
  unit.capture = std::make_shared<ru_capture>(std::move(capture).value());
  return unit;
}

result<ru_unit_config> prepare_unit(const ru_options& options, const std::string& path)
{
  auto scenario = read_scenario_file(path);
  if (!scenario) {
    return scenario.failure();
  }
  ru_unit_config unit;
  unit.faults = scenario.value().faults;
  if (auto read = read_faults(options, unit.faults); !read) {
    return read.failure();
  }
  unit.is_unsolicited = options.is_unsolicited || !scenario.value().link.has_cplane;
  auto cell = plan_ru_cell(std::move(scenario).value());
  if (!cell) {
    return error{path + ":", cell.failure().text()};
  }
  unit.cell = std::make_shared<ru_cell_plan>(std::move(cell).value());
  auto waveform = ru_waveform::make(*unit.cell, {options.nof_workers, options.progress});
  if (!waveform) {
    return waveform.failure();
  }
  unit.waveform = std::make_shared<ru_waveform>(std::move(waveform).value());
  return unit;
}

/// What the other end needs: the schedule first, so that who waits for the cell has both.
result<nothing> write_files(const ru_cell_plan& cell, const ru_options& options)
{
  if (!options.schedule_out.empty()) {
    if (auto written = write_ru_schedule(cell, options.schedule_out); !written) {
      return written;
    }
  }
  if (options.cell_out.empty()) {
    return nothing{};
  }
  const std::string text = "# Written by pado ru\n" + write_cell_file(cell.plan.scenario.cell);
  return io::write_text_file(options.cell_out, text) ? result<nothing>(nothing{})
                                                     : error{options.cell_out + ":", "cannot be written"};
}

/// SFN 0 of all units: they share an emulator.
result<std::int64_t> common_sfn0_ns(const std::vector<ru_unit_config>& units, const ru_options& options)
{
  std::optional<std::int64_t> common;
  for (const ru_unit_config& unit : units) {
    fronthaul_config fronthaul = *unit.cell->plan.scenario.cell.fronthaul;
    fronthaul.gps_alpha = options.gps_alpha.value_or(fronthaul.gps_alpha);
    fronthaul.gps_beta = options.gps_beta.value_or(fronthaul.gps_beta);
    // Where captures are fitted, any origin will do.
    const std::int64_t own = sfn0_ns_of(fronthaul).value_or(io::sfn0_of_utc_ns());
    if (common.value_or(own) != own) {
      return error{
          unit.cell->plan.scenario.cell.carrier.name + ": fronthaul.clock",
          "puts SFN 0 elsewhere than the first unit, must have the same clock, gps_alpha and gps_beta"};
    }
    common = own;
  }
  return common.value_or(io::sfn0_of_utc_ns());
}

} // namespace

result<ru_emulator_config> prepare_ru(const ru_options& options, const clock& time)
{
  ru_emulator_config config;
  if (!options.capture.empty()) {
    auto unit = prepare_capture(options);
    if (!unit) {
      return unit.failure();
    }
    config.units.push_back(std::move(unit).value());
  }
  for (const std::string& path : options.scenarios) {
    auto unit = prepare_unit(options, path);
    if (!unit) {
      return unit.failure();
    }
    config.units.push_back(std::move(unit).value());
    if (&path == &options.scenarios.front()) {
      if (auto written = write_files(*config.units.back().cell, options); !written) {
        return written.failure();
      }
    }
  }
  auto sfn0_ns = common_sfn0_ns(config.units, options);
  if (!sfn0_ns) {
    return sfn0_ns.failure();
  }
  config.sfn0_ns = sfn0_ns.value();
  if (options.is_closed_loop) {
    ru_unit_config& unit = config.units.front();
    ru_grant_desk::settings how;
    how.sfn0_ns = config.sfn0_ns;
    how.truth_path = options.truth_out;
    how.nof_stores =
        48 + ru_unit::kept_slots(unit.faults[io::fault_kind::late], unit.cell->plan.ofdm.config.scs);
    auto desk = ru_grant_desk::open(unit.cell, how, time);
    if (!desk) {
      return desk.failure();
    }
    unit.desk = std::move(desk).value();
  }
  config.start_ns = time.now_ns();
  return config;
}

ru_session::ru_session(const ru_emulator_config& config,
                       std::unique_ptr<io::port> link,
                       const clock& time,
                       const ru_loop_settings& how)
    : link_(std::move(link)), emulator_(config, *link_), time_(time), how_(how)
{
}

ru_session::~ru_session()
{
  stop();
}

void ru_session::start()
{
  stop();
  stop_.store(false, std::memory_order_relaxed);
  thread_ = std::thread([this] { run_ru(emulator_, *link_, time_, stop_, how_); });
}

void ru_session::stop()
{
  stop_.store(true, std::memory_order_relaxed); // the join is what orders memory
  if (thread_.joinable()) {
    thread_.join();
  }
}

std::string ru_summary_json(const ru_emulator& emulator, const io::port& link)
{
  const ru_counters& count = emulator.counters();
  nlohmann::ordered_json line;
  line["port"] = link.describe();
  line["messages_received"] = count.messages_received.value();
  line["messages_answered"] = count.messages_answered.value();
  for (std::size_t reason = 0; reason < nof_cplane_drops; ++reason) {
    line["messages_dropped"][std::string(name_of(static_cast<cplane_drop>(reason)))] =
        count.messages_dropped[reason].value();
  }
  line["sections_taken"] = count.sections_taken.value();
  line["frames_made"] = count.frames_made.value();
  line["frames_sent"] = count.frames_sent.value();
  line["frames_unsent"] = count.frames_unsent.value();
  line["link_lost"] = count.link_lost.value();
  line["overflow"] = count.overflow.value();
  line["slots_skipped"] = count.slots_skipped.value();
  line["grants_taken"] = count.grants_taken.value();
  line["grants_late"] = count.grants_late.value();
  for (std::size_t kind = 0; kind < io::nof_fault_kinds; ++kind) {
    const auto fault = static_cast<io::fault_kind>(kind);
    line["injected"][std::string(io::name_of(fault))] = emulator.injected(fault);
  }
  line["send_lag_us"] = {{"p50", 1e-3 * static_cast<double>(count.send_lag.quantile_ns(0.5))},
                         {"p99", 1e-3 * static_cast<double>(count.send_lag.quantile_ns(0.99))},
                         {"p999", 1e-3 * static_cast<double>(count.send_lag.quantile_ns(0.999))},
                         {"max", 1e-3 * static_cast<double>(count.send_lag.max_ns())}};
  return line.dump();
}

} // namespace pado::apps
