// SPDX-License-Identifier: Apache-2.0
#include "io/port/open_port.h"
#include "core/nearest.h"
#include "io/dpdk/dpdk_port.h"
#include "io/port/pcap_port.h"
#include "io/port/port_name.h"
#include "io/port/ring_port.h"
#include "io/raw/raw_port.h"
#include "io/udp/udp_port.h"
#include <string>
#include <vector>

namespace pado::io {

namespace {

result<nothing> check(const port_config& config)
{
  if (config.max_frame_bytes < 1514 || config.max_frame_bytes > 16384) {
    return error{"port_config.max_frame_bytes",
                 "is " + std::to_string(config.max_frame_bytes) + ", must be in 1514..16384"};
  }
  if (config.nof_rx_frames < 64 || config.nof_rx_frames > 65536) {
    return error{"port_config.nof_rx_frames",
                 "is " + std::to_string(config.nof_rx_frames) + ", must be in 64..65536"};
  }
  return nothing{};
}

result<std::unique_ptr<port>> open_ring_port(const port_name& name, const port_config& config)
{
  if (const auto checked = check_options(name, {}); !checked) {
    return checked.failure();
  }
  if (config.rings == nullptr) {
    return name.wrong("has no other end here: in-memory ports connect two parts of one process");
  }
  return config.rings->open(name.target, config);
}

struct scheme {
  const char* name;
  result<std::unique_ptr<port>> (*open)(const port_name& name, const port_config& config);
};
constexpr scheme schemes[] = {
    // NOLINT(modernize-avoid-c-arrays)
    {"udp", open_udp_port},
    {"raw", open_raw_port},
    {"pcap", open_pcap_port},
    {"ring", open_ring_port},
};

} // namespace

result<std::unique_ptr<port>> open_port(std::string_view name, const port_config& config)
{
  if (const auto checked = check(config); !checked) {
    return checked.failure();
  }
  constexpr std::string_view dpdk = "dpdk:";
  if (name.substr(0, dpdk.size()) == dpdk) {
    return open_dpdk_port(name.substr(dpdk.size()), config); // drivers have their own ways with commas
  }
  const auto parsed = parse_port_name(name);
  if (!parsed) {
    return parsed.failure();
  }
  std::vector<std::string> known{"dpdk"};
  for (const scheme& one : schemes) {
    if (parsed.value().scheme == one.name) {
      return one.open(parsed.value(), config);
    }
    known.emplace_back(one.name);
  }
  return parsed.value().wrong("has the unknown scheme '" + parsed.value().scheme + "'. " +
                              suggestion(parsed.value().scheme, known));
}

} // namespace pado::io
