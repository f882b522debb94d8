// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/port/port.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace pado::io {

/// A socket to send through.
struct socket_out {
  int number = -1;
  std::size_t max_frame_bytes = 0;
  const void* address = nullptr; ///< a sockaddr; none: to where the socket is bound
  std::uint32_t address_bytes = 0;
};

/// Sends frames in order with sendmmsg and books them.
///
/// A frame that is longer than max_frame_bytes or that the system refuses for its length is passed over; when
/// there is no room, no route or no link, the rest is given up. Never waits.
std::size_t
send_burst(const socket_out& out, std::span<const packet> frames, port_counters& counters) noexcept;

/// What the system granted, in bytes as it counts them.
struct socket_buffers {
  std::int64_t wanted_rx = 0;
  std::int64_t rx = 0;
  std::int64_t tx = 0;

  /// "receive buffer 8 MiB, wanted 64 MiB: ..." for describe().
  std::string text() const;
};

/// Grows the buffers of a socket, beyond net.core.rmem_max where CAP_NET_ADMIN allows that.
socket_buffers grow_buffers(int socket, std::int64_t rx_bytes, std::int64_t tx_bytes) noexcept;

} // namespace pado::io
