// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "io/port/port.h"
#include <cstdint>
#include <memory>
#include <string_view>

namespace pado::io {

class ring_exchange;

/// What all kinds of ports share. A port uses what it can; describe() says what it made of it.
struct port_config {
  /// 1514..16384, link headers included: longer frames are cut, or not sent.
  std::int32_t max_frame_bytes = 9216;
  /// 64..65536 held in the port or its kernel ring before frames are lost.
  std::int32_t nof_rx_frames = 8192;
  /// Stamps frames when the link does not, and paces a capture: system_clock, or a virtual one in tests.
  const clock* time = nullptr;
  /// Where ring: finds its other end. Outlives the port.
  ring_exchange* rings = nullptr;
};

/// Opens a port by its name; docs/ports.md has all options:
///
///     udp:HOST:PORT[,local=HOST:PORT]  eCPRI over UDP: sends to HOST:PORT, receives on local (any:PORT)
///     raw:IFACE[,filter=ecpri|all]     AF_PACKET ring, needs CAP_NET_RAW
///     dpdk:DEVICE                      PCI address or vdev with its arguments ("dpdk:net_ring0"); needs
///                                      libdpdk at build
///     pcap:FILE[,pace=stamps|slots|free][,loop=N][,out=FILE]
///                                      frames of a capture; sent frames go to `out`
///     ring:NAME                        one of the two ends of the in-memory port of this name, in the same
///                                      process; needs port_config::rings
///
/// \errors the scheme, its arguments, or what the system said, with what to change
result<std::unique_ptr<port>> open_port(std::string_view name, const port_config& config);

} // namespace pado::io
