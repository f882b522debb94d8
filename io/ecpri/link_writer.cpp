// SPDX-License-Identifier: Apache-2.0
#include "io/ecpri/link_writer.h"
#include <algorithm>

namespace pado::io {

namespace {

constexpr std::size_t ethernet_bytes = 14;
constexpr std::size_t vlan_bytes = 4;
constexpr std::size_t ipv4_bytes = 20;
constexpr std::size_t udp_bytes = 8;

std::uint16_t ipv4_checksum(std::span<const std::byte> header) noexcept
{
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < ipv4_bytes; at += 2) {
    sum += load_be16(header, at);
  }
  sum = (sum & 0xFFFF) + (sum >> 16);
  sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum & 0xFFFF);
}

void write_ipv4_udp(const link_settings& link, std::size_t pdu_bytes, std::span<std::byte> out) noexcept
{
  std::fill_n(out.begin(), ipv4_bytes + udp_bytes, std::byte{0});
  store_u8(out, 0, 0x45);
  store_be16(out, 2, static_cast<std::uint32_t>(ipv4_bytes + udp_bytes + pdu_bytes));
  store_be16(out, 6, 0x4000); // do not fragment
  store_u8(out, 8, 64);
  store_u8(out, 9, 17);
  for (std::size_t i = 0; i < 4; ++i) {
    store_u8(out, 12 + i, link.source_ip[i]);
    store_u8(out, 16 + i, link.destination_ip[i]);
  }
  store_be16(out, 10, ipv4_checksum(out));
  // UDP over IPv4 may leave its checksum 0.
  const auto udp = out.subspan(ipv4_bytes);
  store_be16(udp, 0, link.source_port);
  store_be16(udp, 2, link.destination_port);
  store_be16(udp, 4, static_cast<std::uint32_t>(udp_bytes + pdu_bytes));
}

} // namespace

std::size_t link_mtu_bytes(const link_settings& link) noexcept
{
  return link.over == transport::ethernet ? 0 : ipv4_bytes + udp_bytes;
}

std::size_t link_header_bytes(const link_settings& link) noexcept
{
  return ethernet_bytes + (link.vlan == link_frame::no_vlan ? 0 : vlan_bytes) + link_mtu_bytes(link);
}

std::size_t write_link(const link_settings& link, std::size_t pdu_bytes, std::span<std::byte> out) noexcept
{
  const std::size_t header_bytes = link_header_bytes(link);
  const std::size_t frame_bytes = std::max(header_bytes + pdu_bytes, least_frame_bytes);
  if (out.size() < frame_bytes) {
    return 0;
  }
  for (std::size_t i = 0; i < 6; ++i) {
    store_u8(out, i, link.destination[i]);
    store_u8(out, 6 + i, link.source[i]);
  }
  std::size_t at = 12;
  if (link.vlan != link_frame::no_vlan) {
    store_be16(out, at, 0x8100);
    store_be16(out, at + 2, static_cast<std::uint32_t>((link.priority << 13) | (link.vlan & 0xFFF)));
    at += vlan_bytes;
  }
  store_be16(out, at, link.over == transport::ethernet ? ethertype_ecpri : 0x0800U);
  if (link.over != transport::ethernet) {
    write_ipv4_udp(link, pdu_bytes, out.subspan(at + 2));
  }
  for (std::size_t i = header_bytes + pdu_bytes; i < frame_bytes; ++i) {
    out[i] = std::byte{0};
  }
  return frame_bytes;
}

std::size_t write_ecpri(ecpri_type type,
                        std::size_t payload_bytes,
                        const stream_ids& ids,
                        std::span<std::byte> out) noexcept
{
  store_u8(out, 0, 0x10);
  store_u8(out, 1, static_cast<std::uint32_t>(type));
  store_be16(out, 2, static_cast<std::uint32_t>(payload_bytes));
  store_be16(out, 4, ids.eaxc);
  store_u8(out, 6, ids.sequence);
  store_u8(out, 7, (ids.is_last ? 0x80U : 0U) | (ids.subsequence & 0x7FU));
  return ecpri_header_bytes + ecpri_ids_bytes;
}

} // namespace pado::io
