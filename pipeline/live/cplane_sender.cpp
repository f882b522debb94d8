// SPDX-License-Identifier: Apache-2.0
#include "pipeline/live/cplane_sender.h"
#include <algorithm>
#include <bit>

namespace pado::pipeline {

namespace {

constexpr std::uint16_t all_symbols = (1U << nof_symbols_per_slot) - 1;
constexpr std::size_t max_pdus = 256;
constexpr std::int32_t max_section_prb = 255; // numPrbc has 8 bits; 0 says the whole carrier

std::uint16_t symbols_of(const pusch_pdu& pdu)
{
  return static_cast<std::uint16_t>(((1U << pdu.nof_symbols) - 1U) << pdu.start_symbol) & all_symbols;
}

} // namespace

cplane_sender::cplane_sender(const cplane_config& config, io::framing form)
    : config_(config), form_(form), sequence_(65536), store_(max_messages)
{
  const std::size_t link_bytes = io::link_header_bytes(config_.link);
  skipped_bytes_ = form_ == io::framing::ethernet ? 0 : link_bytes;
  sequence_offset_ = link_bytes + io::ecpri_header_bytes + 2;
  ranges_.reserve(max_pdus);
  sections_.reserve(2 * io::awaited_prbs::ranges::capacity);
  free_.reserve(max_messages);
  waiting_.reserve(max_messages);
  for (std::size_t i = 0; i < max_messages; ++i) {
    free_.push_back(static_cast<std::uint16_t>(i));
  }
}

io::awaited_prbs cplane_sender::asked_of(std::int64_t slot, const slot_plan& plan) noexcept
{
  io::awaited_prbs asked;
  asked.slot = slot;
  if (config_.is_whole_carrier || plan.pusch.size() > max_pdus) {
    asked.symbols = all_symbols;
    asked.prbs.add({0, config_.nof_prb});
    return asked;
  }
  ranges_.clear();
  for (const pusch_pdu& pdu : plan.pusch) {
    asked.symbols |= symbols_of(pdu);
    const std::int32_t begin = pdu.bwp_start + pdu.rb_start - config_.grid_start_crb;
    const prb_range range = {std::clamp(begin, 0, config_.nof_prb),
                             std::clamp(begin + pdu.rb_size, 0, config_.nof_prb)};
    if (range.size() > 0) {
      ranges_.push_back(range);
    }
  }
  // One message a port names one run of symbols: the union of all grants.
  const int first = std::countr_zero(asked.symbols);
  const int last = std::bit_width(asked.symbols);
  asked.symbols = static_cast<std::uint16_t>((1U << last) - (1U << first)) & all_symbols;
  std::sort(ranges_.begin(), ranges_.end(), [](prb_range a, prb_range b) { return a.begin < b.begin; });
  for (std::size_t i = 0; i < ranges_.size();) {
    prb_range joined = ranges_[i];
    for (++i; i < ranges_.size() && ranges_[i].begin <= joined.end; ++i) {
      joined.end = std::max(joined.end, ranges_[i].end);
    }
    asked.prbs.add(joined);
  }
  return asked;
}

void cplane_sender::add(std::int64_t slot,
                        std::span<const std::uint16_t> eaxc,
                        const io::c_header& header) noexcept
{
  for (const std::uint16_t id : eaxc) {
    if (free_.empty()) {
      counters_.refused.add();
      continue;
    }
    message& made = store_[free_.back()];
    const io::stream_ids ids = {.eaxc = id};
    made.size = io::write_c_frame(config_.link, ids, header, sections_, made.bytes);
    if (made.size == 0) {
      counters_.refused.add();
      continue;
    }
    made.eaxc = id;
    made.begin_ns = window_begin_ns(slot, header.app.symbol);
    made.end_ns = window_end_ns(slot, header.app.symbol);
    waiting_.push_back(free_.back());
    free_.pop_back();
  }
}

void cplane_sender::add_grants(const io::awaited_prbs& asked) noexcept
{
  if (!config_.is_sent || asked.symbols == 0 || asked.prbs.size() == 0) {
    return;
  }
  const int first = std::countr_zero(asked.symbols);
  io::c_header header;
  header.app =
      io::app_header_of(config_.time.id_of(asked.slot), config_.time.scs, first, io::direction::uplink);
  header.type = io::c_type::regular;
  header.comp_header = config_.comp_header;
  sections_.clear();
  io::c_section section;
  section.nof_symbols = static_cast<std::uint8_t>(std::popcount(asked.symbols));
  const auto add_section = [&](std::int32_t begin, std::int32_t nof_prb) {
    section.id = static_cast<std::uint16_t>(sections_.size());
    section.prb_begin = static_cast<std::uint16_t>(begin);
    section.nof_prb = static_cast<std::uint16_t>(nof_prb);
    sections_.push_back(section);
  };
  for (std::size_t i = 0; i < asked.prbs.size(); ++i) {
    const prb_range range = asked.prbs[i];
    if (range == prb_range{0, config_.nof_prb}) {
      add_section(0, range.size());
      continue;
    }
    for (std::int32_t begin = range.begin; begin < range.end; begin += max_section_prb) {
      add_section(begin, std::min(max_section_prb, range.end - begin));
    }
  }
  add(asked.slot, config_.eaxc, header);
}

void cplane_sender::add_fixed(std::int64_t slot) noexcept
{
  if (!config_.is_sent) {
    return;
  }
  const slot_id id = config_.time.id_of(slot);
  for (const prach_occasion& prach : config_.prach) {
    if (id.sfn % prach.period_frames != prach.frame ||
        std::find(prach.slots.begin(), prach.slots.end(), id.slot) == prach.slots.end()) {
      continue;
    }
    io::c_header header;
    header.app = io::app_header_of(id, config_.time.scs, prach.start_symbol, io::direction::uplink);
    header.app.filter_index = prach.filter_index;
    header.type = io::c_type::prach;
    header.comp_header = config_.comp_header;
    header.time_offset = prach.time_offset;
    header.frame_structure = prach.frame_structure;
    io::c_section section;
    section.nof_prb = static_cast<std::uint16_t>(prach.nof_prb);
    section.nof_symbols = static_cast<std::uint8_t>(prach.nof_symbols);
    section.freq_offset = prach.freq_offset;
    sections_.assign(1, section);
    add(slot, config_.eaxc_prach, header);
  }
  if (config_.guard_symbols.empty()) {
    return;
  }
  const auto of_two_frames =
      static_cast<std::size_t>((id.sfn % 2) * config_.time.scs.slots_per_frame() + id.slot);
  const std::uint16_t guard = config_.guard_symbols[of_two_frames % config_.guard_symbols.size()];
  if (guard != 0) {
    io::c_header header;
    header.app = io::app_header_of(id, config_.time.scs, std::countr_zero(guard), io::direction::uplink);
    header.type = io::c_type::idle;
    header.frame_structure = config_.frame_structure;
    io::c_section section; // nof_prb 0: all of the carrier
    section.nof_symbols = static_cast<std::uint8_t>(std::popcount(guard));
    sections_.assign(1, section);
    add(slot, config_.eaxc, header);
  }
}

void cplane_sender::flush_burst(io::port& to) noexcept
{
  const std::size_t taken = to.send(std::span<const io::packet>(burst_).first(nof_burst_));
  counters_.sent.add(taken);
  counters_.refused.add(nof_burst_ - taken);
  nof_burst_ = 0;
}

void cplane_sender::send_due(std::int64_t now_ns, io::port& to) noexcept
{
  std::size_t kept = 0;
  for (const std::uint16_t index : waiting_) {
    message& due = store_[index];
    if (due.begin_ns > now_ns) {
      waiting_[kept++] = index;
      continue;
    }
    free_.push_back(index); // its bytes stay as they are until this function has returned
    if (due.end_ns < now_ns) {
      counters_.late.add();
      continue;
    }
    if (nof_burst_ == burst_.size()) {
      flush_burst(to);
    }
    // Numbered when it goes out: what is late leaves no hole.
    due.bytes[sequence_offset_] = static_cast<std::byte>(sequence_[due.eaxc]++);
    // A socket adds the link headers itself, and wants no padding behind the PDU either.
    io::packet bytes = io::packet(due.bytes).first(due.size).subspan(skipped_bytes_);
    if (form_ == io::framing::ecpri_pdu) {
      const std::size_t pdu_bytes = io::ecpri_header_bytes + io::load_be16(bytes, 2);
      bytes = bytes.first(std::min(bytes.size(), pdu_bytes));
    }
    burst_[nof_burst_++] = bytes;
  }
  waiting_.resize(kept);
  if (nof_burst_ > 0) {
    flush_burst(to);
  }
}

std::int64_t cplane_sender::next_due_ns() const noexcept
{
  std::int64_t next = INT64_MAX;
  for (const std::uint16_t index : waiting_) {
    next = std::min(next, store_[index].begin_ns);
  }
  return next;
}

} // namespace pado::pipeline
