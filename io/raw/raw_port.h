// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "io/port/open_port.h"
#include "io/port/port_name.h"
#include <memory>

namespace pado::io {

/// raw:IFACE[,filter=ecpri|all][,promisc=yes|no]: Ethernet frames of one interface (AF_PACKET).
///
/// filter=ecpri (default) lets the kernel pass over everything but ethertype 0xAEFE behind 0 to 2 VLAN tags;
/// all takes every frame that comes in. Own outgoing frames are never received. promisc=yes also takes what
/// is addressed to others, for mirror ports.
///
/// The kernel writes into a ring of nof_rx_frames places (TPACKET_V2: docs/decisions says why), from which
/// poll() copies into the port's memory, with the outer VLAN tag that the kernel took off put back. Arrival
/// times are the kernel's; lost counts what found the ring full. When the interface goes down nothing comes
/// and what is sent is unsent, until it is up again.
/// \errors no such interface, no CAP_NET_RAW, no memory for the ring. May throw std::bad_alloc
result<std::unique_ptr<port>> open_raw_port(const port_name& name, const port_config& config);

} // namespace pado::io
