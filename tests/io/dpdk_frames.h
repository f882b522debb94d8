// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/dpdk/dpdk_port.h"
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <doctest/doctest.h>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace pado::test {

/// True in a build without DPDK, and said.
inline bool is_without_dpdk()
{
  if (!io::has_dpdk()) {
    MESSAGE("skipped: this build has no DPDK");
  }
  return !io::has_dpdk();
}

/// Memory for tests: small, so that many ports are opened quickly.
inline io::port_config small_port()
{
  io::port_config config;
  config.nof_rx_frames = 256;
  return config;
}

inline std::unique_ptr<io::port> must_open(const std::string& name,
                                           const io::port_config& config = small_port())
{
  auto opened = io::open_port("dpdk:" + name, config);
  INFO(name);
  REQUIRE_MESSAGE(opened, (opened ? std::string() : opened.failure().text()));
  return std::move(opened.value());
}

/// Random bytes of these lengths, with the number of the frame behind its Ethernet header.
inline std::vector<std::vector<std::byte>> make_frames(const std::vector<std::size_t>& lengths)
{
  std::mt19937 random(20261124);
  std::vector<std::vector<std::byte>> frames;
  for (const std::size_t length : lengths) {
    std::vector<std::byte>& frame = frames.emplace_back(length);
    for (std::byte& value : frame) {
      value = static_cast<std::byte>(random());
    }
    frame[0] = std::byte{0x02}; // a unicast address of nobody's
    frame[12] = std::byte{0xAE};
    frame[13] = std::byte{0xFE};
    for (std::size_t i = 0; i < 4; ++i) {
      frame[14 + i] = static_cast<std::byte>((frames.size() - 1) >> (24 - 8 * i));
    }
  }
  return frames;
}

inline std::vector<io::packet> as_packets(const std::vector<std::vector<std::byte>>& frames)
{
  return {frames.begin(), frames.end()};
}

/// What arrives until nothing has come for a while, copied; all is released at once.
inline std::vector<std::vector<std::byte>> receive_all(io::port& from, std::int64_t quiet_ns = 20'000'000)
{
  std::vector<std::vector<std::byte>> frames;
  std::vector<io::rx_frame> burst(io::port::max_burst);
  while (from.wait(quiet_ns)) {
    const std::size_t nof = from.poll(burst);
    for (std::size_t i = 0; i < nof; ++i) {
      frames.emplace_back(burst[i].bytes.begin(), burst[i].bytes.end());
    }
    from.release({burst.data(), nof});
  }
  return frames;
}

} // namespace pado::test
