// SPDX-License-Identifier: Apache-2.0
#include "io/faults/fault_port.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace pado::io {

namespace {

constexpr std::int64_t max_hold_ns = 1000000; ///< of a reordered frame when nothing follows

} // namespace

fault_port::fault_port(std::unique_ptr<port> inner, const fault_port_config& config, const clock& time)
    : inner_(std::move(inner)), config_(config), faults_(config.faults), time_(time)
{
  config_.nof_frames = std::max(config.nof_frames, max_burst);
  memory_.resize(config_.nof_frames * config_.max_frame_bytes);
  queue_.reserve(config_.nof_frames);
  free_.reserve(config_.nof_frames);
  for (std::size_t i = 0; i < config_.nof_frames; ++i) {
    free_.push_back(static_cast<std::uint32_t>(i));
  }
}

std::int64_t fault_port::moved(std::int64_t arrival_ns) noexcept
{
  const auto since = static_cast<double>(arrival_ns - first_ns_);
  return arrival_ns - config_.faults.clock_offset_ns -
         static_cast<std::int64_t>(
             std::llround(1e-9 * static_cast<double>(config_.faults.clock_drift_ppb) * since));
}

void fault_port::store(packet frame,
                       const held_frame& like,
                       frame_faults faults,
                       const frame_key& key) noexcept
{
  const std::size_t nof_copies =
      faults.has(fault_kind::duplicate)
          ? 1U + static_cast<std::size_t>(config_.faults[fault_kind::duplicate].amount)
          : 1U;
  std::span<std::byte> first;
  for (std::size_t copy = 0; copy < nof_copies; ++copy) {
    if (free_.empty()) {
      overflow_.add();
      continue;
    }
    held_frame held = like;
    held.place = free_.back();
    free_.pop_back();
    auto bytes = std::span(memory_).subspan(held.place * config_.max_frame_bytes, config_.max_frame_bytes);
    const packet source = first.empty() ? frame : packet(first);
    bytes = bytes.first(std::min(source.size(), bytes.size()));
    std::memcpy(bytes.data(), source.data(), bytes.size());
    if (first.empty()) {
      bytes = faults_.damage(faults, key, form(), bytes); // once: the copies are its copies
      first = bytes;
    }
    held.size = static_cast<std::uint32_t>(bytes.size());
    queue_.push_back(held);
  }
}

void fault_port::take(packet frame, std::int64_t arrival_ns, std::int64_t now_ns) noexcept
{
  if (is_first_) {
    is_first_ = false;
    first_ns_ = arrival_ns;
  }
  const auto slot = static_cast<std::uint64_t>(std::max<std::int64_t>(arrival_ns, 0) / config_.slot_ns);
  frame_in_slot_ = slot == slot_ ? frame_in_slot_ + 1 : 0;
  slot_ = slot;
  const frame_key key = {slot, frame_in_slot_};
  const frame_faults faults = faults_.draw(key);
  if (faults.is_lost()) {
    return;
  }
  held_frame held;
  held.arrival_ns = moved(arrival_ns);
  held.due_ns = now_ns;
  if (faults.has(fault_kind::late)) {
    const std::int64_t late_ns = std::int64_t{1000} * config_.faults[fault_kind::late].amount;
    held.arrival_ns += late_ns;
    held.due_ns += late_ns;
  }
  if (faults.has(fault_kind::early)) {
    held.arrival_ns -= std::int64_t{1000} * config_.faults[fault_kind::early].amount;
  }
  if (faults.has(fault_kind::reorder)) {
    held.nof_ahead = config_.faults[fault_kind::reorder].amount;
  }
  store(frame, held, faults, key);
}

/// A frame has gone: held ones come nearer.
void fault_port::pass_one() noexcept
{
  for (held_frame& held : queue_) {
    held.nof_ahead -= held.nof_ahead > 0 ? 1 : 0;
  }
}

