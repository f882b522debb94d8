// SPDX-License-Identifier: Apache-2.0
#include "apps/ru_unit.h"
#include "apps/generate_frames.h"
#include <algorithm>
#include <bit>
#include <limits>

namespace pado::apps {

namespace {

constexpr std::int64_t no_event = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t max_stall_ns = 20000000;

/// Ts = 1/30.72 MHz.
std::int64_t ts_to_ns(std::int64_t ts)
{
  return ts * 100000 / 3072;
}

ru_timing::settings timing_of(const ru_unit_config& config, std::int64_t sfn0_ns, std::int64_t start_ns)
{
  return {config.cell->plan.scenario.cell.carrier.scs,
          sfn0_ns,
          config.faults.clock_offset_ns,
          config.faults.clock_drift_ppb,
          start_ns};
}

} // namespace

ru_unit::ru_unit(const ru_unit_config& config,
                 std::uint16_t index,
                 std::int64_t sfn0_ns,
                 std::int64_t start_ns)
    : config_(config), index_(index), timing_(timing_of(config, sfn0_ns, start_ns)), faults_(config.faults)
{
  const scenario_config& scenario = config.cell->plan.scenario;
  const fronthaul_config& fronthaul = *scenario.cell.fronthaul;
  io::u_flow_settings flow;
  flow.link = uplane_link(scenario);
  flow.format = config.cell->format;
  flow.has_comp_header = fronthaul.header == comp_header::dynamic;
  flow.mtu_bytes = scenario.link.mtu_bytes;
  flow.carrier_prb = scenario.cell.carrier.nof_prb;
  for (const auto* all : {&fronthaul.eaxc_pusch, &fronthaul.eaxc_prach}) {
    for (const std::uint16_t eaxc : *all) {
      flow.eaxc = eaxc;
      flows_.push_back(flow);
    }
  }
  sequences_.assign(flows_.size(), 0);
  nof_ports_ = scenario.cell.carrier.nof_rx_ports;
  delay_ns_ = std::int64_t{1000} * scenario.link.delay_us;
  link_bytes_ = io::link_header_bytes(flow.link);
  prb_bytes_ = io::prb_bytes(flow.format);
  const io::fault_setting& early = config.faults[io::fault_kind::early];
  lead_ns_ = early.rate > 0.0 ? std::int64_t{1000} * early.amount : 0;
  if (config.is_unsolicited && !config.capture) {
    plan_own();
  }
  if (config.desk) {
    const io::fault_setting& late = config.faults[io::fault_kind::late];
    granted_.assign(kept_slots(late, timing_.scs()), nullptr);
  }
}

ru_unit::~ru_unit()
{
  for (ru_grant_desk::made_slot* made : granted_) {
    if (made != nullptr) {
      config_.desk->give_back(made);
    }
  }
}

std::size_t ru_unit::kept_slots(const io::fault_setting& late, numerology scs)
{
  const std::int64_t late_ns = late.rate > 0.0 ? std::int64_t{1000} * late.amount : 0;
  return static_cast<std::size_t>(16 + late_ns / scs.slot_ns());
}

std::optional<std::uint16_t> ru_unit::flow_of(std::uint16_t eaxc) const noexcept
{
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    if (flows_[i].eaxc == eaxc) {
      return static_cast<std::uint16_t>(i);
    }
  }
  return std::nullopt;
}

bool ru_unit::is_addressed(const io::link_frame& link, bool is_only_unit) const noexcept
{
  const io::link_settings& own = flows_.front().link;
  const bool is_vlan = own.vlan == io::link_frame::no_vlan || link.vlan == own.vlan;
  return is_vlan && (is_only_unit || link.destination == own.source);
}

std::size_t ru_unit::max_frame_bytes() const noexcept
{
  const std::size_t captured = config_.capture ? config_.capture->max_frame_bytes() : 0;
  return std::max(captured, link_bytes_ + static_cast<std::size_t>(flows_.front().mtu_bytes));
}

