// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "io/dpdk/dpdk_name.h"
#include <cstdint>
#include <memory>
#include <string>

struct rte_device;
struct rte_mempool;

namespace pado::io {

/// What a device is started with: one queue each way.
struct eth_settings {
  std::int32_t max_frame_bytes = 0;
  std::uint16_t nof_rx_descriptors = 1024; ///< both are what was asked, then what the driver takes
  std::uint16_t nof_tx_descriptors = 1024;
  bool is_only_ecpri = false;
};

/// An Ethernet device of DPDK: attached, started, stopped, removed.
class eth_device {
public:
  /// Attaches a device by its name and arguments.
  static result<std::unique_ptr<eth_device>> attach(const dpdk_name& name);
  /// Takes over one that is there already.
  static result<std::unique_ptr<eth_device>> adopt(std::uint16_t id, std::string name);
  ~eth_device();
  eth_device(const eth_device&) = delete;
  eth_device& operator=(const eth_device&) = delete;

  /// Configures and starts it. rx: where frames go.
  result<nothing> start(rte_mempool* rx, eth_settings& settings);
  /// No packet buffer is in use afterwards.
  void stop() noexcept;

  std::uint16_t id() const noexcept { return id_; }
  rte_device* device() const noexcept { return device_; }
  const std::string& driver() const noexcept { return driver_; }
  /// Whether the driver says that it stamps frames.
  bool has_stamps() const noexcept { return has_stamps_; }
  /// Frames that the device took from the link and did not give out, since it was started.
  std::uint64_t nof_lost() const noexcept;
  /// "net_af_packet0 (driver net_af_packet, MTU left to the driver, promiscuous)"
  std::string describe() const;
  /// "link up, 25 Gbit/s"
  std::string link() const;

private:
  eth_device(std::uint16_t id, std::string name);
  result<nothing> configure(const eth_settings& settings);
  error refusal(const std::string& what, int code) const;

  std::uint16_t id_;
  std::string name_;
  std::string driver_;
  std::string mode_; ///< of reception, for describe()
  rte_device* device_ = nullptr;
  std::int32_t mtu_ = 0; ///< 0: the driver would not have one set
  bool has_stamps_ = false;
  bool is_open_ = true;
};

} // namespace pado::io
