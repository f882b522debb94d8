// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/counter.h"
#include "io/ecpri/wire.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace pado::io {

/// What the bytes of a frame begin with.
enum class framing : std::uint8_t {
  ethernet, ///< destination address; no FCS
  ecpri_pdu ///< the eCPRI common header: link headers were taken off by a socket
};

/// A received frame. Its bytes lie in the port's memory until release().
struct rx_frame {
  packet bytes;
  std::int64_t arrival_ns = 0; ///< system clock (UTC since 1970), or the clock of a capture
  std::uint32_t token = 0;     ///< the port's own
};

/// Everything counted by one port. Written by the thread that polls and sends, readable by any.
struct port_counters {
  counter received, received_bytes; ///< frames given out by poll()
  counter cut;                      ///< of those: longer than the memory of one frame, and shortened
  counter lost;             ///< frames that kernel or device dropped for lack of room, as far as they tell
  counter sent, sent_bytes; ///< frames that kernel or device took
  counter unsent;           ///< frames given to send() that the link did not take
};

/// A way for frames in and out. One thread polls, releases and sends; counters may be read by any.
///
/// One virtual call moves a burst; 32 to 64 frames are a good size.
class port {
public:
  static constexpr std::size_t max_burst = 64;

  port() = default;
  port(const port&) = delete;
  port& operator=(const port&) = delete;
  virtual ~port() = default;

  virtual framing form() const noexcept = 0;

  /// Frames that are there, without waiting: 0..out.size(). Frames may be held over later polls; a port gives
  /// none while all its memory is held.
  virtual std::size_t poll(std::span<rx_frame> out) noexcept = 0;
  /// Gives frames back, in any order, each once.
  virtual void release(std::span<const rx_frame> frames) noexcept = 0;

  /// Sends frames in order. What the link has no room for is not sent and counted: a slot's packets must not
  /// wait. Returns how many were taken.
  virtual std::size_t send(std::span<const packet> frames) noexcept = 0;

  /// Sleeps until a frame may be there, or the time is over. False: the time is over.
  virtual bool wait(std::int64_t timeout_ns) noexcept = 0;

  /// No frame comes any more: a capture was read to its end. Live ports never end.
  virtual bool has_ended() const noexcept { return false; }

  virtual const port_counters& counters() const noexcept = 0;
  /// One line for people: what it is, and what it found (queue sizes, time stamps, driver).
  virtual std::string describe() const = 0;
};

} // namespace pado::io
