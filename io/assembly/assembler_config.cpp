// SPDX-License-Identifier: Apache-2.0
#include "io/assembly/assembler_config.h"
#include <algorithm>
#include <set>
#include <string>

namespace pado::io {

namespace {

using failure = std::optional<error>;

constexpr std::int32_t max_reorder_slots = 64;
constexpr std::int32_t max_stores = 1024;
constexpr std::size_t max_rx_ports = 64;

failure out_of_range(const std::string& field, std::int64_t value, std::int64_t least, std::int64_t most)
{
  if (value >= least && value <= most) {
    return {};
  }
  return error{field,
               "is " + std::to_string(value) + ", must be in " + std::to_string(least) + ".." +
                   std::to_string(most)};
}

failure check_flow(const std::string& name, const flow_config& flow)
{
  if (flow.eaxc.size() > max_rx_ports) {
    return error{name + ".eaxc",
                 "has " + std::to_string(flow.eaxc.size()) + " ports, at most 64 are possible"};
  }
  if (flow.fixed && !is_supported(*flow.fixed)) {
    return error{name + ".fixed", "is no format: width must be in 1..16 (mu-law 4..16)"};
  }
  if (flow.fixed && flow.fixed->method == compression::modulation) {
    return error{name + ".fixed", "is modulation compression, which only the downlink uses"};
  }
  std::set<std::uint16_t> seen;
  for (const std::uint16_t eaxc : flow.eaxc) {
    if (!seen.insert(eaxc).second) {
      return error{name + ".eaxc", "has eAxC " + std::to_string(eaxc) + " twice"};
    }
  }
  return {};
}

failure check_pattern(const std::string& name, const cell_config& cell)
{
  const auto period = static_cast<std::int32_t>(cell.uplink_symbols.size());
  const std::int32_t slots_in_20_ms = 2 * cell.scs.slots_per_frame();
  if (period != 0 && slots_in_20_ms % period != 0) {
    return error{name + ".uplink_symbols",
                 "has " + std::to_string(period) + " slots, which do not divide the " +
                     std::to_string(slots_in_20_ms) + " slots of 20 ms"};
  }
  for (const std::uint16_t symbols : cell.uplink_symbols) {
    if (symbols >> nof_symbols_per_slot != 0) {
      return error{name + ".uplink_symbols", "has a bit above symbol 13"};
    }
  }
  return {};
}

failure check_cell(const std::string& name, const cell_config& cell)
{
  if (auto bad = out_of_range(name + ".scs.mu", cell.scs.mu, 0, 4)) {
    return bad;
  }
  if (auto bad = out_of_range(name + ".nof_prb", cell.nof_prb, 1, max_nof_prb)) {
    return bad;
  }
  if (auto bad = out_of_range(name + ".prach_nof_prb", cell.prach_nof_prb, 1, max_nof_prb)) {
    return bad;
  }
  if (auto bad = out_of_range(name + ".prach_repetitions", cell.prach_repetitions, 0, 1024)) {
    return bad;
  }
  if (cell.prach_reorder_slots) {
    if (auto bad = out_of_range(
            name + ".prach_reorder_slots", *cell.prach_reorder_slots, 0, 4 * max_reorder_slots)) {
      return bad;
    }
  }
  if (cell.pusch.eaxc.empty() && cell.prach.eaxc.empty()) {
    return error{name + ".pusch.eaxc", "is empty, and so is prach.eaxc: nothing would be received"};
  }
  if (cell.vlan) {
    if (auto bad = out_of_range(name + ".vlan", *cell.vlan, 0, 4095)) {
      return bad;
    }
  }
  if (cell.near_sfn) {
    if (auto bad = out_of_range(name + ".near_sfn", *cell.near_sfn, 0, nof_sfn - 1)) {
      return bad;
    }
  }
  if (cell.window && cell.window->earliest_ns > cell.window->latest_ns) {
    return error{name + ".window.earliest_ns", "is after latest_ns"};
  }
  if (auto bad = check_flow(name + ".pusch", cell.pusch)) {
    return bad;
  }
  if (auto bad = check_flow(name + ".prach", cell.prach)) {
    return bad;
  }
  return check_pattern(name, cell);
}

/// Two cells may share an eAxC only when a VLAN or an address tells them apart.
bool are_apart(const cell_config& a, const cell_config& b)
{
  return (a.vlan && b.vlan && *a.vlan != *b.vlan) || (a.ru && b.ru && *a.ru != *b.ru);
}

/// The first eAxC of `b` that `a` has too.
std::optional<std::uint16_t> shared_eaxc(const cell_config& a, const cell_config& b)
{
  std::set<std::uint16_t> own(a.pusch.eaxc.begin(), a.pusch.eaxc.end());
  own.insert(a.prach.eaxc.begin(), a.prach.eaxc.end());
  for (const auto* list : {&b.pusch.eaxc, &b.prach.eaxc}) {
    const auto found =
        std::find_if(list->begin(), list->end(), [&](std::uint16_t eaxc) { return own.count(eaxc) != 0; });
    if (found != list->end()) {
      return *found;
    }
  }
  return std::nullopt;
}

failure check_sharing(const std::vector<cell_config>& cells)
{
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const auto shared = shared_eaxc(cells[i], cells[j]);
      if (shared && !are_apart(cells[i], cells[j])) {
        return error{"slot_assembler.cells[" + std::to_string(i) + "]",
                     "shares eAxC " + std::to_string(*shared) + " with cells[" + std::to_string(j) +
                         "], and neither vlan nor ru tells them apart"};
      }
    }
  }
  return {};
}

} // namespace

result<slot_assembler_plan> plan_slot_assembler(slot_assembler_config config)
{
  if (config.cells.empty()) {
    return error{"slot_assembler.cells", "is empty"};
  }
  if (auto bad = out_of_range("slot_assembler.udp_port", config.udp_port, any_udp_port, 65535)) {
    return *bad;
  }
  if (auto bad = out_of_range("slot_assembler.reorder_slots", config.reorder_slots, 0, max_reorder_slots)) {
    return *bad;
  }
  if (auto bad = out_of_range("slot_assembler.max_sections", config.max_sections, 1, 65535)) {
    return *bad;
  }
  if (auto bad = out_of_range(
          "slot_assembler.nof_stores", config.nof_stores, config.reorder_slots + 2, max_stores)) {
    return *bad;
  }
  for (std::size_t i = 0; i < config.cells.size(); ++i) {
    if (auto bad = check_cell("slot_assembler.cells[" + std::to_string(i) + "]", config.cells[i])) {
      return *bad;
    }
  }
  if (auto bad = check_sharing(config.cells)) {
    return *bad;
  }
  return slot_assembler_plan{std::move(config)};
}

} // namespace pado::io
