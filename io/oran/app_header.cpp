// SPDX-License-Identifier: Apache-2.0
#include "io/oran/app_header.h"

namespace pado::io {

drop parse_app_header(packet message, app_header& out) noexcept
{
  if (message.size() < app_header_bytes) {
    return drop_reason::short_message;
  }
  const std::uint32_t word = load_be32(message, 0);
  out.dir = static_cast<direction>(word >> 31);
  out.payload_version = static_cast<std::uint8_t>((word >> 28) & 0x7U);
  out.filter_index = static_cast<std::uint8_t>((word >> 24) & 0xFU);
  out.frame = static_cast<std::uint8_t>((word >> 16) & 0xFFU);
  out.subframe = static_cast<std::uint8_t>((word >> 12) & 0xFU);
  out.slot = static_cast<std::uint8_t>((word >> 6) & 0x3FU);
  out.symbol = static_cast<std::uint8_t>(word & 0x3FU);
  if (out.payload_version != 1) {
    return drop_reason::payload_version;
  }
  if (out.subframe > 9 || out.symbol >= nof_symbols_per_slot) {
    return drop_reason::bad_time;
  }
  return {};
}

void write_app_header(const app_header& header, std::span<std::byte> out) noexcept
{
  const std::uint32_t word =
      (static_cast<std::uint32_t>(header.dir) << 31) | ((header.payload_version & 0x7U) << 28) |
      ((header.filter_index & 0xFU) << 24) | (static_cast<std::uint32_t>(header.frame) << 16) |
      ((header.subframe & 0xFU) << 12) | ((header.slot & 0x3FU) << 6) | (header.symbol & 0x3FU);
  store_be32(out, 0, word);
}

app_header app_header_of(slot_id slot, numerology n, std::int32_t symbol, direction dir) noexcept
{
  app_header header;
  header.dir = dir;
  header.frame = static_cast<std::uint8_t>(slot.sfn & 0xFF);
  header.subframe = static_cast<std::uint8_t>(slot.slot / n.slots_per_subframe());
  header.slot = static_cast<std::uint8_t>(slot.slot % n.slots_per_subframe());
  header.symbol = static_cast<std::uint8_t>(symbol);
  return header;
}

} // namespace pado::io
