// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "io/dpdk/dpdk_name.h"
#include <string>

namespace pado::io {

/// Starts DPDK's environment, once per process; later calls return what the first one got.
///
/// It is started on a thread that then ends: rte_eal_init pins the thread that calls it, and threads made
/// later inherit that.
///
/// \errors what DPDK said; arguments that differ from those of the first call
result<nothing> start_eal(const dpdk_name& name);

/// What DPDK logged since the last call: the reason of an error that it returns as a number. DPDK prints
/// nothing itself.
std::string take_dpdk_messages();

/// Gives the calling thread its own cache of packet buffers, until it ends. Cheap when it has one.
void register_poll_thread() noexcept;

/// "hugepages" or "no hugepages".
const char* eal_memory() noexcept;

} // namespace pado::io
