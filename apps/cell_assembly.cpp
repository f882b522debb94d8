// SPDX-License-Identifier: Apache-2.0
#include "apps/cell_assembly.h"

namespace pado::apps {

namespace {

io::cell_config assembly_of_one(const cell_config& cell)
{
  const fronthaul_config& fronthaul = *cell.fronthaul;
  io::cell_config out;
  out.scs = cell.carrier.scs;
  out.nof_prb = cell.carrier.nof_prb;
  out.pusch.eaxc = fronthaul.eaxc_pusch;
  out.prach.eaxc = fronthaul.eaxc_prach;
  if (fronthaul.header == comp_header::static_config) {
    out.pusch.fixed = {fronthaul.comp_method, static_cast<std::uint8_t>(fronthaul.comp_width)};
    out.prach.fixed = out.pusch.fixed;
  }
  out.vlan = fronthaul.vlan;
  if (cell.tdd) {
    const std::int32_t per_frame = cell.carrier.scs.slots_per_frame();
    for (std::int32_t slot = 0; slot < static_cast<std::int32_t>(cell.tdd->slots.size()); ++slot) {
      out.uplink_symbols.push_back(uplink_symbols(cell, {slot / per_frame, slot % per_frame}));
    }
  }
  if (fronthaul.window) {
    out.window = rx_window_of(*fronthaul.window);
  }
  if (fronthaul.window || fronthaul.clock) {
    out.sfn0_ns = sfn0_ns_of(fronthaul);
  }
  return out;
}

} // namespace

std::optional<std::int64_t> sfn0_ns_of(const fronthaul_config& fronthaul)
{
  switch (fronthaul.clock.value_or(packet_clock::utc)) {
  case packet_clock::utc:
    return io::sfn0_of_utc_ns(fronthaul.gps_alpha, fronthaul.gps_beta);
  case packet_clock::tai:
    return io::sfn0_of_tai_ns(fronthaul.gps_alpha, fronthaul.gps_beta);
  default:
    return std::nullopt;
  }
}

io::rx_window rx_window_of(const ta4_window& window)
{
  io::rx_window out;
  out.earliest_ns = std::int64_t{1000} * window.begin_us;
  out.latest_ns = std::int64_t{1000} * window.end_us;
  out.origin = window.from == window_from::symbol_end ? io::window_origin::symbol_end
                                                      : io::window_origin::symbol_begin;
  out.is_enforced = window.outside == outside_window::drop;
  return out;
}

result<io::slot_assembler_config> assembly_of(std::span<const cell_config> cells)
{
  io::slot_assembler_config out;
  for (const cell_config& cell : cells) {
    if (!cell.fronthaul) {
      return error{cell.carrier.name + ": fronthaul",
                   "is missing, must be there when samples come as packets"};
    }
    const std::int32_t port = cell.fronthaul->udp_port.value_or(io::no_udp_port);
    if (!out.cells.empty() && port != out.udp_port) {
      return error{cell.carrier.name + ": fronthaul.udp_port", "must be that of the other cells"};
    }
    out.udp_port = port;
    out.cells.push_back(assembly_of_one(cell));
  }
  return out;
}

} // namespace pado::apps
