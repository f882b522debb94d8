// SPDX-License-Identifier: Apache-2.0
#include "apps/run_cplane.h"
#include "io/oran/uplane_builder.h"

namespace pado::apps {

namespace {

std::vector<std::uint16_t> guard_symbols_of(const cell_config& cell)
{
  std::vector<std::uint16_t> out;
  if (!cell.tdd || !link_of(cell).has_guard) {
    return out;
  }
  const unsigned first = static_cast<unsigned>(cell.tdd->special_downlink_symbols);
  const unsigned last = static_cast<unsigned>(nof_symbols_per_slot - cell.tdd->special_uplink_symbols);
  for (const slot_kind kind : cell.tdd->slots) {
    out.push_back(static_cast<std::uint16_t>(kind == slot_kind::special ? (1U << last) - (1U << first) : 0U));
  }
  return out;
}

pipeline::prach_occasion occasion_of(const cell_config& cell, const prach_config& prach)
{
  const std::int32_t scs_hz = prach.scs_hz == 0 ? cell.carrier.scs.scs_hz() : prach.scs_hz;
  pipeline::prach_occasion out;
  out.period_frames = prach.period_frames;
  out.frame = prach.frame;
  out.slots = prach.slots;
  out.start_symbol = prach.start_symbol;
  out.nof_symbols = prach.repetitions;
  out.nof_prb = scs_hz < 15000 ? 72 : 12;
  out.freq_offset =
      io::prach_freq_offset(cell.carrier.nof_prb, cell.carrier.scs.scs_hz(), scs_hz, prach.first_prb);
  out.time_offset = static_cast<std::uint16_t>(prach.time_offset_ts);
  out.frame_structure = io::frame_structure_of(prach.fft_size, scs_hz).value_or(0);
  out.filter_index = scs_hz == 1250 ? 1 : scs_hz == 5000 ? 2 : 3;
  return out;
}

} // namespace

radio_link_config link_of(const cell_config& cell)
{
  return cell.link.value_or(radio_link_config{});
}

pipeline::cplane_config cplane_of(const cell_config& cell, const pipeline::slot_time& time, io::framing form)
{
  const radio_link_config link = link_of(cell);
  const fronthaul_config& fronthaul = *cell.fronthaul;
  pipeline::cplane_config out;
  out.time = time;
  out.nof_prb = cell.carrier.nof_prb;
  out.grid_start_crb = cell.carrier.grid_start_crb;
  out.eaxc = fronthaul.eaxc_pusch;
  out.eaxc_prach = fronthaul.eaxc_prach;
  out.link.destination = link.ru_mac;
  out.link.source = link.du_mac;
  out.link.priority = static_cast<std::uint8_t>(link.priority);
  if (form == io::framing::ethernet) {
    out.link.vlan = fronthaul.vlan.value_or(io::link_frame::no_vlan);
  }
  if (fronthaul.header == comp_header::dynamic) {
    out.comp_header =
        io::to_comp_header({fronthaul.comp_method, static_cast<std::uint8_t>(fronthaul.comp_width)});
  }
  out.is_sent = link.has_cplane;
  out.is_whole_carrier = !link.is_granted_only;
  out.t1a_max_ns = std::int64_t{1000} * link.t1a_max_us;
  out.t1a_min_ns = std::int64_t{1000} * link.t1a_min_us;
  for (const prach_config& prach : cell.prach) {
    out.prach.push_back(occasion_of(cell, prach));
  }
  out.guard_symbols = guard_symbols_of(cell);
  std::int32_t fft_size = 128;
  while (fft_size < nof_subcarriers_per_prb * cell.carrier.nof_prb && fft_size < 4096) {
    fft_size *= 2;
  }
  out.frame_structure = io::frame_structure_of(fft_size, cell.carrier.scs.scs_hz()).value_or(0);
  return out;
}

} // namespace pado::apps
