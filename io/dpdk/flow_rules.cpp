// SPDX-License-Identifier: Apache-2.0
#include "io/dpdk/flow_rules.h"
#include <array>
#include <rte_byteorder.h>
#include <rte_ethdev.h>
#include <rte_flow.h>

namespace pado::io {

namespace {

constexpr std::uint16_t ecpri_type = 0xAEFE;

/// Makes the rule if the driver says it would. Empty, or what it said.
std::string add_rule(std::uint16_t device, const rte_flow_item* pattern)
{
  const rte_flow_action_queue first{0};
  const std::array<rte_flow_action, 2> actions{
      {{RTE_FLOW_ACTION_TYPE_QUEUE, &first}, {RTE_FLOW_ACTION_TYPE_END, nullptr}}};
  rte_flow_attr ingress{};
  ingress.ingress = 1;
  rte_flow_error why{};
  if (rte_flow_validate(device, &ingress, pattern, actions.data(), &why) == 0 &&
      rte_flow_create(device, &ingress, pattern, actions.data(), &why) != nullptr) {
    return {};
  }
  return why.message == nullptr ? "no reason given" : why.message;
}

} // namespace

int isolate_flows(std::uint16_t device) noexcept
{
  rte_flow_error why{};
  return rte_flow_isolate(device, 1, &why);
}

result<std::string> add_ecpri_rules(std::uint16_t device)
{
  rte_flow_item_eth plain{};
  rte_flow_item_eth plain_mask{};
  plain.hdr.ether_type = rte_cpu_to_be_16(ecpri_type);
  plain_mask.hdr.ether_type = 0xFFFF;
  const std::array<rte_flow_item, 2> untagged{{{RTE_FLOW_ITEM_TYPE_ETH, &plain, nullptr, &plain_mask},
                                               {RTE_FLOW_ITEM_TYPE_END, nullptr, nullptr, nullptr}}};
  rte_flow_item_vlan tag{};
  rte_flow_item_vlan tag_mask{};
  tag.hdr.eth_proto = rte_cpu_to_be_16(ecpri_type);
  tag_mask.hdr.eth_proto = 0xFFFF;
  const std::array<rte_flow_item, 3> tagged{{{RTE_FLOW_ITEM_TYPE_ETH, nullptr, nullptr, nullptr},
                                             {RTE_FLOW_ITEM_TYPE_VLAN, &tag, nullptr, &tag_mask},
                                             {RTE_FLOW_ITEM_TYPE_END, nullptr, nullptr, nullptr}}};
  const std::string untagged_refusal = add_rule(device, untagged.data());
  const std::string tagged_refusal = add_rule(device, tagged.data());
  if (!untagged_refusal.empty() && !tagged_refusal.empty()) {
    return error{"",
                 "the driver refuses rules for eCPRI (" + untagged_refusal + ") and for eCPRI in a VLAN (" +
                     tagged_refusal + "): leave it out"};
  }
  std::string accepted = untagged_refusal.empty() ? "only eCPRI" : "only";
  if (tagged_refusal.empty()) {
    accepted += untagged_refusal.empty() ? " and eCPRI in a VLAN" : " eCPRI in a VLAN";
  }
  return accepted;
}

} // namespace pado::io
