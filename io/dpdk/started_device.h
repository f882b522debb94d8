// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/dpdk/dpdk_name.h"
#include "io/dpdk/eth_device.h"
#include "io/dpdk/mbuf_pool.h"
#include "io/dpdk/ring_pair.h"
#include "io/port/open_port.h"
#include <memory>
#include <optional>

namespace pado::io {

/// A running device with the memory of its frames. Everything goes in the right order at the end: the device
/// stops, memory is unmapped, the device is removed, memory is freed.
class started_device {
public:
  static result<std::unique_ptr<started_device>> start(const dpdk_name& name, const port_config& config);
  ~started_device();
  started_device(const started_device&) = delete;
  started_device& operator=(const started_device&) = delete;

  eth_device& device() const noexcept { return ring_ ? *ring_->device : *device_; }
  /// Frames that we make; frames that a device receives.
  mbuf_pool& tx_pool() const noexcept { return ring_ ? ring_->pool() : *tx_pool_; }
  mbuf_pool& rx_pool() const noexcept { return ring_ ? ring_->pool() : *rx_pool_; }
  std::int32_t max_frame_bytes() const noexcept { return max_frame_bytes_; }

private:
  started_device() = default;
  result<nothing> start_ring_end(const dpdk_name& name, const port_config& config);
  result<nothing> start_device(const dpdk_name& name, const port_config& config);
  result<nothing> make_pools(const port_config& config, const eth_settings& settings);

  std::int32_t max_frame_bytes_ = 0;
  std::unique_ptr<mbuf_pool> rx_pool_; ///< both are none at an end of a ring pair
  std::unique_ptr<mbuf_pool> tx_pool_;
  std::unique_ptr<eth_device> device_;
  std::optional<ring_pair::end> ring_;
};

} // namespace pado::io
