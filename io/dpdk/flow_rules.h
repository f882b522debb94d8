// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstdint>
#include <string>

namespace pado::io {

/// Leaves all frames to the kernel that no rule takes; before the device is configured.
/// \returns 0, or DPDK's negative number
int isolate_flows(std::uint16_t device) noexcept;

/// Rules that bring eCPRI frames, with a VLAN tag and without, to queue 0 of a started device. Each is asked
/// for before it is made. \returns what was accepted: "eCPRI, eCPRI in a VLAN" \errors  none was accepted:
/// what the driver said
result<std::string> add_ecpri_rules(std::uint16_t device);

} // namespace pado::io
