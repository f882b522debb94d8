// SPDX-License-Identifier: Apache-2.0
#include "apps/generate_output.h"
#include <algorithm>
#include <limits>

namespace pado::apps {

result<nothing>
frame_output::add(std::vector<timed_frame> frames, std::int64_t safe_ns, generate_summary& count)
{
  const std::size_t nof_uplane_flows = sequence_.size() / 2;
  for (timed_frame& frame : frames) {
    const auto flow = static_cast<std::size_t>(frame.flow);
    frame.bytes[sequence_offset_] = static_cast<std::byte>(sequence_[flow]++);
    if (frame.is_lost) {
      ++count.nof_lost_frames;
      continue;
    }
    ++(flow < nof_uplane_flows ? count.nof_uplane_frames : count.nof_cplane_frames);
    waiting_.push_back(std::move(frame));
  }
  return write_until(safe_ns);
}

result<nothing> frame_output::finish()
{
  if (auto written = write_until(std::numeric_limits<std::int64_t>::max()); !written) {
    return written;
  }
  return writer_.finish();
}

result<nothing> frame_output::write_until(std::int64_t time_ns)
{
  // Stable: messages of one instant stay in the order in which they were made.
  std::stable_sort(waiting_.begin(), waiting_.end(), [](const timed_frame& a, const timed_frame& b) {
    return a.time_ns < b.time_ns;
  });
  std::size_t nof_written = 0;
  for (const timed_frame& frame : waiting_) {
    if (frame.time_ns >= time_ns) {
      break;
    }
    if (auto written = writer_.write(frame.bytes, frame.time_ns); !written) {
      return written;
    }
    ++nof_written;
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(nof_written));
  return nothing{};
}

std::optional<stitched_slot>
slot_stitcher::push(std::size_t index, std::int64_t slot, const slot_samples_out& samples)
{
  constexpr std::int32_t lead = phy::channel_lead_samples;
  const auto all = samples.memory.as(nof_rx_ports_, samples.nof_samples);
  stitched_slot now;
  now.index = index;
  now.nof_samples = samples.slot_samples;
  now.memory = buffer<cf32>(static_cast<std::size_t>(nof_rx_ports_) * now.nof_samples);
  const auto own = now.memory.as(nof_rx_ports_, now.nof_samples);
  const bool is_next = before_ && before_slot_ + 1 == slot;
  const std::int32_t nof_tail = samples.nof_samples - lead - samples.slot_samples;
  buffer<cf32> tail(static_cast<std::size_t>(nof_rx_ports_) * nof_tail);
  for (std::int32_t port = 0; port < nof_rx_ports_; ++port) {
    for (std::int32_t i = 0; i < now.nof_samples; ++i) {
      own(port, i) = all(port, lead + i);
    }
    for (std::int32_t i = 0; i < nof_tail; ++i) {
      tail[static_cast<std::size_t>(port) * nof_tail + i] = all(port, lead + now.nof_samples + i);
    }
    if (is_next) {
      const auto last = before_->memory.as(nof_rx_ports_, before_->nof_samples);
      for (std::int32_t i = 0; i < std::min(lead, before_->nof_samples); ++i) {
        last(port, before_->nof_samples - 1 - i) += all(port, lead - 1 - i);
      }
      for (std::int32_t i = 0; i < std::min(nof_tail_samples_, now.nof_samples); ++i) {
        own(port, i) += tail_[static_cast<std::size_t>(port) * nof_tail_samples_ + i];
      }
    }
  }
  std::optional<stitched_slot> complete = std::exchange(before_, std::move(now));
  before_slot_ = slot;
  tail_ = std::move(tail);
  nof_tail_samples_ = nof_tail;
  return complete;
}

} // namespace pado::apps
