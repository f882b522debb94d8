// SPDX-License-Identifier: Apache-2.0
#include "apps/run_plan.h"
#include "apps/cell_assembly.h"
#include "apps/run_cplane.h"
#include "apps/scenario_file.h"
#include <algorithm>
#include <fmt/format.h>

namespace pado::apps {

namespace {

constexpr std::int32_t default_window_us = 500; // Ta4 max where cell.yaml has no window
constexpr std::int32_t external_max_pdus = 64;

io::rx_window window_of(const cell_config& cell)
{
  return rx_window_of(cell.fronthaul->window.value_or(ta4_window{0, default_window_us}));
}

/// Slots that must stay open behind the newest one so that the window closes them and not a later slot.
std::int32_t reorder_slots_of(const cell_config& cell)
{
  const std::int64_t slot_ns = cell.carrier.scs.slot_ns();
  const std::int64_t latest_ns = std::max<std::int64_t>(window_of(cell).latest_ns, 0);
  return static_cast<std::int32_t>(std::min<std::int64_t>(2 + (latest_ns + slot_ns - 1) / slot_ns, 64));
}

std::vector<std::uint16_t> ues_of(const run_options& options, const cell_config& cell)
{
  return options.ues.empty() ? cell.mac.ues : options.ues;
}

std::int32_t max_pdus_of(const run_cell& cell)
{
  switch (cell.source) {
  case plan_source::external:
    return external_max_pdus;
  case plan_source::scheduler:
    return cell.cell.mac.max_ues_per_slot;
  default:
    return most_pdus(cell.lines);
  }
}

plan_source source_of(const run_options& options, const cell_config& cell, bool has_schedule)
{
  if (!options.l2.empty()) {
    return plan_source::external;
  }
  if (has_schedule) {
    return plan_source::schedule;
  }
  if (!ues_of(options, cell).empty()) {
    return plan_source::scheduler;
  }
  return options.scenario_lines != nullptr ? plan_source::schedule : plan_source::statics;
}

/// A cell.yaml, or the cell of a scenario.
result<cell_config> read_cell(const run_options& options, const std::string& path)
{
  if (path != options.scenario) {
    return read_cell_file(path);
  }
  auto scenario = read_scenario_file(path);
  if (!scenario) {
    return scenario.failure();
  }
  return scenario.value().cell;
}

result<run_cell>
read_one(const run_options& options, const std::string& path, const std::string& schedule_path)
{
  run_cell out;
  out.path = path;
  auto cell = read_cell(options, path);
  if (!cell) {
    return cell.failure();
  }
  out.cell = std::move(cell).value();
  if (!out.cell.fronthaul) {
    return error{path, "has no `fronthaul:`, must say how samples come as packets"};
  }
  if (!sfn0_ns_of(*out.cell.fronthaul)) {
    return error{
        path + ": fronthaul.clock",
        "is fitted, must be utc or tai: a live receiver asks for a slot before its packets come, so it "
        "must know when the slot is on air (docs/run.md)"};
  }
  out.source = source_of(options, out.cell, !schedule_path.empty());
  if (out.source == plan_source::schedule && schedule_path.empty()) {
    out.lines = *options.scenario_lines;
  } else if (out.source == plan_source::schedule) {
    auto lines = read_schedule(schedule_path);
    if (!lines) {
      return lines.failure();
    }
    out.lines = std::move(lines).value();
  } else if (out.source == plan_source::statics) {
    out.lines = static_schedule(out.cell);
    if (out.lines.slots.empty()) {
      return error{"--schedule",
                   "is needed, or --l2, --ue, or static_grants or mac.ues in " + path +
                       ": nothing says what to decode (docs/run.md)"};
    }
  }
  return out;
}

/// The keys of cell.yaml that a running cell keeps, each with whether it differs.
std::optional<std::string> changed_for_good(const cell_config& a, const cell_config& b)
{
  cell_config x = a;
  cell_config y = b;
  for (cell_config* cell : {&x, &y}) {
    cell->static_grants.clear();
    cell->receiver = {};
    cell->model.reset();
    cell->mac = {};
    cell->fronthaul->window.reset();
    radio_link_config link = link_of(*cell);
    link.t1a_min_us = 0;
    link.t1a_max_us = 0;
    cell->link = link;
  }
  const auto lines_of = [](const cell_config& cell) {
    std::vector<std::string> lines;
    std::string block;
    const std::string text = write_cell_file(cell);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      const std::string line = text.substr(at, end - at);
      at = end + 1;
      if (line[0] != ' ') {
        block = line.substr(0, line.find(':'));
      }
      lines.push_back(block + "." + line.substr(line.find_first_not_of(" -")));
    }
    return lines;
  };
  const auto before = lines_of(x);
  const auto after = lines_of(y);
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    if (i >= before.size() || i >= after.size() || before[i] != after[i]) {
      const std::string& line = i < after.size() ? after[i] : before[i];
      return line.substr(0, line.find(':'));
    }
  }
  return std::nullopt;
}

} // namespace

