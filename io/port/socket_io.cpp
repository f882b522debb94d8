// SPDX-License-Identifier: Apache-2.0
#include "io/port/socket_io.h"
#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>

namespace pado::io {

namespace {

/// The frames of one call of sendmmsg.
struct send_batch {
  std::array<mmsghdr, port::max_burst> messages;
  std::array<iovec, port::max_burst> parts;
  unsigned size = 0;

  void add(const socket_out& out, packet frame) noexcept
  {
    // The system reads only; its structures have no const.
    parts[size] = {const_cast<std::byte*>(frame.data()), frame.size()}; // NOLINT
    mmsghdr& message = messages[size];
    message = {};
    message.msg_hdr.msg_name = const_cast<void*>(out.address); // NOLINT
    message.msg_hdr.msg_namelen = out.address_bytes;
    message.msg_hdr.msg_iov = &parts[size];
    message.msg_hdr.msg_iovlen = 1;
    ++size;
  }
};

/// Whether only this one frame was refused; the next may pass.
bool concerns_one_frame(int failure) noexcept
{
  return failure == EMSGSIZE || failure == EINVAL || failure == ECONNREFUSED;
}

/// False: the link takes nothing more now.
bool send_batch_of(int socket, send_batch& batch, port_counters& counters, std::size_t& nof_taken) noexcept
{
  unsigned at = 0;
  while (at < batch.size) {
    const int got =
        sendmmsg(socket, batch.messages.data() + at, batch.size - at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (got > 0) {
      for (unsigned i = at; i < at + static_cast<unsigned>(got); ++i) {
        counters.sent_bytes.add(batch.parts[i].iov_len);
      }
      at += static_cast<unsigned>(got);
      nof_taken += static_cast<std::size_t>(got);
    } else if (concerns_one_frame(errno)) {
      ++at;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

std::int64_t buffer_of(int socket, int which) noexcept
{
  int bytes = 0;
  socklen_t size = sizeof bytes;
  return getsockopt(socket, SOL_SOCKET, which, &bytes, &size) == 0 ? bytes : 0;
}

std::int64_t grow(int socket, int forced, int plain, std::int64_t bytes) noexcept
{
  const int wanted = static_cast<int>(bytes);
  if (setsockopt(socket, SOL_SOCKET, forced, &wanted, sizeof wanted) != 0) {
    setsockopt(socket, SOL_SOCKET, plain, &wanted, sizeof wanted);
  }
  return buffer_of(socket, plain);
}

std::string mib(std::int64_t bytes)
{
  const std::int64_t tenths = bytes * 10 / (1 << 20);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MiB";
}

} // namespace

std::size_t
send_burst(const socket_out& out, std::span<const packet> frames, port_counters& counters) noexcept
{
  std::size_t nof_taken = 0;
  bool has_room = true;
  for (std::size_t at = 0; at < frames.size() && has_room; at += port::max_burst) {
    send_batch batch;
    for (const packet frame : frames.subspan(at, std::min(port::max_burst, frames.size() - at))) {
      if (!frame.empty() && frame.size() <= out.max_frame_bytes) {
        batch.add(out, frame);
      }
    }
    has_room = send_batch_of(out.number, batch, counters, nof_taken);
  }
  counters.sent.add(nof_taken);
  counters.unsent.add(frames.size() - nof_taken);
  return nof_taken;
}

std::string socket_buffers::text() const
{
  std::string text = "socket buffers " + mib(rx) + " in, " + mib(tx) + " out";
  if (rx < wanted_rx) {
    text += " (" + mib(wanted_rx) + " in wanted: raise net.core.rmem_max, or give CAP_NET_ADMIN)";
  }
  return text;
}

socket_buffers grow_buffers(int socket, std::int64_t rx_bytes, std::int64_t tx_bytes) noexcept
{
  socket_buffers granted;
  granted.wanted_rx = rx_bytes;
  granted.rx = rx_bytes > 0 ? grow(socket, SO_RCVBUFFORCE, SO_RCVBUF, rx_bytes) : 0;
  granted.tx = grow(socket, SO_SNDBUFFORCE, SO_SNDBUF, tx_bytes);
  return granted;
}

} // namespace pado::io
