// SPDX-License-Identifier: Apache-2.0
#include "io/port/ring_port.h"
#include "core/ring.h"
#include "io/port/descriptor.h"
#include "io/port/frame_pool.h"
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace pado::io {

namespace {

struct ring_entry {
  std::uint32_t token = 0;
  std::uint32_t length = 0;
  std::int64_t arrival_ns = 0;
  bool is_cut = false;
};

/// The way to one end. Made by the receiving end and kept until the exchange goes.
struct ring_lane {
  explicit ring_lane(const port_config& config)
      : limits(config), pool(config.nof_rx_frames, config.max_frame_bytes),
        filled(static_cast<std::size_t>(config.nof_rx_frames)),
        returned(static_cast<std::size_t>(config.nof_rx_frames)),
        event(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
  {
    if (event.number() < 0) {
      throw std::system_error(errno, std::generic_category(), "eventfd");
    }
  }

  port_config limits;
  frame_pool pool; ///< the sender's; the receiver only reads elements
  spsc_ring<ring_entry> filled;
  spsc_ring<std::uint32_t> returned;
  std::atomic<bool> is_attached{false};
  std::atomic<bool> is_sleeping{false};
  descriptor event; ///< written when a frame comes while the receiver sleeps
};

struct ring_link {
  std::array<std::unique_ptr<ring_lane>, 2> lanes; ///< [end] what this end receives
  std::array<std::atomic<ring_lane*>, 2> ready{};  ///< the same, for the sending thread
  std::array<bool, 2> is_open{};
};

} // namespace

struct ring_exchange::state {
  std::mutex mutex; ///< opening and closing only; orders what one thread left in a lane before the next
  std::map<std::string, std::unique_ptr<ring_link>, std::less<>> links;
};

namespace {

class ring_port final : public port {
public:
  ring_port(ring_exchange::state& exchange,
            std::string_view name,
            ring_link& link,
            std::size_t end,
            const clock* time)
      : exchange_(exchange), name_(name), link_(link), end_(end), lane_(*link.lanes[end]),
        is_held_(static_cast<std::size_t>(lane_.limits.nof_rx_frames)),
        time_(time != nullptr ? time : &system_time_)
  {
    put_back_waiting(); // sent while the end before this one was closing
    link_.is_open[end_] = true;
    // Pairs with the acquires of send().
    lane_.is_attached.store(true, std::memory_order_release);
    link_.ready[end_].store(&lane_, std::memory_order_release);
  }
  ~ring_port() override
  {
    const std::lock_guard lock(exchange_.mutex);
    lane_.is_attached.store(false, std::memory_order_release);
    put_back_waiting();
    for (std::uint32_t token = 0; token < is_held_.size(); ++token) {
      if (is_held_[token] != 0) {
        lane_.returned.push(token);
      }
    }
    link_.is_open[end_] = false;
  }

  framing form() const noexcept override { return framing::ethernet; }

  std::size_t poll(std::span<rx_frame> out) noexcept override
  {
    std::size_t n = 0;
    ring_entry entry;
    while (n < out.size() && next(entry)) {
      is_held_[entry.token] = 1;
      out[n++] = {lane_.pool[entry.token].first(entry.length), entry.arrival_ns, entry.token};
      counters_.received.add();
      counters_.received_bytes.add(entry.length);
      counters_.cut.add(entry.is_cut ? 1 : 0);
    }
    return n;
  }

  void release(std::span<const rx_frame> frames) noexcept override
  {
    for (const rx_frame& frame : frames) {
      assert(is_held_[frame.token] != 0);
      is_held_[frame.token] = 0;
      lane_.returned.push(frame.token);
    }
  }

  std::size_t send(std::span<const packet> frames) noexcept override
  {
    ring_lane* to = link_.ready[1 - end_].load(std::memory_order_acquire);
    if (to == nullptr || !to->is_attached.load(std::memory_order_acquire)) {
      counters_.unsent.add(frames.size());
      return 0;
    }
    for (std::uint32_t token = 0; to->returned.pop(token);) {
      to->pool.release(token);
    }
    const std::int64_t now_ns = time_->now_ns();
    std::size_t nof_taken = 0;
    for (const packet frame : frames) {
      nof_taken += put(*to, frame, now_ns) ? 1 : 0;
    }
    counters_.sent.add(nof_taken);
    counters_.unsent.add(frames.size() - nof_taken);
    // A read-modify-write on both sides: whichever of the two comes second sees what the first did before it.
    if (nof_taken > 0 && to->is_sleeping.exchange(false, std::memory_order_acq_rel)) {
      const std::uint64_t one = 1;
      [[maybe_unused]] const ssize_t written = ::write(to->event.number(), &one, sizeof one);
    }
    return nof_taken;
  }

  bool wait(std::int64_t timeout_ns) noexcept override
  {
    if (peek()) {
      return true;
    }
    lane_.is_sleeping.exchange(true, std::memory_order_acq_rel);
    // The event may be that of a frame before, written after we had found it: then nothing is there, but the
    // time is not over either.
    const bool is_woken = peek() || wait_readable(lane_.event.number(), timeout_ns);
    lane_.is_sleeping.exchange(false, std::memory_order_acq_rel);
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t read = ::read(lane_.event.number(), &count, sizeof count);
    return is_woken || peek();
  }

  const port_counters& counters() const noexcept override { return counters_; }

  std::string describe() const override
  {
    const ring_lane* to = link_.ready[1 - end_].load(std::memory_order_acquire);
    const bool is_there = to != nullptr && to->is_attached.load(std::memory_order_acquire);
    return "ring:" + name_ + ": in memory, end " + std::to_string(end_) + ", " +
           std::to_string(lane_.limits.nof_rx_frames) + " frames of " +
           std::to_string(lane_.limits.max_frame_bytes) + " bytes, the other end is " +
           (is_there ? "open" : "not open");
  }

private:
  bool peek() noexcept
  {
    ring_entry entry;
    if (!waiting_ && lane_.filled.pop(entry)) {
      waiting_ = entry;
    }
    return waiting_.has_value();
  }
  bool next(ring_entry& entry) noexcept
  {
    if (!waiting_) {
      return lane_.filled.pop(entry);
    }
    entry = *waiting_;
    waiting_.reset();
    return true;
  }
  void put_back_waiting() noexcept
  {
    for (ring_entry entry; next(entry);) {
      lane_.returned.push(entry.token);
    }
  }
  bool put(ring_lane& to, packet frame, std::int64_t now_ns) noexcept
  {
    if (frame.empty() || frame.size() > static_cast<std::size_t>(lane_.limits.max_frame_bytes)) {
      return false;
    }
    const std::uint32_t token = to.pool.acquire();
    if (token == frame_pool::none) {
      return false;
    }
    const std::size_t length = std::min(frame.size(), static_cast<std::size_t>(to.limits.max_frame_bytes));
    std::memcpy(to.pool[token].data(), frame.data(), length);
    to.filled.push({token, static_cast<std::uint32_t>(length), now_ns, length < frame.size()});
    counters_.sent_bytes.add(frame.size());
    return true;
  }

  ring_exchange::state& exchange_;
  std::string name_;
  ring_link& link_;
  std::size_t end_;
  ring_lane& lane_;
  std::vector<std::uint8_t> is_held_;
  std::optional<ring_entry> waiting_; ///< seen by wait(), not yet given out
  system_clock system_time_;
  const clock* time_;
  port_counters counters_;
};

} // namespace

ring_exchange::ring_exchange() : state_(std::make_unique<state>()) {}
ring_exchange::~ring_exchange() = default;

result<std::unique_ptr<port>> ring_exchange::open(std::string_view name, const port_config& config)
{
  const std::lock_guard lock(state_->mutex);
  auto found = state_->links.find(name);
  if (found == state_->links.end()) {
    found = state_->links.emplace(name, std::make_unique<ring_link>()).first;
  }
  ring_link& link = *found->second;
  const std::string field = "port \"ring:" + std::string(name) + "\"";
  if (link.is_open[0] && link.is_open[1]) {
    return error{field, "has both its ends open already: use another name"};
  }
  const std::size_t end = link.is_open[0] ? 1 : 0;
  if (link.lanes[end] == nullptr) {
    link.lanes[end] = std::make_unique<ring_lane>(config);
  }
  port_config& limits = link.lanes[end]->limits;
  if (limits.max_frame_bytes != config.max_frame_bytes || limits.nof_rx_frames != config.nof_rx_frames) {
    return error{field,
                 "was opened before with " + std::to_string(limits.nof_rx_frames) + " frames of " +
                     std::to_string(limits.max_frame_bytes) +
                     " bytes: open it again with the same, or use "
                     "another name"};
  }
  return std::unique_ptr<port>(std::make_unique<ring_port>(*state_, found->first, link, end, config.time));
}

} // namespace pado::io
