// SPDX-License-Identifier: Apache-2.0
#include "io/assembly/slot_assembler.h"
#include "io/assembly/cell_assembler.h"
#include "io/assembly/flow_table.h"
#include "io/oran/cplane.h"
#include "io/oran/uplane.h"

namespace pado::io {

namespace {

template <class Slot>
bool pop_any(slot_assembler& from, std::size_t nof_cells, lent<Slot>& out) noexcept
{
  for (std::size_t cell = 0; cell < nof_cells; ++cell) {
    if (from.pop(static_cast<std::int32_t>(cell), out)) {
      return true;
    }
  }
  return false;
}

} // namespace

struct slot_assembler::state {
  explicit state(const slot_assembler_config& with) : config(with), flows(config.cells)
  {
    cells.reserve(config.cells.size());
    for (std::size_t i = 0; i < config.cells.size(); ++i) {
      cells.push_back(std::make_unique<cell_assembler>(static_cast<std::int32_t>(i), config, counters));
    }
  }

  drop push_messages(packet pdu, const link_frame* link, std::int64_t arrival_ns) noexcept;
  drop push_message(const ecpri_message& message, const link_frame* link, std::int64_t arrival_ns) noexcept;
  drop
  push_user(const stream_ids& ids, packet rest, const link_frame* link, std::int64_t arrival_ns) noexcept;
  drop push_control(const stream_ids& ids, packet rest, const link_frame* link) noexcept;
  drop
  push_sections(std::int32_t flow, const app_header& header, packet rest, std::int64_t arrival_ns) noexcept;