std::size_t fault_port::poll(std::span<rx_frame> out) noexcept
{
  if (config_.direction == fault_direction::sent) {
    send_due(time_.now_ns());
    const std::size_t n = inner_->poll(out);
    count_inner();
    return n;
  }
  const std::int64_t now_ns = time_.now_ns();
  std::array<rx_frame, max_burst> taken;
  const std::size_t room = std::min({taken.size(), out.size(), free_.size()});
  const std::size_t nof_taken = inner_->poll(std::span(taken).first(room));
  for (std::size_t i = 0; i < nof_taken; ++i) {
    take(taken[i].bytes, taken[i].arrival_ns, now_ns);
  }
  inner_->release(std::span(taken).first(nof_taken));
  const bool is_over = nof_taken == 0 && inner_->has_ended(); // nothing follows: all may go
  std::size_t nof_given = 0;
  for (std::size_t i = 0; i < queue_.size() && nof_given < out.size();) {
    held_frame& held = queue_[i];
    const bool is_old = held.due_ns + max_hold_ns <= now_ns;
    if (!is_over && !is_old && !is_due(held, now_ns)) {
      ++i;
      continue;
    }
    const std::size_t at = held.place * config_.max_frame_bytes;
    out[nof_given++] = {packet(memory_).subspan(at, held.size), held.arrival_ns, held.place};
    counters_.received.add();
    counters_.received_bytes.add(held.size);
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(i));
    pass_one();
    i = 0; // one before may be due now
  }
  return nof_given;
}

void fault_port::release(std::span<const rx_frame> frames) noexcept
{
  if (config_.direction == fault_direction::sent) {
    inner_->release(frames);
    return;
  }
  for (const rx_frame& frame : frames) {
    free_.push_back(frame.token);
  }
}

std::size_t fault_port::send(std::span<const packet> frames) noexcept
{
  if (config_.direction == fault_direction::received) {
    const std::size_t n = inner_->send(frames);
    count_inner();
    return n;
  }
  const std::int64_t now_ns = time_.now_ns();
  for (const packet frame : frames) {
    take(frame, now_ns, now_ns);
    send_due(now_ns);
  }
  return frames.size();
}

std::size_t fault_port::send_due(std::int64_t now_ns) noexcept
{
  std::size_t nof_sent = 0;
  for (std::size_t i = 0; i < queue_.size();) {
    const held_frame held = queue_[i];
    if (held.due_ns + max_hold_ns > now_ns && !is_due(held, now_ns)) {
      ++i;
      continue;
    }
    const packet bytes = packet(memory_).subspan(held.place * config_.max_frame_bytes, held.size);
    nof_sent += inner_->send({&bytes, 1});
    free_.push_back(held.place);
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(i));
    pass_one();
    i = 0; // one before may be due now
  }
  count_inner();
  return nof_sent;
}

bool fault_port::wait(std::int64_t timeout_ns) noexcept
{
  const std::int64_t now_ns = time_.now_ns();
  std::int64_t first_ns = now_ns + timeout_ns;
  for (const held_frame& held : queue_) {
    first_ns = std::min(first_ns, held.nof_ahead > 0 ? held.due_ns + max_hold_ns : held.due_ns);
  }
  const bool is_there = inner_->wait(std::max<std::int64_t>(first_ns - now_ns, 0));
  if (config_.direction == fault_direction::sent) {
    send_due(time_.now_ns());
    return is_there;
  }
  return is_there || first_ns < now_ns + timeout_ns;
}

/// What the inner port counts and we do not.
void fault_port::count_inner() noexcept
{
  const port_counters& inner = inner_->counters();
  if (config_.direction == fault_direction::sent) {
    counters_ = inner;
    return;
  }
  counters_.cut = inner.cut;
  counters_.lost = inner.lost;
  counters_.sent = inner.sent;
  counters_.sent_bytes = inner.sent_bytes;
  counters_.unsent = inner.unsent;
}

} // namespace pado::io
