// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"
#include "io/port/port.h"
#include <algorithm>
#include <vector>

namespace pado::test {

/// A port in memory: gives what the test puts into `inbox`, and keeps what is sent with the time of a clock.
class recording_port final : public io::port {
public:
  struct sent_frame {
    std::int64_t time_ns = 0;
    std::vector<std::byte> bytes;
  };

  explicit recording_port(const clock& time, io::framing form = io::framing::ethernet)
      : time_(time), form_(form)
  {
  }

  /// Frames that arrive now.
  void put(std::vector<std::byte> frame)
  {
    inbox.push_back(std::move(frame));
    arrivals_.push_back(time_.now_ns());
  }

  io::framing form() const noexcept override { return form_; }
  std::size_t poll(std::span<io::rx_frame> out) noexcept override
  {
    std::size_t n = 0;
    for (; n < out.size() && next_ < inbox.size(); ++n, ++next_) {
      out[n] = {inbox[next_], arrivals_[next_], static_cast<std::uint32_t>(next_)};
      counters_.received.add();
      counters_.received_bytes.add(inbox[next_].size());
    }
    return n;
  }
  void release(std::span<const io::rx_frame>) noexcept override {}
  std::size_t send(std::span<const io::packet> frames) noexcept override
  {
    const std::size_t n = std::min(frames.size(), room);
    room -= n;
    for (const io::packet frame : frames.first(n)) {
      sent.push_back({time_.now_ns(), {frame.begin(), frame.end()}});
    }
    counters_.sent.add(n);
    counters_.unsent.add(frames.size() - n);
    return n;
  }
  bool wait(std::int64_t) noexcept override { return next_ < inbox.size(); }
  const io::port_counters& counters() const noexcept override { return counters_; }
  std::string describe() const override { return "memory of a test"; }

  std::vector<std::vector<std::byte>> inbox;
  std::vector<sent_frame> sent;
  std::size_t room = ~std::size_t{0}; ///< frames that the link still takes

private:
  const clock& time_;
  io::framing form_;
  std::vector<std::int64_t> arrivals_;
  std::size_t next_ = 0;
  io::port_counters counters_;
};

} // namespace pado::test
