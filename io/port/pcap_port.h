// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "io/port/open_port.h"
#include "io/port/port_name.h"
#include <memory>

namespace pado::io {

/// pcap:FILE[,pace=stamps|slots|free][,loop=N][,out=FILE]: a capture as if it came from a link.
///
/// pace=stamps  frames come as far apart as they were captured; arrival times are the capture's
/// pace=slots   the same, moved by whole SFN cycles (10.24 s) so that the first frame is the next to come:
///              header times and arrival times agree with the system clock
/// pace=free    frames come as fast as they are polled; arrival times are the capture's
/// loop=N       the file N times, each round whole SFN cycles later than the one before
/// out=FILE     sent frames, stamped in the clock of arrival times; without it they are unsent
///
/// Reads the file while it is polled. A file that is cut short ends there; describe() says so.
/// \errors options, or what pcap_reader and pcap_writer say. May throw std::bad_alloc
result<std::unique_ptr<port>> open_pcap_port(const port_name& name, const port_config& config);

} // namespace pado::io
