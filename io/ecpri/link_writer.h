// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/ecpri/ecpri.h"
#include "io/ecpri/link.h"

namespace pado::io {

/// Addresses of one direction of a fronthaul link, for frames that we build.
struct link_settings {
  mac_address destination{};
  mac_address source{};
  std::int32_t vlan = link_frame::no_vlan;
  std::uint8_t priority = 7;            ///< PCP, with a VLAN tag
  transport over = transport::ethernet; ///< ethernet or udp_ipv4
  std::array<std::uint8_t, 4> destination_ip{127, 0, 0, 1};
  std::array<std::uint8_t, 4> source_ip{127, 0, 0, 2};
  std::uint16_t destination_port = 0;
  std::uint16_t source_port = 0;
};

inline constexpr std::size_t least_frame_bytes = 60; ///< Ethernet without FCS

/// Bytes in front of the eCPRI PDU.
std::size_t link_header_bytes(const link_settings& link) noexcept;
/// Bytes of those that count against the MTU (IP and UDP headers).
std::size_t link_mtu_bytes(const link_settings& link) noexcept;

/// Writes the headers of a frame whose PDU has pdu_bytes, and zeros after the PDU up to the least frame.
/// The PDU itself begins at link_header_bytes. Returns the bytes of the frame; 0 when `out` is too small.
std::size_t write_link(const link_settings& link, std::size_t pdu_bytes, std::span<std::byte> out) noexcept;

/// Writes the 4-byte common header and the ids of IQ data or real-time control; `payload_bytes` counts what
/// follows the common header, so the ids too. Returns the 8 bytes written.
std::size_t write_ecpri(ecpri_type type,
                        std::size_t payload_bytes,
                        const stream_ids& ids,
                        std::span<std::byte> out) noexcept;

} // namespace pado::io
