// SPDX-License-Identifier: Apache-2.0
#include "io/oran/cplane_builder.h"
#include <algorithm>

namespace pado::io {

namespace {

bool is_writable(c_type type) noexcept
{
  return type == c_type::idle || type == c_type::regular || type == c_type::prach;
}

std::size_t header_bytes(c_type type) noexcept
{
  return app_header_bytes + (type == c_type::regular ? 4 : 8);
}

std::size_t section_bytes(c_type type) noexcept
{
  return type == c_type::prach ? 12 : 8;
}

void write_header(const c_header& header, std::size_t nof_sections, std::span<std::byte> out) noexcept
{
  write_app_header(header.app, out);
  store_u8(out, 4, static_cast<std::uint32_t>(nof_sections));
  store_u8(out, 5, static_cast<std::uint32_t>(header.type));
  if (header.type == c_type::regular) {
    store_u8(out, 6, header.comp_header);
    store_u8(out, 7, 0);
    return;
  }
  store_be16(out, 6, header.time_offset);
  store_u8(out, 8, header.frame_structure);
  store_be16(out, 9, header.cp_length);
  store_u8(out, 11, header.type == c_type::prach ? header.comp_header : 0U);
}

void write_section(c_type type, const c_section& section, std::span<std::byte> out) noexcept
{
  const std::uint32_t count = section.nof_prb > 255 ? 0U : section.nof_prb;
  store_be32(out,
             0,
             ((section.id & 0xFFFU) << 20) | (section.is_every_other ? 1U << 19 : 0U) |
                 (section.is_next_symbol ? 1U << 18 : 0U) | ((section.prb_begin & 0x3FFU) << 8) | count);
  store_be16(out, 4, ((section.re_mask & 0xFFFU) << 4) | (section.nof_symbols & 0xFU));
  const std::uint32_t ef = section.extensions.empty() ? 0U : 0x8000U;
  store_be16(out, 6, ef | (type == c_type::idle ? 0U : section.beam_id & 0x7FFFU));
  if (type == c_type::prach) {
    store_be32(out, 8, static_cast<std::uint32_t>(section.freq_offset) << 8);
  }
}

} // namespace

std::size_t write_c_frame(const link_settings& link,
                          const stream_ids& ids,
                          const c_header& header,
                          std::span<const c_section> sections,
                          std::span<std::byte> out) noexcept
{
  if (!is_writable(header.type) || sections.size() > 255) {
    return 0;
  }
  std::size_t pdu_bytes = ecpri_header_bytes + ecpri_ids_bytes + header_bytes(header.type);
  for (const c_section& section : sections) {
    pdu_bytes += section_bytes(header.type) + section.extensions.size();
  }
  const std::size_t frame_bytes = pdu_bytes > 0xFFFF ? 0 : write_link(link, pdu_bytes, out);
  if (frame_bytes == 0) {
    return 0;
  }
  auto pdu = out.subspan(link_header_bytes(link), pdu_bytes);
  pdu = pdu.subspan(write_ecpri(ecpri_type::real_time_control, pdu_bytes - ecpri_header_bytes, ids, pdu));
  write_header(header, sections.size(), pdu);
  pdu = pdu.subspan(header_bytes(header.type));
  for (const c_section& section : sections) {
    write_section(header.type, section, pdu);
    pdu = pdu.subspan(section_bytes(header.type));
    std::copy(section.extensions.begin(), section.extensions.end(), pdu.begin());
    pdu = pdu.subspan(section.extensions.size());
  }
  return frame_bytes;
}

} // namespace pado::io
