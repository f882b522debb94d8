// SPDX-License-Identifier: Apache-2.0
#include "apps/ru_emulator.h"
#include <algorithm>
#include <limits>

namespace pado::apps {

namespace {

constexpr std::int64_t max_hold_ns = 1000000; ///< of a reordered frame when nothing follows it
constexpr std::size_t max_held = 4096;
constexpr int max_polls = 64; ///< bursts of one step: a flood must not keep frames from being sent
constexpr std::int64_t longest_sleep_ns = 10000000;

constexpr std::array<std::string_view, nof_cplane_drops> drop_names = {"unreadable",
                                                                       "other_plane",
                                                                       "unknown_unit",
                                                                       "downlink",
                                                                       "unsupported",
                                                                       "range",
                                                                       "late",
                                                                       "early",
                                                                       "no_room",
                                                                       "ignored"};

} // namespace

std::string_view name_of(cplane_drop reason)
{
  return drop_names[static_cast<std::size_t>(reason)];
}

ru_emulator::ru_emulator(const ru_emulator_config& config, io::port& link)
    : link_(link), queue_(config.max_waiting)
{
  for (const ru_unit_config& unit : config.units) {
    units_.push_back(std::make_unique<ru_unit>(
        unit, static_cast<std::uint16_t>(units_.size()), config.sfn0_ns, config.start_ns));
    burst_stride_ = std::max(burst_stride_, units_.back()->max_frame_bytes());
  }
  burst_stride_ = std::max(burst_stride_, io::least_frame_bytes);
  burst_memory_.resize(burst_stride_ * io::port::max_burst);
  burst_.reserve(io::port::max_burst);
  held_.reserve(max_held);
}

std::uint64_t ru_emulator::injected(io::fault_kind kind) const noexcept
{
  std::uint64_t sum = 0;
  for (const auto& unit : units_) {
    sum += unit->faults().injected(kind);
  }
  return sum;
}

void ru_emulator::step(std::int64_t now_ns) noexcept
{
  receive();
  for (const auto& unit : units_) {
    unit->advance(now_ns, queue_, count_);
  }
  send_due(now_ns);
  flush();
}

std::int64_t ru_emulator::next_ns() const noexcept
{
  std::int64_t next = queue_.empty() ? std::numeric_limits<std::int64_t>::max() : queue_.first().due_ns;
  for (const auto& unit : units_) {
    next = std::min(next, unit->event_ns());
  }
  for (const held_frame& held : held_) {
    next = std::min(next, held.until_ns);
  }
  return next;
}

void ru_emulator::receive() noexcept
{
  std::array<io::rx_frame, io::port::max_burst> frames;
  for (int i = 0; i < max_polls; ++i) {
    const std::size_t nof_frames = link_.poll(frames);
    for (std::size_t j = 0; j < nof_frames; ++j) {
      take_frame(frames[j]);
    }
    link_.release(std::span(frames).first(nof_frames));
    if (nof_frames == 0) {
      return;
    }
  }
}

void ru_emulator::take_frame(const io::rx_frame& frame) noexcept
{
  const auto book = [this](std::optional<cplane_drop> why) {
    count_.messages_received.add();
    if (why) {
      count_.messages_dropped[static_cast<std::size_t>(*why)].add();
    } else {
      count_.messages_answered.add();
    }
  };
  io::link_frame link;
  link.pdu = frame.bytes;
  const bool has_link = link_.form() == io::framing::ethernet;
  if (has_link && io::parse_link(frame.bytes, io::any_udp_port, link)) {
    book(cplane_drop::unreadable);
    return;
  }
  io::ecpri_reader messages(link.pdu);
  for (io::ecpri_message message; messages.next(message);) {
    book(take_message(message, has_link ? &link : nullptr, frame.arrival_ns));
  }
  if (messages.failure()) {
    book(cplane_drop::unreadable);
  }
}

ru_unit* ru_emulator::find_unit(const io::link_frame* link, std::uint16_t eaxc, std::uint16_t& flow) noexcept
{
  for (const auto& unit : units_) {
    const auto found = unit->flow_of(eaxc);
    if (found && (link == nullptr || unit->is_addressed(*link, units_.size() == 1))) {
      flow = *found;
      return unit.get();
    }
  }
  return nullptr;
}

std::optional<cplane_drop> ru_emulator::take_message(const io::ecpri_message& message,
                                                     const io::link_frame* link,
                                                     std::int64_t arrival_ns) noexcept
{
  if (message.type != io::ecpri_type::real_time_control) {
    return cplane_drop::other_plane;
  }
  io::stream_ids ids;
  io::packet rest;
  if (io::parse_stream_ids(message.payload, ids, rest) || io::check_c_message(rest)) {
    return cplane_drop::unreadable;
  }
  io::c_section_reader sections(rest);
  if (sections.header().app.dir != io::direction::uplink) {
    return cplane_drop::downlink;
  }
  std::uint16_t flow = 0;
  ru_unit* unit = find_unit(link, ids.eaxc, flow);
  if (unit == nullptr) {
    return cplane_drop::unknown_unit;
  }
  if (unit->faults().ignores_cplane(nof_cplane_++)) {
    return cplane_drop::ignored;
  }
  std::optional<cplane_drop> first;
  bool is_any_taken = false;
  for (io::c_section section; sections.next(section);) {
    if (const auto why = unit->take(flow, sections.header(), section, arrival_ns)) {
      first = first ? first : why;
    } else {
      is_any_taken = true;
      count_.sections_taken.add();
    }
  }
  return is_any_taken ? std::nullopt : (first ? first : cplane_drop::unsupported);
}

void ru_emulator::send_due(std::int64_t now_ns) noexcept
{
  while (true) {
    const auto overdue = std::min_element(
        held_.begin(), held_.end(), [](const auto& a, const auto& b) { return a.until_ns < b.until_ns; });
    const bool has_frame = !queue_.empty() && queue_.first().due_ns <= now_ns;
    const bool has_held = overdue != held_.end() && overdue->until_ns <= now_ns;
    if (has_held && (!has_frame || overdue->until_ns < queue_.first().due_ns)) {
      const ru_frame frame = overdue->frame;
      held_.erase(overdue);
      emit(frame, now_ns);
    } else if (has_frame) {
      send(queue_.pop(), now_ns);
    } else {
      return;
    }
  }
}

void ru_emulator::send(const ru_frame& frame, std::int64_t now_ns) noexcept
{
  if (frame.faults.has(io::fault_kind::reorder) && held_.size() < max_held) {
    const io::fault_setting& reorder = units_[frame.unit]->faults().config()[io::fault_kind::reorder];
    held_.push_back({frame, reorder.amount, frame.due_ns + max_hold_ns});
    return;
  }
  emit(frame, now_ns);
  for (std::size_t i = 0; i < held_.size();) {
    if (--held_[i].nof_ahead > 0) {
      ++i;
      continue;
    }
    const ru_frame behind = held_[i].frame;
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
    emit(behind, now_ns);
  }
}

void ru_emulator::emit(const ru_frame& frame, std::int64_t now_ns) noexcept
{
  ru_unit& unit = *units_[frame.unit];
  std::size_t nof_copies = 1;
  if (frame.faults.has(io::fault_kind::duplicate)) {
    nof_copies += static_cast<std::size_t>(unit.faults().config()[io::fault_kind::duplicate].amount);
  }
  if (burst_.size() + nof_copies > io::port::max_burst) {
    flush();
  }
  const auto place = std::span(burst_memory_).subspan(burst_.size() * burst_stride_, burst_stride_);
  std::span<std::byte> bytes = unit.write(frame, link_.form(), place);
  bytes = unit.faults().damage(frame.faults, frame.key, link_.form(), bytes);
  count_.send_lag.add(now_ns - frame.due_ns);
  burst_.insert(burst_.end(), nof_copies, bytes);
}

void ru_emulator::flush() noexcept
{
  if (burst_.empty()) {
    return;
  }
  const std::size_t nof_taken = link_.send(burst_);
  count_.frames_sent.add(nof_taken);
  count_.frames_unsent.add(burst_.size() - nof_taken);
  burst_.clear();
}

void run_ru(ru_emulator& emulator,
            io::port& link,
            const clock& time,
            const std::atomic<bool>& stop,
            const ru_loop_settings& how)
{
  // Relaxed: nothing else is handed over with the flag; the thread is joined.
  while (!stop.load(std::memory_order_relaxed)) {
    const std::int64_t now_ns = time.now_ns();
    emulator.step(now_ns);
    const std::int64_t next_ns = std::min(emulator.next_ns(), now_ns + longest_sleep_ns);
    const std::int64_t sleep_ns = next_ns - how.spin_ns - time.now_ns();
    if (sleep_ns > 0) {
      link.wait(sleep_ns);
    }
  }
}

} // namespace pado::apps
