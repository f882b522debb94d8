// SPDX-License-Identifier: Apache-2.0
#include "apps/generate_frames.h"
#include "apps/cell_assembly.h"
#include "io/compress/codec.h"
#include "io/oran/cplane_builder.h"
#include <algorithm>
#include <cmath>

namespace pado::apps {

namespace {

io::link_settings
link_of(const scenario_config& scenario, const io::mac_address& destination, const io::mac_address& source)
{
  io::link_settings link;
  const fronthaul_config& fronthaul = *scenario.cell.fronthaul;
  link.destination = destination;
  link.source = source;
  link.vlan = fronthaul.vlan.value_or(io::link_frame::no_vlan);
  link.priority = static_cast<std::uint8_t>(scenario.link.priority);
  if (fronthaul.udp_port) {
    link.over = io::transport::udp_ipv4;
    link.destination_port = static_cast<std::uint16_t>(*fronthaul.udp_port);
    link.source_port = link.destination_port;
  }
  return link;
}

std::int64_t to_ns(double seconds)
{
  return static_cast<std::int64_t>(std::llround(1e9 * seconds));
}

} // namespace

io::link_settings uplane_link(const scenario_config& scenario)
{
  return link_of(scenario, scenario.link.du_mac, scenario.link.ru_mac);
}

std::pair<int, int> granted_symbols(const std::vector<pusch_pdu>& pdus)
{
  int first = nof_symbols_per_slot;
  int last = 0;
  for (const pusch_pdu& pdu : pdus) {
    first = std::min<int>(first, pdu.start_symbol);
    last = std::max<int>(last, pdu.start_symbol + pdu.nof_symbols);
  }
  return {first, last};
}

std::int64_t air_time_ns(const scenario_config& scenario)
{
  // 141 000 000 cycles of SFN after the GPS epoch it is October 2025.
  constexpr std::int64_t cycle_ns = 10240000000;
  const std::int64_t sfn0_ns = sfn0_ns_of(*scenario.cell.fronthaul).value_or(io::sfn0_of_utc_ns());
  return sfn0_ns + 141000000 * cycle_ns + scenario.simulation.first_sfn * 10000000LL;
}

std::vector<prb_range> granted_prbs(const std::vector<pusch_pdu>& pdus, std::int32_t grid_start_crb)
{
  std::vector<prb_range> all;
  for (const pusch_pdu& pdu : pdus) {
    const std::int32_t begin = pdu.bwp_start + pdu.rb_start - grid_start_crb;
    all.push_back({begin, begin + pdu.rb_size});
  }
  std::sort(all.begin(), all.end(), [](prb_range a, prb_range b) { return a.begin < b.begin; });
  std::vector<prb_range> joined;
  for (const prb_range range : all) {
    if (!joined.empty() && range.begin <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, range.end);
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

/// What of a slot the packets carry.
struct frame_maker::granted_part {
  std::vector<prb_range> ranges;
  std::int32_t symbol_begin;
  std::int32_t symbol_end;
};

/// One symbol of one port, one run of PRBs.
struct frame_maker::message_place {
  std::int32_t port;
  std::int32_t symbol;
  std::uint16_t section_id;
  prb_range prbs;
};

frame_maker::frame_maker(const generate_plan& plan)
    : plan_(plan), to_du_(uplane_link(plan.scenario)),
      to_ru_(link_of(plan.scenario, plan.scenario.link.ru_mac, plan.scenario.link.du_mac)),
      format_{plan.scenario.cell.fronthaul->comp_method,
              static_cast<std::uint8_t>(plan.scenario.cell.fronthaul->comp_width)},
      packed_(io::max_prb_bytes * max_nof_prb), frame_(65536)
{
}

void frame_maker::add_cplane(const planned_slot& slot, const granted_part& part, std::vector<timed_frame>& to)
{
  const scenario_config& scenario = plan_.scenario;
  const numerology scs = scenario.cell.carrier.scs;
  io::c_header header;
  header.app = io::app_header_of(slot.schedule.plan.slot, scs, part.symbol_begin, io::direction::uplink);
  header.type = io::c_type::regular;
  if (scenario.cell.fronthaul->header == comp_header::dynamic) {
    header.comp_header = io::to_comp_header(format_);
  }
  std::vector<io::c_section> sections;
  for (const prb_range range : part.ranges) {
    io::c_section section;
    section.id = static_cast<std::uint16_t>(sections.size());
    section.prb_begin = static_cast<std::uint16_t>(range.begin);
    section.nof_prb = static_cast<std::uint16_t>(range.size());
    section.nof_symbols = static_cast<std::uint8_t>(part.symbol_end - part.symbol_begin);
    sections.push_back(section);
  }
  const std::int64_t slot_ns = air_time_ns(scenario) + to_ns(phy::slot_start_s(scs, slot.slot));
  const std::int32_t nof_ports = scenario.cell.carrier.nof_rx_ports;
  for (std::int32_t port = 0; port < nof_ports; ++port) {
    const io::stream_ids ids = {.eaxc = scenario.cell.fronthaul->eaxc_pusch[static_cast<std::size_t>(port)]};
    const std::size_t size = io::write_c_frame(to_ru_, ids, header, sections, frame_);
    timed_frame frame;
    frame.time_ns = slot_ns - 1000LL * scenario.link.cplane_lead_us;
    frame.flow = nof_ports + port;
    frame.bytes.assign(frame_.begin(), frame_.begin() + static_cast<std::ptrdiff_t>(size));
    to.push_back(std::move(frame));
  }
}

void frame_maker::add_uplane(const planned_slot& slot,
                             const message_place& at,
                             view<const cf32, 3> rx,
                             std::vector<timed_frame>& to)
{
  const scenario_config& scenario = plan_.scenario;
  const numerology scs = scenario.cell.carrier.scs;
  const fronthaul_config& fronthaul = *scenario.cell.fronthaul;
  io::u_flow_settings flow;
  flow.link = to_du_;
  flow.eaxc = fronthaul.eaxc_pusch[static_cast<std::size_t>(at.port)];
  flow.format = format_;
  flow.has_comp_header = fronthaul.header == comp_header::dynamic;
  flow.mtu_bytes = scenario.link.mtu_bytes;
  flow.carrier_prb = scenario.cell.carrier.nof_prb;
  const auto row = rx[at.port][at.symbol].part(12 * at.prbs.begin, 12 * at.prbs.end);
  const std::size_t nof_bytes = io::encode_prbs(
      format_, std::span(row.data(), static_cast<std::size_t>(row.extent(0))), plan_.full_scale, packed_);
  const io::app_header header =
      io::app_header_of(slot.schedule.plan.slot, scs, at.symbol, io::direction::uplink);
  io::u_plane_writer writer(
      flow, header, {at.section_id, at.prbs.begin, std::span(packed_).first(nof_bytes)});

  const double end_s = phy::slot_start_s(scs, slot.slot) + phy::symbol_middle_s(scs, slot.slot, at.symbol) +
                       0.5 / scs.scs_hz();
  const std::int64_t ready_ns = air_time_ns(scenario) + to_ns(end_s) + 1000LL * scenario.link.delay_us;
  const phy::random_stream stream = {scenario.simulation.seed,
                                     phy::random_purpose::fronthaul,
                                     static_cast<std::uint32_t>(slot.slot),
                                     phy::random_item(at.port, at.symbol, at.section_id)};
  std::uint8_t sequence = 0; // the writer of the capture numbers the messages of a flow
  std::uint32_t message = 0;
  while (const std::size_t size = writer.next(sequence, frame_)) {
    const phy::random_words draw = phy::draw_words(stream, message++);
    timed_frame frame;
    frame.time_ns =
        ready_ns +
        static_cast<std::int64_t>(
            std::uint64_t{draw.word[1]} * static_cast<std::uint64_t>(1000 * scenario.link.jitter_us) >> 32U);
    frame.flow = at.port;
    frame.is_lost = 100.0 * static_cast<double>(draw.word[0]) < scenario.link.loss_percent * 4294967296.0;
    frame.bytes.assign(frame_.begin(), frame_.begin() + static_cast<std::ptrdiff_t>(size));
    to.push_back(std::move(frame));
  }
}

std::vector<timed_frame> frame_maker::make(const planned_slot& slot, view<const cf32, 3> rx)
{
  const carrier_config& carrier = plan_.scenario.cell.carrier;
  granted_part part = {{{0, carrier.nof_prb}}, 0, nof_symbols_per_slot};
  if (plan_.scenario.link.is_granted_only) {
    const auto [first, last] = granted_symbols(slot.schedule.plan.pusch);
    part = {granted_prbs(slot.schedule.plan.pusch, carrier.grid_start_crb), first, last};
  }
  std::vector<timed_frame> frames;
  if (plan_.scenario.link.has_cplane) {
    add_cplane(slot, part, frames);
  }
  for (int symbol = part.symbol_begin; symbol < part.symbol_end; ++symbol) {
    for (std::int32_t port = 0; port < carrier.nof_rx_ports; ++port) {
      for (std::size_t i = 0; i < part.ranges.size(); ++i) {
        add_uplane(slot, {port, symbol, static_cast<std::uint16_t>(i), part.ranges[i]}, rx, frames);
      }
    }
  }
  return frames;
}

} // namespace pado::apps