result<std::vector<run_cell>> read_run_cells(const run_options& options)
{
  if (!options.schedules.empty() && options.schedules.size() != options.cells.size()) {
    return error{"--schedule",
                 fmt::format("is given {} times, must be once for each of the {} cells",
                             options.schedules.size(),
                             options.cells.size())};
  }
  std::vector<run_cell> out;
  for (std::size_t i = 0; i < options.cells.size(); ++i) {
    auto cell = read_one(options, options.cells[i], options.schedules.empty() ? "" : options.schedules[i]);
    if (!cell) {
      return cell.failure();
    }
    out.push_back(std::move(cell).value());
  }
  return out;
}

result<run_cell> reread_run_cell(const run_options& options, const run_cell& running)
{
  auto cell = read_cell(options, running.path);
  if (!cell) {
    return cell.failure();
  }
  run_cell out = running;
  out.cell = std::move(cell).value();
  if (!out.cell.fronthaul || out.cell.iq) {
    return error{running.path, "has no `fronthaul:` any more, which needs a restart"};
  }
  if (const auto key = changed_for_good(running.cell, out.cell)) {
    return error{running.path + ": " + *key, "differs from the running cell, which needs a restart"};
  }
  if (reorder_slots_of(out.cell) > reorder_slots_of(running.cell)) {
    return error{running.path + ": fronthaul.window_us",
                 "ends more slots later than that of the running cell, which needs a restart"};
  }
  if (source_of(options, out.cell, running.source == plan_source::schedule) != running.source) {
    return error{running.path + ": mac.ues", "changes where grants come from, which needs a restart"};
  }
  if (running.source == plan_source::statics) {
    out.lines = static_schedule(out.cell);
  }
  if (max_pdus_of(out) > max_pdus_of(running)) {
    return error{running.path,
                 fmt::format("asks for {} PUSCH in a slot, the running cell has room for {}: restart",
                             max_pdus_of(out),
                             max_pdus_of(running))};
  }
  return out;
}

result<pipeline::live_receiver_config>
plan_run(const run_options& options, const std::vector<run_cell>& cells, io::framing form)
{
  std::vector<cell_config> read;
  for (const run_cell& cell : cells) {
    read.push_back(cell.cell);
  }
  auto assembly = assembly_of(read);
  if (!assembly) {
    return assembly.failure();
  }
  pipeline::live_receiver_config out;
  out.assembler = std::move(assembly).value();
  out.assembler.reorder_slots = 0;
  out.cells.reserve(cells.size());
  out.how = options.is_busy ? pipeline::waiting::busy : pipeline::waiting::adaptive;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const cell_config& cell = cells[i].cell;
    const radio_link_config link = link_of(cell);
    out.assembler.reorder_slots = std::max(out.assembler.reorder_slots, reorder_slots_of(cell));
    pipeline::live_receiver_config::cell live;
    live.slots.cell = static_cast<std::int32_t>(i);
    live.slots.time = {cell.carrier.scs, *sfn0_ns_of(*cell.fronthaul)};
    live.slots.source = cells[i].source == plan_source::scheduler ? pipeline::grant_source::scheduler
                                                                  : pipeline::grant_source::given;
    live.slots.deadline_ns =
        options.deadline_us > 0 ? std::int64_t{1000} * options.deadline_us : 3 * cell.carrier.scs.slot_ns();
    live.slots.max_pdus = static_cast<std::size_t>(max_pdus_of(cells[i]));
    live.cplane = cplane_of(cell, live.slots.time, form);
    io::cell_config& assembled = out.assembler.cells[i];
    assembled.sfn0_ns = live.slots.time.sfn0_ns;
    assembled.window = window_of(cell);
    if (cell.link) {
      assembled.ru = link.ru_mac;
    }
    if (form == io::framing::ecpri_pdu) {
      assembled.ru.reset(); // a socket shows neither addresses nor tags
      assembled.vlan.reset();
    }
    out.cells.push_back(std::move(live));
  }
  out.assembler.nof_stores = std::max(16, out.assembler.reorder_slots + 10);
  for (pipeline::live_receiver_config::cell& live : out.cells) {
    live.slots.nof_stores = out.assembler.nof_stores;
  }
  return out;
}

