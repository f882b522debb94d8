// SPDX-License-Identifier: Apache-2.0
#include "io/dpdk/started_device.h"
#include <algorithm>
#include <utility>

namespace pado::io {

result<nothing> started_device::start_ring_end(const dpdk_name& name, const port_config& config)
{
  auto end = ring_pair::open(name.device, config);
  if (!end) {
    return end.failure();
  }
  ring_ = std::move(end.value());
  max_frame_bytes_ = std::min(config.max_frame_bytes, ring_->pair->max_frame_bytes());
  eth_settings settings;
  settings.max_frame_bytes = max_frame_bytes_;
  return ring_->device->start(ring_->pool().get(), settings);
}

result<nothing> started_device::make_pools(const port_config& config, const eth_settings& settings)
{
  constexpr std::int32_t in_caches = 512; // freed buffers that wait in the cache of the polling thread
  const std::int32_t nof_rx = config.nof_rx_frames + settings.nof_rx_descriptors + in_caches;
  const std::int32_t nof_tx = settings.nof_tx_descriptors + in_caches;
  for (const auto& [pool, nof] : {std::pair{&rx_pool_, nof_rx}, std::pair{&tx_pool_, nof_tx}}) {
    auto made = mbuf_pool::create(nof, frame_room_bytes(config.max_frame_bytes));
    if (!made) {
      return made.failure();
    }
    *pool = std::move(made.value());
    if (auto mapped = (*pool)->map_for(device_->device()); !mapped) {
      return mapped;
    }
  }
  return nothing{};
}

result<nothing> started_device::start_device(const dpdk_name& name, const port_config& config)
{
  max_frame_bytes_ = config.max_frame_bytes;
  auto completed = complete_arguments(name, config.max_frame_bytes, config.nof_rx_frames);
  if (!completed) {
    return completed.failure();
  }
  auto attached = eth_device::attach(completed.value());
  if (!attached) {
    return attached.failure();
  }
  device_ = std::move(attached.value());
  eth_settings settings;
  settings.max_frame_bytes = config.max_frame_bytes;
  settings.is_only_ecpri = name.is_only_ecpri;
  if (auto made = make_pools(config, settings); !made) {
    return made;
  }
  return device_->start(rx_pool_->get(), settings);
}

result<std::unique_ptr<started_device>> started_device::start(const dpdk_name& name,
                                                              const port_config& config)
{
  std::unique_ptr<started_device> made(new started_device);
  auto running =
      name.is_driver("net_ring") ? made->start_ring_end(name, config) : made->start_device(name, config);
  if (!running) {
    return running.failure();
  }
  return made;
}

started_device::~started_device()
{
  if (ring_) {
    ring_->leave();
    return;
  }
  if (device_ == nullptr) {
    return;
  }
  device_->stop();
  for (mbuf_pool* pool : {rx_pool_.get(), tx_pool_.get()}) {
    if (pool != nullptr) {
      pool->unmap();
    }
  }
  device_.reset();
}

} // namespace pado::io
