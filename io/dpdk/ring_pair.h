// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "io/dpdk/eth_device.h"
#include "io/dpdk/mbuf_pool.h"
#include "io/port/open_port.h"
#include <array>
#include <cstdint>
#include <memory>
#include <string>

struct rte_ring;

namespace pado::io {

/// Two Ethernet devices of DPDK's net_ring on two rings crosswise: what one end sends the other receives, in
/// place. The memory outlives the end that closes first, because the other may hold its frames.
class ring_pair {
public:
  /// One end, and the pair that it keeps alive.
  struct end {
    std::shared_ptr<ring_pair> pair;
    int side = 0;
    std::unique_ptr<eth_device> device;

    mbuf_pool& pool() const { return *pair->pools_[static_cast<std::size_t>(side)]; }
    void leave();
  };

  /// The end that is free. The first end of a name makes the pair with its sizes.
  /// \errors both ends are taken
  static result<end> open(const std::string& name, const port_config& config);
  ~ring_pair();
  ring_pair(const ring_pair&) = delete;
  ring_pair& operator=(const ring_pair&) = delete;

  std::int32_t max_frame_bytes() const noexcept { return max_frame_bytes_; }

private:
  ring_pair() = default;
  static result<std::shared_ptr<ring_pair>> make(const port_config& config);

  std::int32_t max_frame_bytes_ = 0;
  std::array<std::unique_ptr<mbuf_pool>, 2> pools_; ///< of the frames that this side sends
  std::array<rte_ring*, 2> rings_{};                ///< that this side receives from
  std::array<bool, 2> is_taken_{};
};

} // namespace pado::io
