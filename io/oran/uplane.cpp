// SPDX-License-Identifier: Apache-2.0
#include "io/oran/uplane.h"

namespace pado::io {

bool u_section_reader::fail(drop_reason why) noexcept
{
  // With a trailer, what follows the first section may be padding of the link and proves nothing.
  if (!layout_.has_trailer || !has_any_) {
    failure_ = why;
  }
  rest_ = {};
  return false;
}

bool u_section_reader::next(u_section& out) noexcept
{
  if (rest_.empty()) {
    if (!has_any_ && !failure_) {
      failure_ = drop_reason::section_length;
    }
    return false;
  }
  const std::size_t header_bytes = u_section_bytes + (layout_.fixed ? 0 : u_comp_header_bytes);
  if (rest_.size() < header_bytes) {
    return fail(drop_reason::section_length);
  }
  const std::uint32_t word = load_be32(rest_, 0);
  out.id = static_cast<std::uint16_t>(word >> 20);
  out.is_every_other = (word & (1U << 19)) != 0;
  out.is_next_symbol = (word & (1U << 18)) != 0;
  out.prb_begin = static_cast<std::uint16_t>((word >> 8) & 0x3FFU);
  out.nof_prb = static_cast<std::uint16_t>(word & 0xFFU);
  out.format = layout_.fixed ? *layout_.fixed : from_comp_header(load_u8(rest_, u_section_bytes));
  if (!is_supported(out.format)) {
    return fail(drop_reason::compression_method);
  }
  const std::size_t per_prb = prb_bytes(out.format);
  const std::size_t available = rest_.size() - header_bytes;
  if (out.nof_prb == 0) {
    if (has_any_) {
      return fail(drop_reason::section_length); // all PRBs, behind some of them
    }
    out.prb_begin = 0;
    const std::size_t fitting = available / per_prb < max_nof_prb ? available / per_prb : max_nof_prb;
    out.nof_prb = static_cast<std::uint16_t>(layout_.carrier_prb > 0 ? layout_.carrier_prb : fitting);
  }
  const std::size_t iq_bytes = per_prb * out.nof_prb;
  if (iq_bytes == 0 || iq_bytes > available) {
    return fail(drop_reason::section_length);
  }
  out.iq = rest_.subspan(header_bytes, iq_bytes);
  rest_ = rest_.subspan(header_bytes + iq_bytes);
  has_any_ = true;
  return true;
}

drop check_u_sections(packet sections, const u_layout& layout) noexcept
{
  u_section_reader reader(sections, layout);
  for (u_section section; reader.next(section);) {
  }
  return reader.failure();
}

std::size_t
write_u_section_header(const u_section& section, bool has_comp_header, std::span<std::byte> out) noexcept
{
  const std::uint32_t count = section.nof_prb > 255 ? 0U : section.nof_prb;
  store_be32(out,
             0,
             ((section.id & 0xFFFU) << 20) | (section.is_every_other ? 1U << 19 : 0U) |
                 (section.is_next_symbol ? 1U << 18 : 0U) | ((section.prb_begin & 0x3FFU) << 8) | count);
  if (!has_comp_header) {
    return u_section_bytes;
  }
  store_u8(out, u_section_bytes, to_comp_header(section.format));
  store_u8(out, u_section_bytes + 1, 0);
  return u_section_bytes + u_comp_header_bytes;
}

} // namespace pado::io
