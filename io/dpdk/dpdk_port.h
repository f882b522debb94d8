// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "io/port/open_port.h"
#include <memory>
#include <string_view>

namespace pado::io {

/// Opens a port over DPDK; docs/ports.md has recipes. A name is
///
///   DEVICE[,KEY=VALUE...][,only=ecpri][ -- EAL ARGUMENTS]
///
///   0000:17:00.0                      a PCI address, with the driver's own arguments
///   net_af_packet0,iface=eth0         a device in software, with the driver's own arguments; what jumbo
///   frames
///                                     need (framesz, blocksz, framecnt; bsize of net_memif) is filled in
///   net_ring0                         a pair inside this process: who opens the name first has one end, the
///                                     next the other
///   only=ecpri                        other frames stay with the kernel, where the driver can isolate flows
///   -- EAL ARGUMENTS                  of the first port of the process; ours of the same kind are left out
///
/// The first port starts DPDK in this process, on a thread of its own: threads of the caller keep their CPUs.
/// Frames lie in page-locked memory that a GPU reads in place.
///
/// \param config  its limits were checked by open_port()
/// \errors the name, a device that is not there, what the driver said; a build without libdpdk says so
result<std::unique_ptr<port>> open_dpdk_port(std::string_view name, const port_config& config);

/// Whether this build has DPDK.
bool has_dpdk() noexcept;

} // namespace pado::io