result<run_receiver::request>
request_of(const run_options& options, const run_cell& cell, const run_cell* before, const clock& time)
{
  run_receiver::request out;
  auto plan = plan_receiver(cell.cell, max_pdus_of(before != nullptr ? *before : cell));
  if (!plan) {
    return plan.failure();
  }
  out.plan = std::move(plan).value();
  out.window_ns = window_of(cell.cell).latest_ns;
  const auto is_same = [](const cell_config& a, const cell_config& b) {
    const bool same_model =
        a.model.has_value() == b.model.has_value() &&
        (!a.model || (a.model->path == b.model->path && a.model->budget_us == b.model->budget_us));
    return same_model && a.mac.k2 == b.mac.k2 && a.mac.max_ues_per_slot == b.mac.max_ues_per_slot &&
           a.mac.min_prb == b.mac.min_prb && a.mac.ues == b.mac.ues;
  };
  if (before != nullptr && is_same(before->cell, cell.cell)) {
    return out;
  }
  grant_style style;
  style.like = typical_pusch(cell.source == plan_source::scheduler ? static_schedule(cell.cell) : cell.lines);
  if (cell.source == plan_source::scheduler) {
    style.loop = mac::control_loop::closed;
    if (cell.cell.static_grants.empty()) {
      style.like.dmrs_symbol_mask = 1U << 2U | 1U << 11U;
      style.like.dmrs_scrambling_id = static_cast<std::uint16_t>(cell.cell.carrier.phys_cell_id);
      style.like.data_scrambling_id = style.like.dmrs_scrambling_id;
    }
  }
  auto decisions =
      make_decision_loop(cell.cell, model_path(options.model, cell.path, cell.cell), style, time);
  if (!decisions) {
    return decisions.failure();
  }
  out.decisions = std::move(decisions).value();
  if (cell.source == plan_source::scheduler) {
    for (const std::uint16_t rnti : ues_of(options, cell.cell)) {
      if (!out.decisions->add_ue(rnti)) {
        return error{fmt::format("UE 0x{:04x}", rnti), "is named twice, or is one of more than 64"};
      }
    }
  }
  return out;
}

result<std::unique_ptr<pipeline::poller_setup>> poller_setup_of(const run_options& options,
                                                                const run_cell& cell)
{
  auto out = std::make_unique<pipeline::poller_setup>();
  out->window = window_of(cell.cell);
  const radio_link_config link = link_of(cell.cell);
  out->t1a_max_ns = std::int64_t{1000} * link.t1a_max_us;
  out->t1a_min_ns = std::int64_t{1000} * link.t1a_min_us;
  if (cell.source == plan_source::schedule || cell.source == plan_source::statics) {
    std::vector<slot_plan> plans;
    for (const scheduled_slot& line : cell.lines.slots) {
      plans.push_back(line.plan);
    }
    const std::int32_t period = cell.source == plan_source::statics ? nof_sfn : options.period_frames;
    auto table = pipeline::plan_table::make(std::move(plans), cell.cell.carrier.scs, period);
    if (!table) {
      return table.failure();
    }
    out->table = std::move(table).value();
  }
  return out;
}

} // namespace pado::apps