std::int64_t ru_unit::event_ns(std::int64_t slot, std::int32_t symbol) const noexcept
{
  return timing_.symbol_end_ns(slot, symbol) + delay_ns_ - lead_ns_;
}

std::optional<cplane_drop> ru_unit::take(std::uint16_t flow,
                                         const io::c_header& header,
                                         const io::c_section& section,
                                         std::int64_t arrival_ns) noexcept
{
  ru_request request;
  if (const auto why = place(flow, header, section, request)) {
    return why;
  }
  const io::app_header& app = header.app;
  const std::int64_t slot =
      timing_.nearest_slot(app.frame, app.subframe, app.slot, timing_.slot_at(arrival_ns));
  const bool is_done = is_started_ && (slot < slot_ || (slot == slot_ && request.symbol_begin < symbol_));
  if (is_done || slot < 0 || event_ns(slot, std::min(request.symbol_begin, 13)) < arrival_ns) {
    return cplane_drop::late;
  }
  const std::int64_t first = is_started_ ? slot_ : timing_.slot_at(arrival_ns) - 1;
  if (slot >= first + ru_request_ring::nof_slots) {
    return cplane_drop::early;
  }
  if (!is_started_) {
    is_started_ = true;
    slot_ = first;
    symbol_ = 0;
  }
  if (!ring_.add(slot, request)) {
    return cplane_drop::no_room;
  }
  newest_ = std::max(newest_, slot);
  return std::nullopt;
}

std::optional<cplane_drop> ru_unit::place(std::uint16_t flow,
                                          const io::c_header& header,
                                          const io::c_section& section,
                                          ru_request& to) const noexcept
{
  const bool is_type = header.type == io::c_type::regular || header.type == io::c_type::prach;
  const bool is_form = !section.is_every_other && !section.is_next_symbol;
  const bool is_dynamic = flows_[flow].has_comp_header;
  const bool is_format = !is_dynamic || io::from_comp_header(header.comp_header) == flows_[flow].format;
  to.is_prach = header.type == io::c_type::prach && header.app.filter_index != 0;
  if (!is_type || !is_form || !is_format || config_.is_unsolicited ||
      (header.app.filter_index != 0 && !to.is_prach)) {
    return cplane_drop::unsupported;
  }
  const std::int32_t nof_prb = flows_[flow].carrier_prb;
  to.flow = flow;
  to.section_id = section.id;
  to.filter_index = header.app.filter_index;
  to.prbs = {section.prb_begin, section.prb_begin + section.nof_prb};
  if (section.nof_prb == 0) {
    to.prbs = {0, nof_prb};
  }
  to.symbol_begin = header.app.symbol;
  to.symbol_end = to.symbol_begin + section.nof_symbols;
  const bool is_port = flow < nof_ports_;
  if (header.app.slot >= timing_.scs().slots_per_subframe() || to.prbs.end > nof_prb ||
      section.nof_symbols == 0 || (!to.is_prach && (!is_port || to.symbol_end > nof_symbols_per_slot))) {
    return cplane_drop::range;
  }
  if (to.is_prach) {
    place_prach(header, to);
  }
  return std::nullopt;
}

void ru_unit::place_prach(const io::c_header& header, ru_request& to) const noexcept
{
  const std::int32_t scs_hz = io::scs_hz_of(header.frame_structure);
  to.start_ns = ts_to_ns(header.time_offset);
  to.repetition_ns = 1000000000LL / (scs_hz > 0 ? scs_hz : timing_.scs().scs_hz());
}

void ru_unit::open(std::int64_t slot) noexcept
{
  frame_in_slot_ = 0;
  symbol_ = 0;
  if (!config_.is_unsolicited) {
    return;
  }
  if (config_.capture) {
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      ring_.touch(slot, config_.capture->of(slot, symbol).empty() ? 0 : 1U << static_cast<unsigned>(symbol));
    }
  } else {
    for (const ru_request& request : own_[static_cast<std::size_t>(slot) % own_.size()]) {
      ring_.add(slot, request);
    }
  }
  ring_.touch(slot, 1U << 13U); // this slot leads to the next one
  newest_ = std::max(newest_, slot);
}

