// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/faults/fault_injector.h"
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pado::apps {

/// A U-plane frame that is due at some time. Its bytes are put together when it is sent.
struct ru_frame {
  std::int64_t due_ns = 0;
  std::uint64_t order = 0; ///< of frames due at the same time
  io::frame_key key;
  io::frame_faults faults;
  std::int64_t slot = 0;         ///< since a begin of SFN 0
  const std::byte* iq = nullptr; ///< the first PRB; null: frame `stored` of a capture
  std::uint32_t stored = 0;
  std::uint16_t unit = 0;
  std::uint16_t flow = 0;
  std::uint16_t section_id = 0;
  std::uint16_t prb_begin = 0;
  std::uint16_t nof_prb = 0;
  std::uint8_t symbol = 0;
  std::uint8_t filter_index = 0;
  std::uint8_t sequence = 0;
};

/// Frames in the order in which they are due. Fixed memory.
class ru_frame_queue {
public:
  explicit ru_frame_queue(std::size_t capacity) : capacity_(capacity) { frames_.reserve(capacity); }

  bool empty() const noexcept { return frames_.empty(); }
  std::size_t size() const noexcept { return frames_.size(); }
  const ru_frame& first() const noexcept { return frames_.front(); }
  /// False: no room.
  bool push(ru_frame frame) noexcept
  {
    if (frames_.size() >= capacity_) {
      return false;
    }
    frame.order = next_order_++;
    frames_.push_back(frame);
    std::push_heap(frames_.begin(), frames_.end(), is_later);
    return true;
  }
  ru_frame pop() noexcept
  {
    std::pop_heap(frames_.begin(), frames_.end(), is_later);
    const ru_frame frame = frames_.back();
    frames_.pop_back();
    return frame;
  }

private:
  static bool is_later(const ru_frame& a, const ru_frame& b) noexcept
  {
    return a.due_ns != b.due_ns ? a.due_ns > b.due_ns : a.order > b.order;
  }

  std::size_t capacity_;
  std::vector<ru_frame> frames_;
  std::uint64_t next_order_ = 0;
};

} // namespace pado::apps
