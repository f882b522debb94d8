// SPDX-License-Identifier: Apache-2.0
#include "apps/inspect_grid.h"
#include "apps/interrupt.h"
#include "apps/terminal.h"
#include "core/buffer.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

double to_db(double power)
{
  return 10.0 * std::log10(power);
}

/// Sum over a slot of one port, and its loudest PRB.
struct slot_power {
  double sum = 0.0;
  double busiest = 0.0;
};

slot_power power_of(view<const ch16, 2> symbols)
{
  slot_power out;
  for (std::int32_t symbol = 0; symbol < symbols.extent(0); ++symbol) {
    for (std::int32_t first = 0; first < symbols.extent(1); first += nof_subcarriers_per_prb) {
      double prb = 0.0;
      for (std::int32_t k = 0; k < nof_subcarriers_per_prb; ++k) {
        prb += static_cast<double>(norm(to_cf32(symbols(symbol, first + k))));
      }
      out.sum += prb;
      out.busiest = std::max(out.busiest, prb / nof_subcarriers_per_prb);
    }
  }
  return out;
}

std::string db_text(double db)
{
  return std::isfinite(db) ? fmt::format("{:.1f}", db) : "silent";
}

nlohmann::json db_json(double db)
{
  return std::isfinite(db) ? nlohmann::json(std::round(10.0 * db) / 10.0) : nlohmann::json(nullptr);
}

} // namespace

result<grid_findings> survey_grid(const std::string& path, bool has_progress)
{
  auto capture = io::read_grid_capture(path);
  if (!capture) {
    return capture.failure();
  }
  auto reader = io::grid_reader::open(capture.value());
  if (!reader) {
    return reader.failure();
  }
  grid_findings findings;
  findings.capture = std::move(capture).value();
  const io::grid_capture& held = findings.capture;
  const buffer<ch16> values(static_cast<std::size_t>(held.values_per_slot()));
  const auto grid =
      values.as(held.nof_rx_ports, nof_symbols_per_slot, nof_subcarriers_per_prb * held.nof_prb);
  std::vector<slot_power> sums(static_cast<std::size_t>(held.nof_rx_ports));
  watch_interrupt();
  progress_bar bar("slots", static_cast<std::int64_t>(held.slots.size()), has_progress);
  for (std::size_t i = 0; i < held.slots.size() && !findings.is_interrupted; ++i) {
    if (const auto read = reader.value().read(i, grid); !read) {
      return read.failure();
    }
    for (std::int32_t port = 0; port < held.nof_rx_ports; ++port) {
      const slot_power one = power_of(grid[port]);
      slot_power& sum = sums[static_cast<std::size_t>(port)];
      sum.sum += one.sum;
      sum.busiest = std::max(sum.busiest, one.busiest);
    }
    bar.update(++findings.nof_measured);
    findings.is_interrupted = is_interrupted();
  }
  findings.nof_unusable = reader.value().nof_unusable();
  const auto re_per_slot = held.values_per_slot() / held.nof_rx_ports;
  const double nof_re = static_cast<double>(findings.nof_measured) * static_cast<double>(re_per_slot);
  for (const slot_power& sum : sums) {
    findings.power.push_back({to_db(nof_re > 0.0 ? sum.sum / nof_re : 0.0), to_db(sum.busiest)});
  }
  return findings;
}

cell_proposal propose_grid_cell(const io::grid_capture& capture)
{
  cell_proposal proposal;
  carrier_config& carrier = proposal.cell.carrier;
  carrier.scs = capture.scs;
  carrier.nof_prb = capture.nof_prb;
  carrier.nof_rx_ports = capture.nof_rx_ports;
  carrier.phys_cell_id = capture.phys_cell_id.value_or(0);
  if (!capture.phys_cell_id) {
    proposal.notes["carrier.phys_cell_id"] = "not in the capture: set it when you know it";
  }
  proposal.cell.has_grid = true;
  return proposal;
}

std::string grid_text(const grid_findings& findings)
{
  const io::grid_capture& capture = findings.capture;
  std::string out = fmt::format("{}: grid capture, {} kHz, {} PRB, {} port{}, {} slots",
                                capture.name,
                                capture.scs.scs_hz() / 1000,
                                capture.nof_prb,
                                capture.nof_rx_ports,
                                capture.nof_rx_ports == 1 ? "" : "s",
                                grouped(static_cast<std::int64_t>(capture.slots.size())));
  if (!capture.slots.empty()) {
    out += fmt::format(", {} to {}", text_of(capture.slots.front().slot), text_of(capture.slots.back().slot));
  }
  out += "\n\n";
  using align = text_table::align;
  text_table table({{"port", align::right}, {"mean dB", align::right}, {"loudest PRB dB", align::right}});
  for (std::size_t port = 0; port < findings.power.size(); ++port) {
    table.add_row({std::to_string(port),
                   db_text(findings.power[port].mean_db),
                   db_text(findings.power[port].busiest_db)});
  }
  out += table.text() + "  power of a resource element, in grid units\n";
  if (capture.nof_cut > 0 || capture.nof_spare_bytes > 0) {
    out += fmt::format("  the data end early: {} slots of the metadata are not whole in {}\n",
                       capture.nof_cut,
                       capture.data_path);
  }
  if (findings.nof_unusable > 0) {
    out += fmt::format("  {} values are no numbers, taken as 0\n", grouped(findings.nof_unusable));
  }
  if (findings.is_interrupted) {
    out += fmt::format("  interrupted: measured on the first {} slots\n", findings.nof_measured);
  }
  return out;
}

std::string grid_json(const grid_findings& findings)
{
  const io::grid_capture& capture = findings.capture;
  const nlohmann::ordered_json head = {{"type", "grid"},
                                       {"file", capture.name},
                                       {"scs_khz", capture.scs.scs_hz() / 1000},
                                       {"nof_prb", capture.nof_prb},
                                       {"nof_rx_ports", capture.nof_rx_ports},
                                       {"slots", capture.slots.size()},
                                       {"slots_cut", capture.nof_cut},
                                       {"unusable_values", findings.nof_unusable}};
  std::string out = head.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  for (std::size_t port = 0; port < findings.power.size(); ++port) {
    const nlohmann::ordered_json line = {{"type", "port_power"},
                                         {"port", port},
                                         {"mean_db", db_json(findings.power[port].mean_db)},
                                         {"loudest_prb_db", db_json(findings.power[port].busiest_db)}};
    out += line.dump() + "\n";
  }
  return out;
}

} // namespace pado::apps
