// SPDX-License-Identifier: Apache-2.0
#include "io/oran/survey.h"
#include "io/oran/flow_survey.h"
#include "io/oran/tdd_survey.h"
#include <algorithm>
#include <cmath>
#include <set>

namespace pado::io {

namespace {

constexpr std::int64_t pattern_cycle_ns = 20'000'000;

/// A datagram on an unknown port is taken for eCPRI when its first header agrees with its length.
bool looks_like_ecpri(packet pdu) noexcept
{
  if (pdu.size() < ecpri_header_bytes + ecpri_ids_bytes || (load_u8(pdu, 0) & 0xFE) != 0x10) {
    return false;
  }
  const std::size_t size = ecpri_header_bytes + load_be16(pdu, 2);
  const bool is_concatenated = (load_u8(pdu, 0) & 1) != 0;
  return load_u8(pdu, 1) <= 7 && (is_concatenated ? size <= pdu.size() : size == pdu.size());
}

using address_pair = std::pair<mac_address, mac_address>;

address_pair unordered(const flow_key& key)
{
  return key.source < key.destination ? address_pair{key.source, key.destination}
                                      : address_pair{key.destination, key.source};
}

flow_key stream_of(flow_key key)
{
  key.filter_index = 0;
  return key;
}

/// The C-plane and the downlink come from the DU.
bool is_from_du(const flow_key& key)
{
  return key.of == plane::control || key.dir == direction::downlink;
}

} // namespace

struct survey::state {
  survey_options options;
  survey_report report; ///< counters; flows and cells are made by report()
  std::map<flow_key, flow_survey> flows;
  std::map<flow_key, sequence_stream> streams; ///< by keys with filter_index 0
  std::optional<std::array<std::int64_t, flow_survey::max_mu + 1>> reference;

