// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "io/port/open_port.h"
#include "io/port/port_name.h"
#include <memory>

namespace pado::io {

/// udp:HOST:PORT[,local=HOST:PORT]: eCPRI PDUs in UDP datagrams, over IPv4 or IPv6.
///
/// HOST is a name, an IPv4 address, or an IPv6 address in brackets; as local also `any`. Datagrams are taken
/// from every sender and go to HOST:PORT. Arrival times are the kernel's, lost is what its socket buffer had
/// no room for, known when the next datagram comes. A peer that is not there costs nothing: ICMP errors are
/// not ours to see.
/// \errors the address, or what the system said. May throw std::bad_alloc
result<std::unique_ptr<port>> open_udp_port(const port_name& name, const port_config& config);

} // namespace pado::io
