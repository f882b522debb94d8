// SPDX-License-Identifier: Apache-2.0
#include "io/ecpri/link.h"
#include <algorithm>

namespace pado::io {

namespace {

constexpr std::uint16_t ethertype_ipv4 = 0x0800;
constexpr std::uint16_t ethertype_ipv6 = 0x86DD;
constexpr std::uint16_t ethertype_c_tag = 0x8100;
constexpr std::uint16_t ethertype_s_tag = 0x88A8;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::size_t udp_header_bytes = 8;
constexpr std::size_t ipv6_header_bytes = 40;

/// `datagram` is a UDP header and what follows, cut to the length that IP gives.
drop parse_udp(packet datagram, std::int32_t udp_port, link_frame& out) noexcept
{
  if (datagram.size() < udp_header_bytes) {
    return drop_reason::short_frame;
  }
  out.udp_port = load_be16(datagram, 2);
  if (udp_port != any_udp_port && (udp_port == no_udp_port || out.udp_port != udp_port)) {
    return drop_reason::not_fronthaul;
  }
  const std::size_t length = load_be16(datagram, 4);
  if (length < udp_header_bytes || length > datagram.size()) {
    return drop_reason::bad_ip_length;
  }
  out.pdu = datagram.subspan(udp_header_bytes, length - udp_header_bytes);
  return {};
}

drop parse_ipv4(packet ip, std::int32_t udp_port, link_frame& out) noexcept
{
  constexpr std::size_t least_header_bytes = 20;
  if (ip.size() < least_header_bytes) {
    return drop_reason::short_frame;
  }
  const std::size_t header_bytes = 4U * (load_u8(ip, 0) & 0xFU);
  const std::size_t total_bytes = load_be16(ip, 2);
  if ((load_u8(ip, 0) >> 4) != 4 || load_u8(ip, 9) != protocol_udp) {
    return drop_reason::not_fronthaul;
  }
  if (header_bytes < least_header_bytes || total_bytes < header_bytes || total_bytes > ip.size()) {
    return drop_reason::bad_ip_length;
  }
  if ((load_be16(ip, 6) & 0x3FFFU) != 0) { // more fragments, or an offset
    return drop_reason::ip_fragment;
  }
  out.over = transport::udp_ipv4;
  return parse_udp(ip.subspan(header_bytes, total_bytes - header_bytes), udp_port, out);
}

drop parse_ipv6(packet ip, std::int32_t udp_port, link_frame& out) noexcept
{
  constexpr std::uint8_t fragment_header = 44;
  if (ip.size() < ipv6_header_bytes) {
    return drop_reason::short_frame;
  }
  if (load_u8(ip, 6) == fragment_header) {
    return drop_reason::ip_fragment;
  }
  if ((load_u8(ip, 0) >> 4) != 6 || load_u8(ip, 6) != protocol_udp) {
    return drop_reason::not_fronthaul;
  }
  const std::size_t payload_bytes = load_be16(ip, 4);
  if (payload_bytes > ip.size() - ipv6_header_bytes) {
    return drop_reason::bad_ip_length;
  }
  out.over = transport::udp_ipv6;
  return parse_udp(ip.subspan(ipv6_header_bytes, payload_bytes), udp_port, out);
}

} // namespace

drop parse_link(packet frame, std::int32_t udp_port, link_frame& out) noexcept
{
  constexpr std::size_t addresses_bytes = 12;
  constexpr int max_tags = 2;
  if (frame.size() < addresses_bytes + 2) {
    return drop_reason::short_frame;
  }
  for (std::size_t i = 0; i < 6; ++i) {
    out.destination[i] = load_u8(frame, i);
    out.source[i] = load_u8(frame, 6 + i);
  }
  out.vlan = link_frame::no_vlan;
  out.outer_vlan = link_frame::no_vlan;
  out.priority = 0;
  out.udp_port = 0;
  std::size_t at = addresses_bytes;
  std::uint16_t ethertype = load_be16(frame, at);
  for (int tag = 0; tag < max_tags && (ethertype == ethertype_c_tag || ethertype == ethertype_s_tag); ++tag) {
    if (frame.size() < at + 6) {
      return drop_reason::short_frame;
    }
    out.outer_vlan = out.vlan;
    out.vlan = load_be16(frame, at + 2) & 0xFFF;
    out.priority = static_cast<std::uint8_t>(load_u8(frame, at + 2) >> 5);
    at += 4;
    ethertype = load_be16(frame, at);
  }
  const packet rest = frame.subspan(at + 2);
  switch (ethertype) {
  case ethertype_ecpri:
    out.over = transport::ethernet;
    out.pdu = rest;
    return {};
  case ethertype_ipv4:
    return parse_ipv4(rest, udp_port, out);
  case ethertype_ipv6:
    return parse_ipv6(rest, udp_port, out);
  default:
    return drop_reason::not_fronthaul;
  }
}

} // namespace pado::io