  drop add_pdu(const link_frame& link, std::int64_t arrival_ns);
  drop add_message(const link_frame& link, const ecpri_message& message, std::int64_t arrival_ns);
  std::vector<cell_report> cells() const;
  void find_numerology(cell_report& cell) const;
  void find_pattern(cell_report& cell) const;
  const flow_survey& flow(std::size_t index) const
  {
    return std::next(flows.begin(), static_cast<std::ptrdiff_t>(index))->second;
  }
};

survey::survey(const survey_options& options) : state_(std::make_unique<state>())
{
  state_->options = options;
}
survey::~survey() = default;
survey::survey(survey&&) noexcept = default;
survey& survey::operator=(survey&&) noexcept = default;

void survey::add(packet frame, std::int64_t arrival_ns)
{
  survey_report& report = state_->report;
  const bool is_first = report.frames.received.value() == 0;
  report.first_ns = is_first ? arrival_ns : std::min(report.first_ns, arrival_ns);
  report.last_ns = is_first ? arrival_ns : std::max(report.last_ns, arrival_ns);
  report.nof_bytes += frame.size();
  link_frame link;
  drop why = parse_link(frame, state_->options.udp_port, link);
  if (!why && link.over != transport::ethernet && state_->options.udp_port == any_udp_port &&
      !looks_like_ecpri(link.pdu)) {
    why = drop_reason::not_fronthaul;
  }
  report.frames.book(why ? why : state_->add_pdu(link, arrival_ns));
}

drop survey::state::add_pdu(const link_frame& link, std::int64_t arrival_ns)
{
  drop first_failure;
  bool has_accepted = false;
  ecpri_reader reader(link.pdu, options.size);
  for (ecpri_message message; reader.next(message);) {
    report.nof_concatenated += message.is_concatenated ? 1 : 0;
    const drop why = add_message(link, message, arrival_ns);
    has_accepted = has_accepted || !why;
    first_failure = first_failure ? first_failure : why;
  }
  first_failure = first_failure ? first_failure : reader.failure();
  return has_accepted ? drop() : first_failure;
}

drop survey::state::add_message(const link_frame& link, const ecpri_message& message, std::int64_t arrival_ns)
{
  if (message.type == ecpri_type::one_way_delay) {
    ++report.nof_one_way_delay;
    return {};
  }
  if (message.type != ecpri_type::iq_data && message.type != ecpri_type::real_time_control) {
    return drop_reason::ecpri_type;
  }
  surveyed_message seen;
  stream_ids ids;
  if (const drop why = parse_stream_ids(message.payload, ids, seen.rest)) {
    return why;
  }
  if (const drop why = parse_app_header(seen.rest, seen.header)) {
    return why;
  }
  flow_key key;
  key.destination = link.destination;
  key.source = link.source;
  key.vlan = link.vlan;
  key.outer_vlan = link.outer_vlan;
  key.over = link.over;
  key.udp_port = link.udp_port;
  key.of = message.type == ecpri_type::iq_data ? plane::user : plane::control;
  key.dir = seen.header.dir;
  key.eaxc = ids.eaxc;
  key.filter_index = seen.header.filter_index;
  seen.sequence = ids.sequence;
  seen.payload_bytes = message.payload.size();
  seen.arrival_ns = arrival_ns;
  if (!reference) {
    reference = flow_survey::delays_of(seen.header, arrival_ns);
  }
  const auto [at, is_new] = flows.try_emplace(key, key);
  if (is_new) {
    at->second.set_reference(*reference);
    at->second.set_priority(link.priority);
  }
  at->second.see(seen, streams[stream_of(key)]);
  return {};
}

void survey::state::find_numerology(cell_report& cell) const
{
  std::uint32_t max_slot = 0;
  std::vector<float> steps;
  for (const std::size_t index : cell.flows) {
    const flow_survey& one = flow(index);
    max_slot = std::max<std::uint32_t>(max_slot, one.so_far().max_slot);
    if (one.so_far().key.of == plane::user && one.so_far().key.filter_index == 0) {
      steps.insert(steps.end(), one.symbol_steps_ns().begin(), one.symbol_steps_ns().end());
    }
  }
  cell.scs.mu = 0;
  while ((1U << cell.scs.mu) <= max_slot && cell.scs.mu < static_cast<std::int32_t>(flow_survey::max_mu)) {
    ++cell.scs.mu;
  }
  if (max_slot > 0) {
    return;
  }
  // Only slotId 0: either 15 kHz or a pattern that leaves the others empty. Time stamps may tell.
  cell.scs_is_guess = true;
  if (steps.size() >= 16) {
    const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    const float ratio = std::log2(1.0e6F / nof_symbols_per_slot / *middle);
    const float nearest = std::round(ratio);
    if (std::fabs(ratio - nearest) < 0.2F && nearest >= 0.0F && nearest <= 4.0F) {
      cell.scs.mu = static_cast<std::int32_t>(nearest);
      cell.scs_is_guess = false;
    }
  }
}

void survey::state::find_pattern(cell_report& cell) const
{
  const auto per_subframe = static_cast<std::size_t>(cell.scs.slots_per_subframe());
  std::vector<slot_symbols> slots(20 * per_subframe);
  for (const std::size_t index : cell.flows) {
    const flow_survey& one = flow(index);
    if (one.so_far().key.filter_index != 0) {
      continue;
    }
    const bool is_uplink = one.so_far().key.dir == direction::uplink;
    cell.has_downlink = cell.has_downlink || !is_uplink;
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      const std::uint16_t symbols = one.symbols_of_slots()[slot / per_subframe * 16 + slot % per_subframe];
      std::uint16_t& of = is_uplink ? slots[slot].uplink : slots[slot].downlink;
      of = static_cast<std::uint16_t>(of | symbols);
    }
  }
  cell.is_fdd = looks_like_fdd(slots);
  cell.pattern = shortest_pattern(slots, cell.last_ns - cell.first_ns >= pattern_cycle_ns, cell.is_fdd);
}

std::vector<cell_report> survey::state::cells() const
{
  std::map<address_pair, cell_report> by_link;
  std::size_t index = 0;
  for (const auto& [key, one] : flows) {
    const flow_report& facts = one.so_far();
    cell_report& cell = by_link[unordered(key)];
    const bool is_first = cell.flows.empty();
    cell.flows.push_back(index++);
    cell.du = is_from_du(key) ? key.source : key.destination;
    cell.ru = is_from_du(key) ? key.destination : key.source;
    cell.first_ns = is_first ? facts.first_ns : std::min(cell.first_ns, facts.first_ns);
    cell.last_ns = is_first ? facts.last_ns : std::max(cell.last_ns, facts.last_ns);
  }
  std::vector<cell_report> out;
  for (auto& [pair, cell] : by_link) {
    find_numerology(cell);
    find_pattern(cell);
    out.push_back(std::move(cell));
  }
  return out;
}

survey_report survey::report() const
{
  survey_report out = state_->report;
  std::set<flow_key> booked;
  out.cells = state_->cells();
  out.flows.resize(state_->flows.size());
  for (cell_report& cell : out.cells) {
    for (const std::size_t index : cell.flows) {
      flow_report& flow = out.flows[index];
      flow = state_->flow(index).finished(cell.scs.mu);
      if (booked.insert(stream_of(flow.key)).second) {
        const sequence_tracker& tracker = state_->streams.at(stream_of(flow.key)).tracker;
        flow.nof_lost = tracker.nof_lost() + tracker.nof_open();
      }
      if (flow.key.filter_index == 0) {
        cell.nof_prb = std::max(cell.nof_prb, flow.prbs.end);
      }
    }
  }
  return out;
}

} // namespace pado::io