  slot_assembler_config config;
  flow_table flows;
  assembler_counters counters;
  std::vector<std::unique_ptr<cell_assembler>> cells;
};

drop slot_assembler::state::push_messages(packet pdu,
                                          const link_frame* link,
                                          std::int64_t arrival_ns) noexcept
{
  drop first_failure;
  bool has_accepted = false;
  ecpri_reader reader(pdu, config.size);
  const auto book = [&](drop why) {
    counters.messages.book(why);
    has_accepted = has_accepted || !why;
    first_failure = first_failure ? first_failure : why;
  };
  for (ecpri_message message; reader.next(message);) {
    if (message.is_concatenated) {
      counters.concatenated.add();
    }
    book(push_message(message, link, arrival_ns));
  }
  if (reader.failure()) {
    book(reader.failure());
  }
  return has_accepted ? drop() : first_failure;
}

drop slot_assembler::state::push_message(const ecpri_message& message,
                                         const link_frame* link,
                                         std::int64_t arrival_ns) noexcept
{
  if (message.type != ecpri_type::iq_data && message.type != ecpri_type::real_time_control) {
    return drop_reason::ecpri_type;
  }
  stream_ids ids;
  packet rest;
  if (const drop why = parse_stream_ids(message.payload, ids, rest)) {
    return why;
  }
  return message.type == ecpri_type::iq_data ? push_user(ids, rest, link, arrival_ns)
                                             : push_control(ids, rest, link);
}

drop slot_assembler::state::push_control(const stream_ids& ids, packet rest, const link_frame* link) noexcept
{
  const flow_table::match match = flows.find(ids.eaxc, link, flow_table::sender::du);
  const std::int32_t flow = match.pusch != flow_table::none ? match.pusch : match.prach;
  if (flow == flow_table::none) {
    return match.why;
  }
  c_section_reader reader(rest);
  const bool is_uplink = reader.header().app.dir == direction::uplink;
  flows.see_sequence(flow,
                     is_uplink ? flow_table::stream::control_uplink : flow_table::stream::control_downlink,
                     ids.sequence);
  if (const drop why = check_c_message(rest)) {
    flow_counters& own = flows.counters(flow);
    (is_uplink ? own.control_uplink : own.control_downlink).corrupt.add();
    return why;
  }
  counters.c_types[static_cast<std::size_t>(reader.header().type)].add();
  return {};
}

drop slot_assembler::state::push_user(const stream_ids& ids,
                                      packet rest,
                                      const link_frame* link,
                                      std::int64_t arrival_ns) noexcept
{
  constexpr std::uint8_t last_prach_filter = 7;
  app_header header;
  if (const drop why = parse_app_header(rest, header)) {
    return why;
  }
  if (header.dir != direction::uplink) {
    return drop_reason::downlink;
  }
  const flow_table::match match = flows.find(ids.eaxc, link, flow_table::sender::ru);
  if (match.pusch == flow_table::none && match.prach == flow_table::none) {
    return match.why;
  }
  // An eAxC of PRACH alone may carry filter 0 as well; one that both share is told apart by the filter.
  const bool is_prach =
      match.prach != flow_table::none && (header.filter_index != 0 || match.pusch == flow_table::none);
  const std::int32_t flow = is_prach ? match.prach : match.pusch;
  flows.see_sequence(flow, flow_table::stream::user, ids.sequence);
  if (header.filter_index > last_prach_filter || (!is_prach && header.filter_index != 0)) {
    return drop_reason::filter_index;
  }
  return push_sections(flow, header, rest.subspan(app_header_bytes), arrival_ns);
}

drop slot_assembler::state::push_sections(std::int32_t flow,
                                          const app_header& header,
                                          packet rest,
                                          std::int64_t arrival_ns) noexcept
{
  flow_counters& own = flows.counters(flow);
  cell_assembler& cell = *cells[static_cast<std::size_t>(own.cell)];
  const flow_config& kind = own.is_prach ? cell.config().prach : cell.config().pusch;
  const u_layout layout{
      kind.fixed, own.is_prach ? 0 : cell.config().nof_prb, config.size == ecpri_size::ignored};
  // A message counts whole or not at all, and one that cannot be read must not move the clock.
  if (const drop why = check_u_sections(rest, layout)) {
    own.user.corrupt.add();
    return why;
  }
  cell_assembler::arrival when;
  if (const drop why = cell.locate(header, arrival_ns, own, when)) {
    return why;
  }
  drop first_failure;
  bool has_accepted = false;
  u_section_reader reader(rest, layout);
  for (u_section section; reader.next(section);) {
    drop why;
    if (section.is_every_other || section.is_next_symbol) {
      why = drop_reason::section_form;
    } else if (section.format.method == compression::modulation) {
      why = drop_reason::compression_method;
    } else {
      why = own.is_prach ? cell.add_prach(header, when, section, own)
                         : cell.add_pusch(header, when, section, own);
    }
    counters.sections.book(why);
    has_accepted = has_accepted || !why;
    first_failure = first_failure ? first_failure : why;
  }
  cell.finish_message(when, own.is_prach);
  return has_accepted ? drop() : first_failure;
}

slot_assembler::slot_assembler(const slot_assembler_plan& plan) : state_(std::make_unique<state>(plan.config))
{
}
slot_assembler::~slot_assembler() = default;
slot_assembler::slot_assembler(slot_assembler&&) noexcept = default;
slot_assembler& slot_assembler::operator=(slot_assembler&&) noexcept = default;

void slot_assembler::push(packet frame, std::int64_t arrival_ns) noexcept
{
  link_frame link;
  drop why = parse_link(frame, state_->config.udp_port, link);
  if (!why) {
    why = state_->push_messages(link.pdu, &link, arrival_ns);
  }
  state_->counters.frames.book(why);
}

void slot_assembler::push_pdu(packet pdu, std::int64_t arrival_ns) noexcept
{
  state_->counters.frames.book(state_->push_messages(pdu, nullptr, arrival_ns));
}

void slot_assembler::advance_time(std::int64_t now_ns) noexcept
{
  for (const auto& cell : state_->cells) {
    cell->advance_time(now_ns);
  }
}

void slot_assembler::await(std::int32_t cell, const awaited_prbs& what) noexcept
{
  state_->cells[static_cast<std::size_t>(cell)]->await(what);
}

void slot_assembler::set_window(std::int32_t cell, const rx_window& window) noexcept
{
  cell_assembler& own = *state_->cells[static_cast<std::size_t>(cell)];
  if (own.window() == window) {
    return;
  }
  own.set_window(window);
  state_->flows.set_window(cell, window);
}

void slot_assembler::flush() noexcept
{
  for (const auto& cell : state_->cells) {
    cell->flush();
  }
  state_->flows.close_sequences();
}

bool slot_assembler::pop(std::int32_t cell, lent<uplink_slot>& out) noexcept
{
  cell_assembler& from = *state_->cells[static_cast<std::size_t>(cell)];
  if (!from.pop_slot(out.store)) {
    return false;
  }
  out.slot = from.slot_of(out.store);
  return true;
}

bool slot_assembler::pop(std::int32_t cell, lent<prach_slot>& out) noexcept
{
  cell_assembler& from = *state_->cells[static_cast<std::size_t>(cell)];
  if (!from.pop_prach(out.store)) {
    return false;
  }
  out.slot = from.prach_of(out.store);
  return true;
}

bool slot_assembler::pop(lent<uplink_slot>& out) noexcept
{
  return pop_any(*this, state_->cells.size(), out);
}

bool slot_assembler::pop(lent<prach_slot>& out) noexcept
{
  return pop_any(*this, state_->cells.size(), out);
}

void slot_assembler::release(const lent<uplink_slot>& slot) noexcept
{
  state_->cells[static_cast<std::size_t>(slot.slot.cell)]->release_slot(slot.store);
}

void slot_assembler::release(const lent<prach_slot>& slot) noexcept
{
  state_->cells[static_cast<std::size_t>(slot.slot.cell)]->release_prach(slot.store);
}

const assembler_counters& slot_assembler::counters() const noexcept
{
  return state_->counters;
}
std::span<const flow_counters> slot_assembler::flows() const noexcept
{
  return state_->flows.all();
}

} // namespace pado::io
