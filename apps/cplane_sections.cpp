// SPDX-License-Identifier: Apache-2.0
#include "apps/cplane_sections.h"
#include "io/ecpri/ecpri.h"
#include "io/ecpri/link.h"
#include "io/oran/cplane.h"
#include <algorithm>

namespace pado::apps {

namespace {

constexpr std::int32_t nof_frame_ids = 256;
constexpr std::size_t max_slots = 4096;   ///< that nobody has taken: more means that nobody will
constexpr std::size_t max_sections = 512; ///< of one slot

} // namespace

void cplane_sections::add(io::packet frame)
{
  io::link_frame link;
  if (io::parse_link(frame, config_.udp_port.value_or(0), link) ||
      (config_.vlan && link.vlan != *config_.vlan)) {
    return;
  }
  io::ecpri_reader reader(link.pdu);
  for (io::ecpri_message message; reader.next(message);) {
    io::stream_ids ids;
    io::packet rest;
    const bool is_control = message.type == io::ecpri_type::real_time_control;
    if (!is_control || io::parse_stream_ids(message.payload, ids, rest)) {
      continue;
    }
    if (std::find(config_.eaxc_pusch.begin(), config_.eaxc_pusch.end(), ids.eaxc) !=
        config_.eaxc_pusch.end()) {
      add_message(rest);
    }
  }
}

void cplane_sections::add_message(io::packet message)
{
  io::c_section_reader reader(message);
  const io::c_header& header = reader.header();
  const bool is_ours = !reader.failure() && header.app.dir == io::direction::uplink &&
                       header.app.filter_index == 0 &&
                       (header.type == io::c_type::regular || header.type == io::c_type::ue_scheduling);
  const std::int32_t slot = header.app.subframe * carrier_.scs.slots_per_subframe() + header.app.slot;
  if (!is_ours || slot >= carrier_.scs.slots_per_frame() || of_slot_.size() >= max_slots) {
    return;
  }
  std::vector<cplane_section>& to = of_slot_[header.app.frame * 1000 + slot];
  for (io::c_section one; reader.next(one) && to.size() < max_sections;) {
    cplane_section section;
    section.prbs = {one.prb_begin, one.nof_prb == 0 ? carrier_.nof_prb : one.prb_begin + one.nof_prb};
    const std::int32_t end =
        std::min<std::int32_t>(header.app.symbol + one.nof_symbols, nof_symbols_per_slot);
    for (std::int32_t symbol = header.app.symbol; symbol < end; ++symbol) {
      section.symbol_mask = static_cast<std::uint16_t>(section.symbol_mask | 1U << symbol);
    }
    const bool is_there = std::any_of(to.begin(), to.end(), [&](const cplane_section& other) {
      return other.prbs == section.prbs && other.symbol_mask == section.symbol_mask;
    });
    if (!is_there) {
      to.push_back(section);
    }
  }
}

std::vector<cplane_section> cplane_sections::take(slot_id slot)
{
  const auto found = of_slot_.find(slot.sfn % nof_frame_ids * 1000 + slot.slot);
  if (found == of_slot_.end()) {
    return {};
  }
  std::vector<cplane_section> out = std::move(found->second);
  of_slot_.erase(found);
  return out;
}

} // namespace pado::apps
