// SPDX-License-Identifier: Apache-2.0
#include "io/udp/udp_port.h"
#include "io/port/descriptor.h"
#include "io/port/frame_pool.h"
#include "io/port/socket_io.h"
#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <charconv>
#include <cstring>
#include <ctime>
#include <optional>
#include <sys/socket.h>

namespace pado::io {

namespace {

using boost::asio::ip::udp;

constexpr std::int64_t max_socket_buffer_bytes = std::int64_t{64} << 20; // took a flood without loss
constexpr std::int64_t send_buffer_bytes = std::int64_t{8} << 20;        // two slots of 4 ports, 273 PRB

/// Room for a time stamp and a drop count.
struct control_room {
  alignas(
      cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(std::uint32_t))> bytes;
};

/// What the kernel says beside a datagram.
struct datagram_notes {
  std::optional<std::int64_t> arrival_ns;
  std::optional<std::uint32_t> nof_dropped; ///< by this socket since it was opened, modulo 2^32
};

datagram_notes read_notes(msghdr& header) noexcept
{
  datagram_notes notes;
  for (cmsghdr* at = CMSG_FIRSTHDR(&header); at != nullptr; at = CMSG_NXTHDR(&header, at)) {
    if (at->cmsg_level != SOL_SOCKET) {
      continue;
    }
    if (at->cmsg_type == SO_TIMESTAMPNS) {
      timespec time = {};
      std::memcpy(&time, CMSG_DATA(at), sizeof time);
      notes.arrival_ns = std::int64_t{time.tv_sec} * 1000000000 + time.tv_nsec;
    } else if (at->cmsg_type == SO_RXQ_OVFL) {
      std::uint32_t count = 0;
      std::memcpy(&count, CMSG_DATA(at), sizeof count);
      notes.nof_dropped = count;
    }
  }
  return notes;
}

struct udp_socket {
  std::unique_ptr<boost::asio::io_context> context; ///< before the socket that refers to it
  std::optional<udp::socket> socket;
  udp::endpoint peer;
};

std::string text_of(const udp::endpoint& endpoint)
{
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

class udp_port final : public port {
public:
  udp_port(const port_name& name, const port_config& config, udp_socket opened)
      : name_(name.whole), max_frame_bytes_(static_cast<std::size_t>(config.max_frame_bytes)),
        opened_(std::move(opened)), pool_(config.nof_rx_frames, config.max_frame_bytes),
        time_(config.time != nullptr ? config.time : &system_time_)
  {
    const int yes = 1;
    setsockopt(fd(), SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
    setsockopt(fd(), SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof yes);
    const std::int64_t wanted = std::int64_t{config.nof_rx_frames} * config.max_frame_bytes;
    buffers_ = grow_buffers(fd(), std::min(wanted, max_socket_buffer_bytes), send_buffer_bytes);
  }

  framing form() const noexcept override { return framing::ecpri_pdu; }

  std::size_t poll(std::span<rx_frame> out) noexcept override
  {
    prepare(std::min(out.size(), max_burst));
    if (nof_prepared_ == 0) {
      return 0;
    }
    const auto nof_asked = static_cast<unsigned>(std::min(out.size(), nof_prepared_));
    const int got = recvmmsg(fd(), messages_.data(), nof_asked, MSG_DONTWAIT, nullptr);
    if (got <= 0) {
      return 0;
    }
    const auto nof_received = static_cast<std::size_t>(got);
    for (std::size_t i = 0; i < nof_received; ++i) {
      out[i] = take(i);
    }
    // The elements that got nothing move to the front for the next call.
    nof_prepared_ -= nof_received;
    std::copy_n(tokens_.begin() + static_cast<std::ptrdiff_t>(nof_received), nof_prepared_, tokens_.begin());
    for (std::size_t i = 0; i < nof_prepared_; ++i) {
      parts_[i].iov_base = pool_[tokens_[i]].data();
    }
    return nof_received;
  }

  void release(std::span<const rx_frame> frames) noexcept override
  {
    for (const rx_frame& frame : frames) {
      pool_.release(frame.token);
    }
  }

  std::size_t send(std::span<const packet> frames) noexcept override
  {
    const auto size = static_cast<std::uint32_t>(opened_.peer.size());
    return send_burst({fd(), max_frame_bytes_, opened_.peer.data(), size}, frames, counters_);
  }

  bool wait(std::int64_t timeout_ns) noexcept override { return wait_readable(fd(), timeout_ns); }

  const port_counters& counters() const noexcept override { return counters_; }

  std::string describe() const override
  {
    boost::system::error_code ignored;
    const udp::endpoint local = opened_.socket->local_endpoint(ignored);
    return name_ + ": UDP to " + text_of(opened_.peer) + ", received on " + text_of(local) +
           ", kernel time stamps, " + buffers_.text();
  }

private:
  int fd() const noexcept { return opened_.socket->native_handle(); }

  /// Elements for the next datagrams, as far as the pool has some.
  void prepare(std::size_t nof_wanted) noexcept
  {
    for (; nof_prepared_ < nof_wanted; ++nof_prepared_) {
      const std::uint32_t token = pool_.acquire();
      if (token == frame_pool::none) {
        break;
      }
      tokens_[nof_prepared_] = token;
      parts_[nof_prepared_] = {pool_[token].data(), max_frame_bytes_};
    }
    for (std::size_t i = 0; i < nof_prepared_; ++i) {
      msghdr& header = messages_[i].msg_hdr;
      header = {};
      header.msg_iov = &parts_[i];
      header.msg_iovlen = 1;
      header.msg_control = controls_[i].bytes.data();
      header.msg_controllen = controls_[i].bytes.size();
    }
  }

  rx_frame take(std::size_t i) noexcept
  {
    const datagram_notes notes = read_notes(messages_[i].msg_hdr);
    if (notes.nof_dropped) {
      counters_.lost.add(*notes.nof_dropped - nof_dropped_); // modulo 2^32, as the kernel counts
      nof_dropped_ = *notes.nof_dropped;
    }
    const std::size_t length = messages_[i].msg_len;
    counters_.received.add();
    counters_.received_bytes.add(length);
    counters_.cut.add((messages_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0 ? 1 : 0);
    const std::int64_t arrival_ns = notes.arrival_ns ? *notes.arrival_ns : time_->now_ns();
    return {pool_[tokens_[i]].first(length), arrival_ns, tokens_[i]};
  }

  std::string name_;
  std::size_t max_frame_bytes_;
  mutable udp_socket opened_; ///< Asio's native_handle() is not const
  socket_buffers buffers_;
  frame_pool pool_;
  std::size_t nof_prepared_ = 0; ///< elements in tokens_ that wait for datagrams
  std::array<std::uint32_t, max_burst> tokens_{};
  std::array<iovec, max_burst> parts_{};
  std::array<mmsghdr, max_burst> messages_{};
  std::array<control_room, max_burst> controls_{};
  std::uint32_t nof_dropped_ = 0;
  system_clock system_time_;
  const clock* time_;
  port_counters counters_;
};

struct host_port {
  std::string host;
  std::string port;
};

/// "192.168.1.20:4991", "ru.lab:4991", "[fe80::1%eth0]:4991".
std::optional<host_port> split(std::string_view text)
{
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return std::nullopt;
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.front() == '[' && host.back() == ']' && host.size() > 2) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt; // an IPv6 address whose last part cannot be told from a port
  }
  int number = 0;
  const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (failed != std::errc{} || end != port.data() + port.size() || number < 1 || number > 65535) {
    return std::nullopt;
  }
  return host_port{std::string(host), std::string(port)};
}

result<udp::endpoint> resolve(const port_name& name, boost::asio::io_context& context, const host_port& at)
{
  boost::system::error_code failed;
  udp::resolver resolver(context);
  const auto found = resolver.resolve(at.host, at.port, failed);
  if (failed || found.empty()) {
    return name.wrong("has the host '" + at.host + "', which is not found: " + failed.message());
  }
  return found.begin()->endpoint();
}

result<udp::endpoint>
local_endpoint_of(const port_name& name, boost::asio::io_context& context, const udp::endpoint& peer)
{
  const auto text = name.value_of("local");
  if (!text) {
    return udp::endpoint(peer.protocol(), peer.port());
  }
  const auto at = split(*text);
  if (!at) {
    return name.wrong("has local=" + std::string(*text) +
                      ", must be HOST:PORT with a port in 1..65535, for example local=any:4991");
  }
  if (at->host == "any") {
    return udp::endpoint(peer.protocol(), static_cast<std::uint16_t>(std::stoi(at->port)));
  }
  auto local = resolve(name, context, *at);
  if (local && local.value().protocol() != peer.protocol()) {
    return name.wrong("mixes IPv4 and IPv6: " + text_of(peer) + " cannot be reached from " +
                      text_of(local.value()));
  }
  return local;
}

} // namespace

result<std::unique_ptr<port>> open_udp_port(const port_name& name, const port_config& config)
{
  if (const auto checked = check_options(name, {"local"}); !checked) {
    return checked.failure();
  }
  const auto at = split(name.target);
  if (!at) {
    return name.wrong("must be udp:HOST:PORT with a port in 1..65535 and an IPv6 address in brackets, for "
                      "example udp:192.168.1.20:4991 or udp:[fd00::20]:4991");
  }
  udp_socket opened;
  opened.context = std::make_unique<boost::asio::io_context>();
  const auto peer = resolve(name, *opened.context, *at);
  if (!peer) {
    return peer.failure();
  }
  opened.peer = peer.value();
  const auto local = local_endpoint_of(name, *opened.context, opened.peer);
  if (!local) {
    return local.failure();
  }
  boost::system::error_code failed;
  opened.socket.emplace(*opened.context);
  opened.socket->open(opened.peer.protocol(), failed);
  if (failed) {
    return name.wrong("got no socket: " + failed.message());
  }
  opened.socket->bind(local.value(), failed);
  if (failed) {
    return name.wrong("cannot receive on " + text_of(local.value()) + ": " + failed.message() +
                      ". Name an address of this machine and a free port with local=HOST:PORT");
  }
  return std::unique_ptr<port>(std::make_unique<udp_port>(name, config, std::move(opened)));
}

} // namespace pado::io