/// What no C-plane asks for: every uplink symbol, or the granted part of slots that have grants.
void ru_unit::plan_own()
{
  const scenario_config& scenario = config_.cell->plan.scenario;
  const carrier_config& carrier = scenario.cell.carrier;
  const bool is_granted_only = scenario.link.is_granted_only;
  const std::int64_t two_frames = 2 * carrier.scs.slots_per_frame();
  own_.resize(static_cast<std::size_t>(is_granted_only ? config_.cell->period_slots : two_frames));
  for (std::size_t slot = 0; slot < own_.size(); ++slot) {
    if (!is_granted_only) {
      const auto at = timing_.id_of(static_cast<std::int64_t>(slot));
      own_[slot] = requests_of(uplink_symbols(scenario.cell, at), {{0, carrier.nof_prb}});
      continue;
    }
    const std::int32_t planned = config_.waveform->planned(static_cast<std::int64_t>(slot));
    if (planned >= 0) {
      const auto& pusch = config_.cell->slots[static_cast<std::size_t>(planned)].schedule.plan.pusch;
      const auto [first, last] = granted_symbols(pusch);
      own_[slot] = requests_of((1U << static_cast<unsigned>(last)) - (1U << static_cast<unsigned>(first)),
                               granted_prbs(pusch, carrier.grid_start_crb));
    }
  }
}

std::vector<ru_request> ru_unit::requests_of(std::uint32_t symbols,
                                             const std::vector<prb_range>& ranges) const
{
  std::vector<ru_request> requests;
  ru_request request;
  while (symbols != 0) { // one run of symbols after the other
    request.symbol_begin = std::countr_zero(symbols);
    request.symbol_end = request.symbol_begin + std::countr_one(symbols >> request.symbol_begin);
    symbols &= ~((1U << request.symbol_end) - 1U);
    for (std::int32_t port = 0; port < nof_ports_; ++port) {
      for (std::size_t i = 0; i < ranges.size(); ++i) {
        request.flow = static_cast<std::uint16_t>(port);
        request.section_id = static_cast<std::uint16_t>(i);
        request.prbs = ranges[i];
        requests.push_back(request);
      }
    }
  }
  return requests;
}

void ru_unit::skip_to(std::int64_t slot, ru_counters& count) noexcept
{
  for (; slot_ < slot; ++slot_) {
    count.slots_skipped.add(ring_.symbols(slot_) != 0 ? 1 : 0);
    ring_.clear(slot_);
    open(slot_ + 1);
  }
}

std::int64_t ru_unit::event_ns() const noexcept
{
  if (!is_started_) {
    return no_event;
  }
  for (std::int64_t slot = slot_; slot <= newest_; ++slot) {
    const std::uint32_t symbols = ring_.symbols(slot) >> (slot == slot_ ? symbol_ : 0);
    if (symbols != 0) {
      return event_ns(slot, (slot == slot_ ? symbol_ : 0) + std::countr_zero(symbols));
    }
  }
  return no_event;
}

void ru_unit::advance(std::int64_t now_ns, ru_frame_queue& queue, ru_counters& count) noexcept
{
  if (!is_started_) {
    is_started_ = true;
    slot_ = timing_.slot_at(now_ns) + 1;
    newest_ = slot_;
    open(slot_);
  }
  if (event_ns(slot_, 13) < now_ns - max_stall_ns) {
    skip_to(timing_.slot_at(now_ns) - 1, count);
  }
  while (event_ns(slot_, symbol_) <= now_ns) {
    if ((ring_.symbols(slot_) >> symbol_ & 1U) != 0) {
      run(slot_, symbol_, queue, count);
    }
    if (++symbol_ == nof_symbols_per_slot) {
      ring_.clear(slot_);
      open(++slot_);
    }
  }
}

} // namespace pado::apps
