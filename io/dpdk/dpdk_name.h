// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pado::io {

/// The parts of a name that open_dpdk_port() takes.
struct dpdk_name {
  std::string device;           ///< "net_pcap0", "0000:17:00.0"
  std::string driver_arguments; ///< "rx_pcap=a.pcap,infinite_rx=1"
  bool is_only_ecpri = false;
  std::vector<std::string> eal_arguments;

  /// What DPDK is asked to attach.
  std::string devargs() const { return driver_arguments.empty() ? device : device + "," + driver_arguments; }
  bool is_driver(std::string_view driver) const { return device.rfind(driver, 0) == 0; }
  /// A device in software: nothing reaches memory by physical addresses.
  bool is_software() const { return is_driver("net_"); }
};

/// `port "dpdk:net_ring0" <what>`
inline error dpdk_error(const std::string& device, std::string what)
{
  return {"port \"dpdk:" + device + "\"", std::move(what)};
}

/// \errors no device, an unknown value of only=, arguments for net_ring
result<dpdk_name> parse_dpdk_name(std::string_view name);

/// Bytes of one frame's memory: the frame and what af_packet puts before it, whole pages four at a time.
std::int32_t frame_room_bytes(std::int32_t max_frame_bytes) noexcept;

/// Completes the arguments of drivers whose own defaults cut or lose jumbo frames.
/// \errors a framesz of net_af_packet that is too small: it cuts frames without counting them
result<dpdk_name> complete_arguments(dpdk_name name, std::int32_t max_frame_bytes, std::int32_t nof_frames);

/// Arguments of rte_eal_init, the program's name first.
///
/// \param first            name of the port that starts DPDK; a kind of argument that it has is left out of
/// ours \param cpu              one that the process may run on \param free_huge_bytes  hugepages that nobody
/// uses
std::vector<std::string> eal_arguments(const dpdk_name& first, int cpu, std::int64_t free_huge_bytes);

} // namespace pado::io
