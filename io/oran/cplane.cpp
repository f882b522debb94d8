// SPDX-License-Identifier: Apache-2.0
#include "io/oran/cplane.h"
#include <array>

namespace pado::io {

namespace {

constexpr std::size_t common_bytes = app_header_bytes + 2; // and numberOfsections, sectionType

struct coded {
  std::uint8_t code;
  std::int32_t value;
};
// Codes 7 and 14 as written by the DUs at hand; Wireshark has 14 for 128.
constexpr std::array<coded, 8> fft_codes = {
    {{7, 128}, {8, 256}, {9, 512}, {10, 1024}, {11, 2048}, {12, 4096}, {13, 1536}, {14, 3072}}};
constexpr std::array<coded, 9> scs_codes = {{{0, 15000},
                                             {1, 30000},
                                             {2, 60000},
                                             {3, 120000},
                                             {4, 240000},
                                             {12, 1250},
                                             {13, 3750},
                                             {14, 5000},
                                             {15, 7500}}};

/// Bytes between the common part and the first section; 0 for types without a reader.
std::size_t type_header_bytes(c_type type) noexcept
{
  switch (type) {
  case c_type::regular:
  case c_type::ue_scheduling:
  case c_type::channel_info:
    return 2;
  case c_type::idle:
  case c_type::prach:
    return 6;
  default:
    return 0;
  }
}

std::int32_t sign_extend_24(std::uint32_t value) noexcept
{
  return static_cast<std::int32_t>(value << 8) >> 8;
}

} // namespace

std::int32_t fft_size_of(std::uint8_t frame_structure) noexcept
{
  for (const coded& entry : fft_codes) {
    if (entry.code == frame_structure >> 4) {
      return entry.value;
    }
  }
  return 0;
}

std::int32_t scs_hz_of(std::uint8_t frame_structure) noexcept
{
  for (const coded& entry : scs_codes) {
    if (entry.code == (frame_structure & 0xF)) {
      return entry.value;
    }
  }
  return 0;
}

std::optional<std::uint8_t> frame_structure_of(std::int32_t fft_size, std::int32_t scs_hz) noexcept
{
  for (const coded& fft : fft_codes) {
    for (const coded& scs : scs_codes) {
      if (fft.value == fft_size && scs.value == scs_hz) {
        return static_cast<std::uint8_t>((fft.code << 4) | scs.code);
      }
    }
  }
  return {};
}

c_section_reader::c_section_reader(packet message) noexcept
{
  failure_ = parse_app_header(message, header_.app);
  if (failure_) {
    return;
  }
  if (message.size() < common_bytes) {
    failure_ = drop_reason::short_message;
    return;
  }
  header_.nof_sections = load_u8(message, 4);
  header_.type = static_cast<c_type>(load_u8(message, 5));
  const std::size_t size = type_header_bytes(header_.type);
  if (size == 0) {
    failure_ = drop_reason::section_form;
    return;
  }
  if (message.size() < common_bytes + size) {
    failure_ = drop_reason::short_message;
    return;
  }
  const packet own = message.subspan(common_bytes);
  switch (header_.type) {
  case c_type::idle:
  case c_type::prach:
    header_.time_offset = load_be16(own, 0);
    header_.frame_structure = load_u8(own, 2);
    header_.cp_length = load_be16(own, 3);
    header_.comp_header = header_.type == c_type::prach ? load_u8(own, 5) : std::uint8_t{0};
    break;
  case c_type::channel_info:
    header_.nof_ues = load_u8(own, 0);
    break;
  default:
    header_.comp_header = load_u8(own, 0);
    break;
  }
  rest_ = own.subspan(size);
  nof_left_ = header_.type == c_type::channel_info && header_.nof_sections > 0 ? 1 : header_.nof_sections;
}

bool c_section_reader::fail(drop_reason why) noexcept
{
  failure_ = why;
  nof_left_ = 0;
  rest_ = {};
  return false;
}

bool c_section_reader::read_extensions(bool has_one, c_section& out) noexcept
{
  constexpr std::uint8_t flexible_weights = 11; // its extLen has 16 bits
  const packet begin = rest_;
  std::size_t total = 0;
  out.nof_extensions = 0;
  while (has_one) {
    if (rest_.size() < 4) {
      return fail(drop_reason::section_length);
    }
    const std::uint8_t type = load_u8(rest_, 0) & 0x7F;
    has_one = (load_u8(rest_, 0) & 0x80) != 0;
    const std::size_t size = 4U * (type == flexible_weights ? load_be16(rest_, 1) : load_u8(rest_, 1));
    if (size == 0 || size > rest_.size()) {
      return fail(drop_reason::section_length);
    }
    rest_ = rest_.subspan(size);
    total += size;
    out.nof_extensions = static_cast<std::uint8_t>(out.nof_extensions + (out.nof_extensions < 255 ? 1 : 0));
  }
  out.extensions = begin.first(total);
  return true;
}

bool c_section_reader::next_channel_info(c_section& out) noexcept
{
  constexpr std::size_t size = 7;
  if (rest_.size() < size) {
    return fail(drop_reason::section_length);
  }
  out.beam_id = load_be16(rest_, 0) & 0x7FFF;
  out.regularization = static_cast<std::int16_t>(load_be16(rest_, 2));
  const std::uint16_t prbs = load_be16(rest_, 4);
  out.is_every_other = (prbs & 0x0800U) != 0;
  out.is_next_symbol = (prbs & 0x0400U) != 0;
  out.prb_begin = prbs & 0x3FF;
  out.nof_prb = load_u8(rest_, 6);
  // The matrix that follows has as many values as antennas, which no header gives: the rest stays unread.
  rest_ = {};
  return true;
}

bool c_section_reader::next(c_section& out) noexcept
{
  if (nof_left_ == 0) {
    if (!failure_ && !rest_.empty()) {
      failure_ = drop_reason::section_length;
    }
    return false;
  }
  --nof_left_;
  out = c_section{};
  if (header_.type == c_type::channel_info) {
    return next_channel_info(out);
  }
  const std::size_t size = header_.type == c_type::prach ? 12 : 8;
  if (rest_.size() < size) {
    return fail(drop_reason::section_length);
  }
  const std::uint32_t word = load_be32(rest_, 0);
  out.id = static_cast<std::uint16_t>(word >> 20);
  out.is_every_other = (word & (1U << 19)) != 0;
  out.is_next_symbol = (word & (1U << 18)) != 0;
  out.prb_begin = static_cast<std::uint16_t>((word >> 8) & 0x3FFU);
  out.nof_prb = static_cast<std::uint16_t>(word & 0xFFU);
  out.re_mask = load_be16(rest_, 4) >> 4;
  out.nof_symbols = load_u8(rest_, 5) & 0xF;
  const bool has_extension = (load_u8(rest_, 6) & 0x80) != 0;
  out.beam_id = load_be16(rest_, 6) & 0x7FFF;
  if (header_.type == c_type::prach) {
    out.freq_offset = sign_extend_24(load_be24(rest_, 8));
  }
  rest_ = rest_.subspan(size);
  return read_extensions(has_extension, out);
}

drop check_c_message(packet message) noexcept
{
  c_section_reader reader(message);
  if (!reader.failure()) {
    for (c_section section; reader.next(section);) {
    }
  }
  return reader.failure();
}

} // namespace pado::io
