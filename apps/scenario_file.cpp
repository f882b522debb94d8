// SPDX-License-Identifier: Apache-2.0
#include "apps/scenario_file.h"
#include "apps/cell_link.h"
#include "apps/scenario_ue.h"
#include "apps/yaml_section.h"
#include "io/sigmf/bounded_json.h"
#include <algorithm>
#include <array>

namespace pado::apps {

namespace {

constexpr std::size_t max_scenario_bytes = std::size_t{1} << 20U;

constexpr std::array<std::string_view, 9> cell_blocks = {
    "carrier", "fronthaul", "iq", "tdd", "receiver", "model", "mac", "static_grants", "prach"};

void keep(std::optional<error>& first, const std::optional<error>& next)
{
  if (!first) {
    first = next;
  }
}

std::optional<error> read_simulation(yaml_section keys, const cell_config& cell, simulation_settings& to)
{
  const carrier_config& carrier = cell.carrier;
  std::int64_t seed = static_cast<std::int64_t>(to.seed);
  std::size_t domain = cell.iq ? 1 : 0;
  keys.require("slots", "must be the number of slots to generate, as in 40");
  keys.read("slots", to.nof_slots, {1, 10000000, "downlink slots included"});
  keys.read("seed", seed, {0, 9000000000000000, ""});
  keys.read("first_sfn", to.first_sfn, {0, nof_sfn - 1, ""});
  read_real(keys, "level_dbfs", to.level_dbfs, {-80.0, 0.0});
  keys.read_choice("propagation", domain, {"grid", "samples"});
  if (cell.iq && domain == 0) {
    keys.wrong("propagation", "is grid, must be samples (or absent) when the scenario has iq");
  }
  // The least power of two in which the carrier fills at most 0.84: what the delay filters pass without loss.
  std::int32_t smallest = 128;
  while (84 * smallest < 100 * nof_subcarriers_per_prb * carrier.nof_prb) {
    smallest *= 2;
  }
  to.fft_size = smallest;
  keys.read(
      "fft_size", to.fft_size, {128, 16384, "of propagation samples; at least " + std::to_string(smallest)});
  if (to.fft_size < nof_subcarriers_per_prb * carrier.nof_prb) {
    keys.wrong("fft_size", "is " + std::to_string(to.fft_size) + ", must be at least 12 nof_prb");
  }
  to.seed = static_cast<std::uint64_t>(seed);
  to.propagation = static_cast<propagation_domain>(domain);
  return keys.finish();
}

std::optional<error> read_link(yaml_section keys, link_config& link)
{
  std::size_t cplane = link.has_cplane ? 1 : 0;
  std::size_t prbs = 0;
  read_mac(keys, "du_mac", link.du_mac);
  read_mac(keys, "ru_mac", link.ru_mac);
  keys.read("mtu_bytes", link.mtu_bytes, {128, 16000, "Ethernet payload"});
  keys.read("priority", link.priority, {0, 7, "PCP of the VLAN tag"});
  keys.read_choice("cplane", cplane, {"no", "yes"});
  keys.read_choice("prbs", prbs, {"carrier", "granted"});
  keys.read("delay_us", link.delay_us, {0, 10000, "after the end of the symbol"});
  keys.read("jitter_us", link.jitter_us, {0, 10000, ""});
  keys.read("cplane_lead_us", link.cplane_lead_us, {0, 10000, "before the begin of the slot"});
  read_t1a(keys, link.t1a_min_us, link.t1a_max_us);
  read_real(keys, "loss_percent", link.loss_percent, {0.0, 100.0});
  link.has_cplane = cplane == 1;
  link.is_granted_only = prbs == 1;
  return keys.finish();
}

/// How the DU reaches the unit of the scenario.
radio_link_config radio_link_of(const link_config& unit)
{
  radio_link_config link;
  link.du_mac = unit.du_mac;
  link.ru_mac = unit.ru_mac;
  link.priority = unit.priority;
  link.has_cplane = unit.has_cplane;
  link.t1a_min_us = unit.t1a_min_us;
  link.t1a_max_us = unit.t1a_max_us;
  return link;
}

/// `faults:`: kinds with what stands behind their name in --fault, as in late: 0.1,us=500
std::optional<error> read_faults(yaml_section keys, io::fault_config& faults)
{
  std::int64_t seed = static_cast<std::int64_t>(faults.seed);
  keys.read("seed", seed, {0, 9000000000000000, ""});
  faults.seed = static_cast<std::uint64_t>(seed);
  std::vector<std::string> names = {"clock_offset_us", "clock_drift_ppb"};
  for (std::size_t kind = 0; kind < io::nof_fault_kinds; ++kind) {
    names.emplace_back(io::name_of(static_cast<io::fault_kind>(kind)));
  }
  for (const std::string& name : names) {
    std::string text;
    keys.read(name.c_str(), text);
    if (text.empty()) {
      continue;
    }
    std::string written = name;
    written.append("=").append(text);
    if (const auto parsed = io::parse_fault(written, faults); !parsed) {
      keys.wrong(name.c_str(), parsed.failure().what);
    }
  }
  return keys.finish();
}

std::optional<error> read_own(yaml_section top, scenario_config& scenario)
{
  std::optional<error> failure;
  for (const std::string_view block : cell_blocks) {
    top.has(std::string(block).c_str());
  }
  top.require("simulation", "must be a block with slots");
  if (auto keys = top.block("simulation")) {
    keep(failure, read_simulation(std::move(*keys), scenario.cell, scenario.simulation));
  }
  if (auto keys = top.block("link")) {
    keep(failure, read_link(std::move(*keys), scenario.link));
  }
  if (scenario.cell.fronthaul) {
    scenario.cell.link = radio_link_of(scenario.link);
  }
  if (auto keys = top.block("faults")) {
    keep(failure, read_faults(std::move(*keys), scenario.faults));
  }
  top.require("ues", "must be a list of UEs, each with rnti, snr_db, nof_prb and mcs");
  for (yaml_section& keys : top.blocks("ues")) {
    keep(failure, read_ue(std::move(keys), scenario.cell.carrier, scenario.ues.emplace_back()));
  }
  if (!failure && top.has("ues") && scenario.ues.empty()) {
    top.wrong("ues", "is empty, must have at least one UE");
  }
  if (scenario.ues.size() > max_scenario_ues) {
    top.wrong("ues",
              "has " + std::to_string(scenario.ues.size()) + " entries, at most " +
                  std::to_string(max_scenario_ues));
  }
  const auto own = top.finish();
  return own && own->what.find("unknown key") == 0 ? own : (failure ? failure : own);
}

/// Unknown keys at the top of the file, found before anything is said about blocks that are there.
std::optional<error> check_top(yaml_section top, void*)
{
  for (const std::string_view block : cell_blocks) {
    top.has(std::string(block).c_str());
  }
  for (const char* block : {"simulation", "link", "faults", "ues"}) {
    top.has(block);
  }
  return top.finish();
}

} // namespace

std::string cell_part(std::string_view text)
{
  std::string out;
  bool is_kept = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const bool starts_block =
        !line.empty() && line[0] != ' ' && line[0] != '#' && line[0] != '-' && line[0] != '\r';
    if (starts_block) {
      const std::string_view key = line.substr(0, line.find(':'));
      is_kept = std::find(cell_blocks.begin(), cell_blocks.end(), key) != cell_blocks.end();
    }
    out += is_kept ? std::string(line) : std::string();
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

result<scenario_config> parse_scenario_file(std::string_view text, const std::string& name)
{
  if (const auto failure = with_yaml(text, name, check_top, nullptr)) {
    return *failure;
  }
  scenario_config scenario;
  auto cell = parse_cell_file(cell_part(text), name);
  if (!cell) {
    return cell.failure();
  }
  scenario.cell = std::move(cell).value();
  const auto use = [](yaml_section top, void* to) {
    return read_own(std::move(top), *static_cast<scenario_config*>(to));
  };
  if (const auto failure = with_yaml(text, name, use, &scenario)) {
    return *failure;
  }
  if (scenario.cell.iq) {
    scenario.simulation.fft_size = scenario.cell.iq->fft_size;
  }
  return scenario;
}

result<scenario_config> read_scenario_file(const std::string& path)
{
  const auto text = io::read_text_file(path, max_scenario_bytes);
  if (!text) {
    return text.failure();
  }
  return parse_scenario_file(text.value(), path);
}

} // namespace pado::apps
