// SPDX-License-Identifier: Apache-2.0
#include "io/dpdk/dpdk_port.h"
#include "io/dpdk/device_stamps.h"
#include "io/dpdk/dpdk_name.h"
#include "io/dpdk/eal.h"
#include "io/dpdk/started_device.h"
#include <algorithm>
#include <array>
#include <cstring>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_pause.h>
#include <time.h>
#include <vector>

namespace pado::io {

namespace {

/// net_pcap gives the capture's own time, whatever the clock says: in microseconds, and in nanoseconds since
/// it calls that an offload.
device_stamps::kind kind_of_stamps(const eth_device& device)
{
  if (device.driver() != "net_pcap") {
    return device_stamps::kind::unknown;
  }
  return device.has_stamps() ? device_stamps::kind::capture_ns : device_stamps::kind::capture_us;
}

/// One queue each way of an Ethernet device.
class dpdk_port final : public port {
public:
  dpdk_port(std::unique_ptr<started_device> started, std::int32_t nof_rx_frames, const clock& time);
  ~dpdk_port() override;

  framing form() const noexcept override { return framing::ethernet; }
  std::size_t poll(std::span<rx_frame> out) noexcept override;
  void release(std::span<const rx_frame> frames) noexcept override;
  std::size_t send(std::span<const packet> frames) noexcept override;
  bool wait(std::int64_t timeout_ns) noexcept override;
  const port_counters& counters() const noexcept override { return counters_; }
  std::string describe() const override;

private:
  bool fill() noexcept;
  void take_loss() noexcept;
  bool give_out(rte_mbuf* frame, std::int64_t now_ns, rx_frame& out) noexcept;
  rte_mbuf* in_one_piece(rte_mbuf* chain) noexcept;
  std::size_t send_burst(std::span<const packet> frames) noexcept;

