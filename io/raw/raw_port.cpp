// SPDX-License-Identifier: Apache-2.0
#include "io/raw/raw_port.h"
#include "core/errno_text.h"
#include "core/nearest.h"
#include "io/port/frame_pool.h"
#include "io/port/socket_io.h"
#include "io/raw/packet_ring.h"
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace pado::io {

namespace {

constexpr std::int64_t send_buffer_bytes = std::int64_t{8} << 20; // two slots of 4 ports, 273 PRB
constexpr std::size_t addresses_bytes = 12;
constexpr std::size_t tag_bytes = 4;

class raw_port final : public port {
public:
  raw_port(const port_name& name, const port_config& config, packet_ring ring, int mtu_bytes)
      : name_(name.whole), max_frame_bytes_(static_cast<std::size_t>(config.max_frame_bytes)),
        mtu_bytes_(mtu_bytes), ring_(std::move(ring)), pool_(config.nof_rx_frames, config.max_frame_bytes)
  {
    buffers_ = grow_buffers(ring_.socket(), 0, send_buffer_bytes);
  }

  framing form() const noexcept override { return framing::ethernet; }

  std::size_t poll(std::span<rx_frame> out) noexcept override
  {
    std::size_t n = 0;
    bool is_losing = false;
    while (n < out.size() && pool_.nof_free() > 0 && ring_.has_frame()) {
      const packet_ring::frame frame = ring_.front();
      is_losing = is_losing || frame.is_losing;
      out[n++] = take(frame);
      ring_.pop();
    }
    if (is_losing) {
      counters_.lost.add(ring_.nof_lost());
    }
    return n;
  }

  void release(std::span<const rx_frame> frames) noexcept override
  {
    for (const rx_frame& frame : frames) {
      pool_.release(frame.token);
    }
  }

  std::size_t send(std::span<const packet> frames) noexcept override
  {
    return send_burst({ring_.socket(), max_frame_bytes_}, frames, counters_);
  }

  bool wait(std::int64_t timeout_ns) noexcept override
  {
    if (ring_.has_frame()) {
      return true;
    }
    // Frames lost at the end of a flood are not announced by a later one.
    counters_.lost.add(ring_.nof_lost());
    return wait_readable(ring_.socket(), timeout_ns);
  }

  const port_counters& counters() const noexcept override { return counters_; }

  std::string describe() const override
  {
    std::string text = name_ + ": packet ring of " + std::to_string(ring_.nof_frames()) + " frames of " +
                       std::to_string(max_frame_bytes_) + " bytes, kernel time stamps, MTU " +
                       std::to_string(mtu_bytes_) + ", " + buffers_.text();
    return text;
  }

private:
  /// Copies a frame out of the ring and puts its outer VLAN tag back.
  rx_frame take(const packet_ring::frame& frame) noexcept
  {
    const std::uint32_t token = pool_.acquire();
    const std::span<std::byte> room = pool_[token].first(max_frame_bytes_);
    const bool is_tagged = frame.vlan && frame.bytes.size() >= addresses_bytes;
    const std::size_t nof_tag_bytes = is_tagged ? tag_bytes : 0;
    const std::size_t head = is_tagged ? addresses_bytes : 0;
    const std::size_t length = std::min(frame.bytes.size() + nof_tag_bytes, room.size());
    std::memcpy(room.data(), frame.bytes.data(), head);
    if (is_tagged) {
      store_be16(room, addresses_bytes, frame.vlan->type);
      store_be16(room, addresses_bytes + 2, frame.vlan->control);
    }
    std::memcpy(room.data() + head + nof_tag_bytes, frame.bytes.data() + head, length - head - nof_tag_bytes);
    counters_.received.add();
    counters_.received_bytes.add(length);
    counters_.cut.add(length < frame.length + nof_tag_bytes ? 1 : 0);
    return {room.first(length), frame.arrival_ns, token};
  }

  std::string name_;
  std::size_t max_frame_bytes_;
  int mtu_bytes_;
  packet_ring ring_;
  socket_buffers buffers_;
  frame_pool pool_;
  port_counters counters_;
};

result<int> interface_of(const port_name& name)
{
  const unsigned index = if_nametoindex(name.target.c_str());
  if (index != 0) {
    return static_cast<int>(index);
  }
  std::vector<std::string> known;
  if (struct if_nameindex* all = if_nameindex(); all != nullptr) {
    for (const struct if_nameindex* one = all; one->if_index != 0; ++one) {
      known.emplace_back(one->if_name);
    }
    if_freenameindex(all);
  }
  return name.wrong("has the interface '" + name.target + "', which is not there. " +
                    suggestion(name.target, known));
}

/// The value of an option that has two.
result<bool> is_second(const port_name& name, std::string_view key, const char* first, const char* second)
{
  const auto text = name.value_of(key);
  if (text && *text != first && *text != second) {
    return name.wrong("has " + std::string(key) + "=" + std::string(*text) + ", must be " + first + " or " +
                      second);
  }
  return text && *text == second;
}

int mtu_of(int socket, const std::string& interface) noexcept
{
  ifreq request = {};
  std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  return ioctl(socket, SIOCGIFMTU, &request) == 0 ? request.ifr_mtu : 0;
}

} // namespace

result<std::unique_ptr<port>> open_raw_port(const port_name& name, const port_config& config)
{
  if (const auto checked = check_options(name, {"filter", "promisc"}); !checked) {
    return checked.failure();
  }
  const auto takes_all = is_second(name, "filter", "ecpri", "all");
  const auto is_promiscuous = is_second(name, "promisc", "no", "yes");
  if (!takes_all || !is_promiscuous) {
    return !takes_all ? takes_all.failure() : is_promiscuous.failure();
  }
  const auto interface = interface_of(name);
  if (!interface) {
    return interface.failure();
  }
  const auto filter = takes_all.value() ? packet_filter::all : packet_filter::ecpri;
  auto ring = packet_ring::open(name, interface.value(), filter, config);
  if (!ring) {
    return ring.failure();
  }
  if (is_promiscuous.value()) {
    packet_mreq membership = {};
    membership.mr_ifindex = interface.value();
    membership.mr_type = PACKET_MR_PROMISC;
    if (setsockopt(
            ring.value().socket(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) != 0) {
      return name.wrong(std::string("cannot be promiscuous: ") + errno_text(errno));
    }
  }
  const int mtu_bytes = mtu_of(ring.value().socket(), name.target);
  return std::unique_ptr<port>(std::make_unique<raw_port>(name, config, std::move(ring).value(), mtu_bytes));
}

} // namespace pado::io
