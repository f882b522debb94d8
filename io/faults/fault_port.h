// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"
#include "io/faults/fault_injector.h"
#include "io/port/port.h"
#include <memory>
#include <vector>

namespace pado::io {

/// Which way frames go that a fault_port spoils.
enum class fault_direction : std::uint8_t { received, sent };

struct fault_port_config {
  fault_config faults;
  fault_direction direction = fault_direction::received;
  std::int64_t slot_ns = 500000;       ///< what silence and slot_burst count in
  std::size_t nof_frames = 1024;       ///< memory for frames that are held or spoilt, 64 or more
  std::size_t max_frame_bytes = 16384; ///< longer ones are cut
};

/// Another port with faults in front: of a capture, of a link.
///
/// Frames are numbered as they come, so a capture always gets the same faults. There is no looking ahead: an
/// early frame has its arrival time moved, where received, and is not touched where sent. slot_burst and
/// ignore_cplane do nothing here. Clock offset and drift move arrival times. Received frames are copied;
/// counters() are the inner port's but for what was received: frames given out here.
///
/// Law, when nothing is held: taken + injected(duplicate) == given + injected(loss, loss_burst, silence),
/// where the frames taken are those of the inner port's counters (received), or those given to send().
class fault_port final : public port {
public:
  /// `time` says when held frames are due. May throw std::bad_alloc.
  fault_port(std::unique_ptr<port> inner, const fault_port_config& config, const clock& time);

  framing form() const noexcept override { return inner_->form(); }
  std::size_t poll(std::span<rx_frame> out) noexcept override;
  void release(std::span<const rx_frame> frames) noexcept override;
  std::size_t send(std::span<const packet> frames) noexcept override;
  bool wait(std::int64_t timeout_ns) noexcept override;
  /// Not before the last held frame has been given out.
  bool has_ended() const noexcept override { return inner_->has_ended() && queue_.empty(); }
  const port_counters& counters() const noexcept override { return counters_; }
  std::string describe() const override { return inner_->describe() + ", with faults"; }

  std::uint64_t injected(fault_kind kind) const noexcept { return faults_.injected(kind); }
  /// Frames taken that had no room here.
  std::uint64_t overflow() const noexcept { return overflow_.value(); }
  std::size_t nof_held() const noexcept { return queue_.size(); }
  const port& inner() const noexcept { return *inner_; }

private:
  /// A frame in our memory, waiting for its time or for others to pass.
  struct held_frame {
    std::uint32_t place = 0;
    std::uint32_t size = 0;
    std::int64_t arrival_ns = 0;
    std::int64_t due_ns = 0;
    std::int32_t nof_ahead = 0; ///< frames that must pass first
  };
  void take(packet frame, std::int64_t arrival_ns, std::int64_t now_ns) noexcept;
  void store(packet frame, const held_frame& like, frame_faults faults, const frame_key& key) noexcept;
  void pass_one() noexcept;
  bool is_due(const held_frame& frame, std::int64_t now_ns) const noexcept
  {
    return frame.due_ns <= now_ns && frame.nof_ahead <= 0;
  }
  std::int64_t moved(std::int64_t arrival_ns) noexcept;
  std::size_t send_due(std::int64_t now_ns) noexcept;
  void count_inner() noexcept;

  std::unique_ptr<port> inner_;
  fault_port_config config_;
  fault_injector faults_;
  const clock& time_;
  std::vector<std::byte> memory_;
  std::vector<std::uint32_t> free_;
  std::vector<held_frame> queue_; ///< in the order in which they go
  std::int64_t first_ns_ = 0;     ///< of all arrivals: where drift is 0
  std::uint64_t slot_ = 0;
  std::uint32_t frame_in_slot_ = 0;
  bool is_first_ = true;
  port_counters counters_;
  counter overflow_;
};

} // namespace pado::io
