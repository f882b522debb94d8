// SPDX-License-Identifier: Apache-2.0
#include "io/dpdk/eth_device.h"
#include "io/dpdk/eal.h"
#include "io/dpdk/flow_rules.h"
#include <algorithm>
#include <cerrno>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

namespace pado::io {

namespace {
constexpr std::int32_t link_header_bytes = 18; // addresses, VLAN tag, type

/// What a driver that may not do what it wants needs; its own messages name calls, not rights.
std::string missing_rights(const std::string& device, int code)
{
  if (device.rfind("net_af_packet", 0) != 0 || (code != EPERM && code != -EPERM)) {
    return "";
  }
  return "needs the capabilities CAP_NET_RAW, CAP_NET_ADMIN and CAP_IPC_LOCK: run with sudo, or once: sudo "
         "setcap cap_net_raw,cap_net_admin,cap_ipc_lock+ep PROGRAM; ";
}
} // namespace

eth_device::eth_device(std::uint16_t id, std::string name) : id_(id), name_(std::move(name)) {}

error eth_device::refusal(const std::string& what, int code) const
{
  return dpdk_error(name_,
                    what + " (" + rte_strerror(code < 0 ? -code : code) +
                        "): " + missing_rights(name_, code) + take_dpdk_messages());
}

result<std::unique_ptr<eth_device>> eth_device::attach(const dpdk_name& name)
{
  std::uint16_t id = 0;
  if (rte_eth_dev_get_port_by_name(name.device.c_str(), &id) == 0) {
    return dpdk_error(name.device, "is open already in this process");
  }
  take_dpdk_messages(); // of an earlier device
  const int outcome = rte_dev_probe(name.devargs().c_str());
  if (outcome != 0 || rte_eth_dev_get_port_by_name(name.device.c_str(), &id) != 0) {
    return dpdk_error(name.device,
                      "cannot be attached (" + std::string(rte_strerror(outcome < 0 ? -outcome : ENODEV)) +
                          "): " + missing_rights(name.device, outcome) + take_dpdk_messages());
  }
  return adopt(id, name.device);
}

result<std::unique_ptr<eth_device>> eth_device::adopt(std::uint16_t id, std::string name)
{
  std::unique_ptr<eth_device> adopted(new eth_device(id, std::move(name)));
  rte_eth_dev_info info{};
  if (const int outcome = rte_eth_dev_info_get(id, &info); outcome != 0) {
    return adopted->refusal("does not tell what it is", outcome);
  }
  adopted->device_ = info.device;
  adopted->driver_ = info.driver_name;
  adopted->has_stamps_ = (info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_TIMESTAMP) != 0;
  return adopted;
}

result<nothing> eth_device::configure(const eth_settings& settings)
{
  rte_eth_dev_info info{};
  if (const int outcome = rte_eth_dev_info_get(id_, &info); outcome != 0) {
    return refusal("does not tell its limits", outcome);
  }
  rte_eth_conf config{};
  config.rxmode.offloads = info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_TIMESTAMP;
  const std::int32_t longest = info.max_mtu == 0 ? 1500 : info.max_mtu;
  const std::int32_t mtu = std::min(settings.max_frame_bytes - link_header_bytes, longest);
  config.rxmode.mtu = static_cast<std::uint32_t>(mtu);
  if (rte_eth_dev_configure(id_, 1, 1, &config) == 0) {
    mtu_ = mtu;
    return nothing{};
  }
  // af_packet, tap and memif refuse every MTU but their own, and pass longer frames all the same.
  take_dpdk_messages();
  config.rxmode.mtu = 0;
  if (const int outcome = rte_eth_dev_configure(id_, 1, 1, &config); outcome != 0) {
    return refusal("refuses one queue each way", outcome);
  }
  return nothing{};
}

result<nothing> eth_device::start(rte_mempool* rx, eth_settings& settings)
{
  if (settings.is_only_ecpri) {
    if (const int outcome = isolate_flows(id_); outcome != 0) {
      return refusal("only=ecpri: the driver cannot leave other frames to the kernel, leave it out", outcome);
    }
  }
  if (auto configured = configure(settings); !configured) {
    return configured;
  }
  int outcome =
      rte_eth_dev_adjust_nb_rx_tx_desc(id_, &settings.nof_rx_descriptors, &settings.nof_tx_descriptors);
  if (outcome != 0) {
    return refusal("does not tell its queue sizes", outcome);
  }
  const auto socket = static_cast<unsigned>(rte_eth_dev_socket_id(id_));
  outcome = rte_eth_rx_queue_setup(id_, 0, settings.nof_rx_descriptors, socket, nullptr, rx);
  if (outcome != 0) {
    return refusal("refuses the receive queue", outcome);
  }
  outcome = rte_eth_tx_queue_setup(id_, 0, settings.nof_tx_descriptors, socket, nullptr);
  if (outcome != 0) {
    return refusal("refuses the send queue", outcome);
  }
  outcome = rte_eth_dev_start(id_);
  if (outcome != 0) {
    return refusal("does not start", outcome);
  }
  if (settings.is_only_ecpri) {
    auto rules = add_ecpri_rules(id_);
    if (!rules) {
      return dpdk_error(name_, "only=ecpri: " + rules.failure().text());
    }
    mode_ = rules.value();
  } else {
    // An RU may send to any address of the DU's; a mirror port to none of them.
    mode_ = rte_eth_promiscuous_enable(id_) == 0 ? "promiscuous" : "own addresses only";
  }
  return nothing{};
}

void eth_device::stop() noexcept
{
  if (is_open_) {
    is_open_ = false;
    rte_eth_dev_stop(id_);
    rte_eth_dev_close(id_);
  }
}

eth_device::~eth_device()
{
  stop();
  if (device_ != nullptr) {
    rte_dev_remove(device_);
  }
}

std::uint64_t eth_device::nof_lost() const noexcept
{
  rte_eth_stats stats{};
  if (rte_eth_stats_get(id_, &stats) != 0) {
    return 0;
  }
  return stats.imissed + stats.ierrors + stats.rx_nombuf;
}

std::string eth_device::describe() const
{
  return name_ + " (driver " + driver_ + ", " +
         (mtu_ == 0 ? "MTU left to the driver" : "MTU " + std::to_string(mtu_)) + ", " + mode_ + ")";
}

std::string eth_device::link() const
{
  rte_eth_link link{};
  if (rte_eth_link_get_nowait(id_, &link) != 0) {
    return "link unknown";
  }
  if (link.link_status != RTE_ETH_LINK_UP) {
    return "link down";
  }
  return link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN
             ? "link up"
             : "link up, " + std::to_string(link.link_speed / 1000) + " Gbit/s";
}

} // namespace pado::io
