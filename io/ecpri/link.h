// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/ecpri/drop_reason.h"
#include "io/ecpri/wire.h"
#include <array>

namespace pado::io {

using mac_address = std::array<std::uint8_t, 6>;

inline constexpr std::uint16_t ethertype_ecpri = 0xAEFE;
inline constexpr std::int32_t no_udp_port = 0;
inline constexpr std::int32_t any_udp_port = -1;

/// How an eCPRI PDU travelled.
enum class transport : std::uint8_t { ethernet, udp_ipv4, udp_ipv6 };

/// The link below eCPRI: addresses, tags, and the PDU itself.
struct link_frame {
  static constexpr std::int32_t no_vlan = -1;

  mac_address destination{};
  mac_address source{};
  std::int32_t vlan = no_vlan;       ///< VID of the innermost tag, or no_vlan
  std::int32_t outer_vlan = no_vlan; ///< VID of the outer tag of two (QinQ)
  std::uint8_t priority = 0;         ///< PCP of the innermost tag
  transport over = transport::ethernet;
  std::uint16_t udp_port = 0; ///< destination port
  packet pdu;                 ///< from the first eCPRI byte; may end with Ethernet padding
};

/// Ethernet with 0 to 2 VLAN tags (0x8100, 0x88A8), then eCPRI (0xAEFE), or IPv4 or IPv6 and UDP to
/// `udp_port`.
///
/// udp_port no_udp_port means that UDP carries no eCPRI, any_udp_port takes every datagram. IPv6 extension
/// headers are not followed: no RU sends them. \errors short_frame, not_fronthaul, ip_fragment,
/// bad_ip_length; `out` is then unspecified
drop parse_link(packet frame, std::int32_t udp_port, link_frame& out) noexcept;

} // namespace pado::io