  std::unique_ptr<started_device> started_;
  const clock& time_;
  std::uint16_t id_;
  std::uint32_t max_frame_bytes_;
  std::uint64_t stamp_flag_ = 0;
  int stamp_offset_ = -1;
  device_stamps stamps_;
  port_counters counters_;
  std::uint64_t lost_seen_ = 0;
  std::uint64_t loss_due_tsc_ = 0;
  std::uint64_t loss_period_tsc_;
  std::array<rte_mbuf*, max_burst> pending_{}; ///< received, not given out
  std::size_t pending_begin_ = 0;
  std::size_t pending_end_ = 0;
  std::vector<rte_mbuf*> held_;            ///< by token
  std::vector<std::uint32_t> free_tokens_; ///< reserved for all: no allocation later
};

dpdk_port::dpdk_port(std::unique_ptr<started_device> started, std::int32_t nof_rx_frames, const clock& time)
    : started_(std::move(started)), time_(time), id_(started_->device().id()),
      max_frame_bytes_(static_cast<std::uint32_t>(started_->max_frame_bytes())),
      stamps_(kind_of_stamps(started_->device())), loss_period_tsc_(rte_get_tsc_hz() / 10),
      held_(static_cast<std::size_t>(nof_rx_frames))
{
  free_tokens_.reserve(held_.size());
  for (std::size_t token = held_.size(); token-- > 0;) {
    free_tokens_.push_back(static_cast<std::uint32_t>(token));
  }
  stamp_offset_ = rte_mbuf_dynfield_lookup(RTE_MBUF_DYNFIELD_TIMESTAMP_NAME, nullptr);
  const int flag = rte_mbuf_dynflag_lookup(RTE_MBUF_DYNFLAG_RX_TIMESTAMP_NAME, nullptr);
  if (stamp_offset_ >= 0 && flag >= 0) {
    stamp_flag_ = std::uint64_t{1} << flag;
  }
}

dpdk_port::~dpdk_port()
{
  rte_pktmbuf_free_bulk(pending_.data() + pending_begin_,
                        static_cast<unsigned>(pending_end_ - pending_begin_));
  rte_pktmbuf_free_bulk(held_.data(), static_cast<unsigned>(held_.size())); // passes over the empty places
}

/// Some drivers round the size of a burst down to multiples of four or more, so a whole one is asked for
/// always.
bool dpdk_port::fill() noexcept
{
  if (pending_begin_ == pending_end_) {
    pending_begin_ = 0;
    pending_end_ = rte_eth_rx_burst(id_, 0, pending_.data(), max_burst);
  }
  return pending_begin_ != pending_end_;
}

/// Asking a device for its statistics may cost a system call: ten times a second.
void dpdk_port::take_loss() noexcept
{
  const std::uint64_t now = rte_get_tsc_cycles();
  if (now >= loss_due_tsc_) {
    loss_due_tsc_ = now + loss_period_tsc_;
    const std::uint64_t lost = started_->device().nof_lost();
    if (lost > lost_seen_) {
      counters_.lost.add(lost - lost_seen_);
    }
    lost_seen_ = lost;
  }
}

std::size_t dpdk_port::poll(std::span<rx_frame> out) noexcept
{
  register_poll_thread();
  take_loss();
  if (free_tokens_.empty() || out.empty() || !fill()) {
    return 0;
  }
  const std::int64_t now_ns = time_.now_ns();
  const std::size_t most = std::min(out.size(), free_tokens_.size());
  std::size_t nof = 0;
  std::uint64_t nof_bytes = 0;
  while (nof < most && pending_begin_ < pending_end_) {
    rte_mbuf* const frame = pending_[pending_begin_++];
    if (give_out(frame, now_ns, out[nof])) {
      nof_bytes += out[nof].bytes.size();
      ++nof;
    }
  }
  counters_.received.add(nof);
  counters_.received_bytes.add(nof_bytes);
  return nof;
}

/// Puts a VLAN tag back that the device (or the kernel below net_af_packet) took off: cells are told apart by
/// it.
void restore_tag(rte_mbuf& frame) noexcept
{
  constexpr std::size_t address_bytes = 12;
  constexpr std::uint16_t tag_bytes = 4;
  if ((frame.ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) == 0 || rte_pktmbuf_data_len(&frame) < address_bytes) {
    return;
  }
  char* const begin = rte_pktmbuf_prepend(&frame, tag_bytes);
  if (begin == nullptr) {
    return; // no headroom: then it counts as a frame of another VLAN
  }
  std::memmove(begin, begin + tag_bytes, address_bytes);
  const std::uint16_t tag[2] = {rte_cpu_to_be_16(0x8100), rte_cpu_to_be_16(frame.vlan_tci)};
  std::memcpy(begin + address_bytes, tag, sizeof(tag));
}

/// False: dropped and counted.
bool dpdk_port::give_out(rte_mbuf* frame, std::int64_t now_ns, rx_frame& out) noexcept
{
  out.arrival_ns = now_ns;
  if ((frame->ol_flags & stamp_flag_) != 0) {
    out.arrival_ns =
        stamps_.arrival_ns(*RTE_MBUF_DYNFIELD(frame, stamp_offset_, const rte_mbuf_timestamp_t*), now_ns);
  }
  const bool is_long = rte_pktmbuf_pkt_len(frame) > max_frame_bytes_;
  if (frame->next != nullptr) {
    frame = in_one_piece(frame);
    if (frame == nullptr) {
      counters_.lost.add();
      return false;
    }
  }
  restore_tag(*frame);
  if (is_long) {
    counters_.cut.add();
  }
  const std::uint32_t size = std::min<std::uint32_t>(rte_pktmbuf_data_len(frame), max_frame_bytes_);
  out.bytes = {rte_pktmbuf_mtod(frame, const std::byte*), size};
  out.token = free_tokens_.back();
  free_tokens_.pop_back();
  held_[out.token] = frame;
  return true;
}

/// Copies a frame that a driver spread over several buffers. Null: no buffer is free.
rte_mbuf* dpdk_port::in_one_piece(rte_mbuf* chain) noexcept
{
  const std::uint32_t size = std::min(rte_pktmbuf_pkt_len(chain), max_frame_bytes_);
  rte_mbuf* const whole = rte_pktmbuf_alloc(started_->rx_pool().get());
  if (whole != nullptr) {
    char* const to =
        rte_pktmbuf_append(whole, static_cast<std::uint16_t>(size)); // a room holds max_frame_bytes
    const void* const from = rte_pktmbuf_read(chain, 0, size, to);
    if (from != to) {
      std::memcpy(to, from, size);
    }
  }
  rte_pktmbuf_free(chain);
  return whole;
}

void dpdk_port::release(std::span<const rx_frame> frames) noexcept
{
  std::array<rte_mbuf*, max_burst> given{};
  while (!frames.empty()) {
    const std::size_t nof = std::min(frames.size(), given.size());
    for (std::size_t i = 0; i < nof; ++i) {
      const std::uint32_t token = frames[i].token;
      given[i] = held_[token];
      held_[token] = nullptr;
      free_tokens_.push_back(token);
    }
    rte_pktmbuf_free_bulk(given.data(), static_cast<unsigned>(nof));
    frames = frames.subspan(nof);
  }
}

std::size_t dpdk_port::send(std::span<const packet> frames) noexcept
{
  register_poll_thread();
  std::size_t taken = 0;
  while (!frames.empty()) {
    const std::size_t nof = std::min(frames.size(), max_burst);
    taken += send_burst(frames.first(nof));
    frames = frames.subspan(nof);
  }
  return taken;
}

std::size_t dpdk_port::send_burst(std::span<const packet> frames) noexcept
{
  std::array<rte_mbuf*, max_burst> filled{};
  std::size_t nof = 0;
  for (const packet& frame : frames) {
    rte_mbuf* const copy = frame.empty() || frame.size() > max_frame_bytes_
                               ? nullptr
                               : rte_pktmbuf_alloc(started_->tx_pool().get());
    if (copy != nullptr) {
      std::memcpy(
          rte_pktmbuf_append(copy, static_cast<std::uint16_t>(frame.size())), frame.data(), frame.size());
      filled[nof++] = copy;
    }
  }
  std::uint64_t nof_bytes = 0;
  for (std::size_t i = 0; i < nof; ++i) {
    nof_bytes += filled[i]->pkt_len; // what the device takes is no longer ours to read
  }
  const std::size_t taken = rte_eth_tx_burst(id_, 0, filled.data(), static_cast<std::uint16_t>(nof));
  for (std::size_t i = taken; i < nof; ++i) {
    nof_bytes -= filled[i]->pkt_len;
  }
  rte_pktmbuf_free_bulk(filled.data() + taken, static_cast<unsigned>(nof - taken));
  counters_.sent.add(taken);
  counters_.sent_bytes.add(nof_bytes);
  counters_.unsent.add(frames.size() - taken);
  return taken;
}

/// Few drivers have a descriptor to sleep on. Spins for the time of some frames, then naps.
bool dpdk_port::wait(std::int64_t timeout_ns) noexcept
{
  register_poll_thread();
  constexpr std::int64_t spin_ns = 10'000;
  constexpr std::int64_t nap_ns = 20'000;
  const steady_clock steady;
  const std::int64_t begin_ns = steady.now_ns();
  for (;;) {
    if (!free_tokens_.empty() && fill()) {
      return true;
    }
    take_loss();
    const std::int64_t waited_ns = steady.now_ns() - begin_ns;
    if (waited_ns >= timeout_ns) {
      return false;
    }
    if (waited_ns < spin_ns) {
      rte_pause();
    } else {
      const timespec nap{0, static_cast<long>(std::min(nap_ns, timeout_ns - waited_ns))};
      nanosleep(&nap, nullptr);
    }
  }
}

const char* text_of(device_stamps::kind found)
{
  switch (found) {
  case device_stamps::kind::utc:
    return "stamped by the device, UTC";
  case device_stamps::kind::tai:
    return "stamped by the device, TAI";
  case device_stamps::kind::capture_us:
    return "stamped by the capture, in microseconds";
  case device_stamps::kind::capture_ns:
    return "stamped by the capture";
  case device_stamps::kind::free_running:
    return "stamped at the poll (the device's clock is not set: phc2sys sets it)";
  default:
    return "stamped at the poll";
  }
}

std::string dpdk_port::describe() const
{
  return "dpdk " + started_->device().describe() + ", " + started_->device().link() + ", " +
         std::to_string(held_.size()) + " frames of " + std::to_string(max_frame_bytes_) + " B in " +
         (started_->tx_pool().is_pinned() ? "page-locked memory" : "DPDK's memory") + ", " + eal_memory() +
         ", " + text_of(stamps_.found());
}

} // namespace

result<std::unique_ptr<port>> open_dpdk_port(std::string_view text, const port_config& config)
{
  static const system_clock wall;
  auto name = parse_dpdk_name(text);
  if (!name) {
    return name.failure();
  }
  if (auto running = start_eal(name.value()); !running) {
    return running.failure();
  }
  auto started = started_device::start(name.value(), config);
  if (!started) {
    return started.failure();
  }
  return std::unique_ptr<port>(new dpdk_port(
      std::move(started.value()), config.nof_rx_frames, config.time == nullptr ? wall : *config.time));
}

bool has_dpdk() noexcept
{
  return true;
}

} // namespace pado::io
