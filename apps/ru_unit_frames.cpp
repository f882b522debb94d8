// SPDX-License-Identifier: Apache-2.0
#include "apps/ru_unit.h"
#include "phy/channel/random.h"
#include <algorithm>

namespace pado::apps {

/// One symbol of one request.
struct ru_unit::section_place {
  std::int64_t slot;
  std::int32_t symbol;
  const ru_request& request;
};

const std::byte* ru_unit::row_of(std::int64_t slot, std::int32_t port, std::int32_t symbol) const noexcept
{
  if (granted_.empty()) {
    return config_.waveform->at(slot).row(port, symbol);
  }
  const ru_grant_desk::made_slot* made = granted_[static_cast<std::size_t>(slot) % granted_.size()];
  return (made != nullptr ? made->samples : config_.waveform->noise(slot)).row(port, symbol);
}

/// Once a slot, before its first symbol: whether the UEs send is decided for the slot as a whole.
void ru_unit::take_granted(std::int64_t slot, ru_counters& count) noexcept
{
  if (granted_.empty() || slot == taken_) {
    return;
  }
  taken_ = slot;
  ru_grant_desk::made_slot*& place = granted_[static_cast<std::size_t>(slot) % granted_.size()];
  if (place != nullptr) {
    config_.desk->give_back(place); // so long ago that its last late frame has gone
  }
  place = config_.desk->take(slot, count.grants_late);
  count.grants_taken.add(place != nullptr ? place->grants.ue.size() : 0);
}

void ru_unit::run(std::int64_t slot, std::int32_t symbol, ru_frame_queue& queue, ru_counters& count) noexcept
{
  if (config_.capture) {
    add_captured(slot, symbol, queue, count);
    return;
  }
  take_granted(slot, count);
  for (const ru_request& request : ring_.of(slot)) {
    if (request.is_prach && std::min(request.symbol_begin, 13) == symbol) {
      add_prach(request, slot, queue, count);
    } else if (!request.is_prach && symbol >= request.symbol_begin && symbol < request.symbol_end) {
      add_section({slot, symbol, request}, queue, count);
    }
  }
}

void ru_unit::add_section(const section_place& at, ru_frame_queue& queue, ru_counters& count) noexcept
{
  const scenario_config& scenario = config_.cell->plan.scenario;
  const ru_request& request = at.request;
  const std::byte* row = row_of(at.slot, request.flow, at.symbol);
  // The draws of `pado generate`, so that its packets are these.
  const auto period_slot = static_cast<std::uint32_t>(at.slot % config_.cell->period_slots);
  const phy::random_stream stream = {scenario.simulation.seed,
                                     phy::random_purpose::fronthaul,
                                     period_slot,
                                     phy::random_item(request.flow, at.symbol, request.section_id)};
  const std::int64_t ready_ns = timing_.symbol_end_ns(at.slot, at.symbol) + delay_ns_;
  const bool is_drawn = scenario.link.jitter_us > 0 || scenario.link.loss_percent > 0.0;
  std::uint32_t message = 0;
  for (std::int32_t prb = request.prbs.begin; prb < request.prbs.end;) {
    const std::int32_t nof_prb = io::next_message_prb(flows_[request.flow], prb, request.prbs.end - prb);
    if (nof_prb <= 0) {
      return; // an MTU that holds no PRB
    }
    ru_frame frame;
    frame.slot = at.slot;
    frame.iq = row + static_cast<std::size_t>(prb) * prb_bytes_;
    frame.flow = request.flow;
    frame.section_id = request.section_id;
    frame.prb_begin = static_cast<std::uint16_t>(prb);
    frame.nof_prb = static_cast<std::uint16_t>(nof_prb);
    frame.symbol = static_cast<std::uint8_t>(at.symbol);
    frame.sequence = sequences_[request.flow];
    prb += nof_prb;
    std::int64_t jitter_ns = 0;
    if (is_drawn) {
      const phy::random_words draw = phy::draw_words(stream, message++);
      jitter_ns = static_cast<std::int64_t>(
          std::uint64_t{draw.word[1]} * static_cast<std::uint64_t>(1000 * scenario.link.jitter_us) >> 32U);
      if (100.0 * static_cast<double>(draw.word[0]) < scenario.link.loss_percent * 4294967296.0) {
        ++sequences_[request.flow];
        ++frame_in_slot_;
        count.frames_made.add();
        count.link_lost.add();
        continue;
      }
    }
    add_frame(frame, ready_ns + jitter_ns, queue, count);
  }
}

void ru_unit::add_prach(const ru_request& request,
                        std::int64_t slot,
                        ru_frame_queue& queue,
                        ru_counters& count) noexcept
{
  const std::int32_t symbol_begin = std::min(request.symbol_begin, 13);
  const std::int64_t start_ns = timing_.symbol_begin_ns(slot, symbol_begin) + request.start_ns;
  for (std::int32_t i = 0; i < request.symbol_end - request.symbol_begin; ++i) {
    const std::int32_t symbol = request.symbol_begin + i;
    ru_frame frame;
    frame.slot = slot;
    frame.iq = config_.waveform->noise(slot).row(request.flow % nof_ports_, symbol % nof_symbols_per_slot);
    frame.flow = request.flow;
    frame.section_id = request.section_id;
    frame.prb_begin = static_cast<std::uint16_t>(request.prbs.begin);
    frame.nof_prb = static_cast<std::uint16_t>(request.prbs.size());
    frame.symbol = static_cast<std::uint8_t>(std::min(symbol, 13));
    frame.filter_index = request.filter_index;
    frame.sequence = sequences_[request.flow];
    const std::int64_t due_ns = start_ns + (i + 1) * request.repetition_ns + delay_ns_;
    add_frame(frame, due_ns, queue, count);
  }
}

void ru_unit::add_captured(std::int64_t slot,
                           std::int32_t symbol,
                           ru_frame_queue& queue,
                           ru_counters& count) noexcept
{
  for (const std::uint32_t index : config_.capture->of(slot, symbol)) {
    const auto flow = flow_of(config_.capture->frames()[index].eaxc);
    ru_frame frame;
    frame.slot = slot;
    frame.stored = index;
    frame.flow = flow.value_or(0);
    frame.symbol = static_cast<std::uint8_t>(symbol);
    frame.sequence = sequences_[frame.flow];
    add_frame(frame, timing_.symbol_end_ns(slot, symbol) + delay_ns_, queue, count);
  }
}

void ru_unit::add_frame(ru_frame frame,
                        std::int64_t due_ns,
                        ru_frame_queue& queue,
                        ru_counters& count) noexcept
{
  ++sequences_[frame.flow];
  count.frames_made.add();
  frame.unit = index_;
  frame.key = {static_cast<std::uint64_t>(frame.slot), frame_in_slot_++};
  frame.faults = faults_.draw(frame.key);
  if (frame.faults.is_lost()) {
    return;
  }
  if (frame.faults.has(io::fault_kind::slot_burst)) {
    due_ns = std::max(due_ns, timing_.symbol_end_ns(frame.slot, nof_symbols_per_slot - 1) + delay_ns_);
  }
  if (frame.faults.has(io::fault_kind::late)) {
    due_ns += std::int64_t{1000} * faults_.config()[io::fault_kind::late].amount;
  }
  if (frame.faults.has(io::fault_kind::early)) {
    due_ns -= lead_ns_;
  }
  frame.due_ns = due_ns;
  count.overflow.add(queue.push(frame) ? 0 : 1);
}

std::span<std::byte>
ru_unit::write(const ru_frame& frame, io::framing form, std::span<std::byte> out) const noexcept
{
  if (frame.iq == nullptr) {
    return config_.capture->write(
        frame.stored, timing_.id_of(frame.slot), timing_.scs(), frame.sequence, form, out);
  }
  io::app_header header =
      io::app_header_of(timing_.id_of(frame.slot), timing_.scs(), frame.symbol, io::direction::uplink);
  header.filter_index = frame.filter_index;
  const std::size_t nof_bytes = prb_bytes_ * frame.nof_prb;
  io::u_plane_writer writer(
      flows_[frame.flow], header, {frame.section_id, frame.prb_begin, {frame.iq, nof_bytes}});
  std::uint8_t sequence = frame.sequence;
  const auto bytes = out.first(writer.next(sequence, out));
  if (form == io::framing::ethernet || bytes.empty()) {
    return bytes;
  }
  // The PDU alone, without the padding of short Ethernet frames.
  const auto pdu = bytes.subspan(link_bytes_);
  return pdu.first(std::min(pdu.size(), io::ecpri_header_bytes + io::load_be16(pdu, 2)));
}

} // namespace pado::apps
