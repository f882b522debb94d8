// SPDX-License-Identifier: Apache-2.0
#include "io/ecpri/ecpri.h"

namespace pado::io {

bool ecpri_reader::next(ecpri_message& out) noexcept
{
  if (!has_more_) {
    return false;
  }
  has_more_ = false;
  if (rest_.size() < ecpri_header_bytes) {
    failure_ = drop_reason::short_message;
    return false;
  }
  if ((load_u8(rest_, 0) >> 4) != 1) {
    failure_ = drop_reason::ecpri_version;
    return false;
  }
  const std::size_t available = rest_.size() - ecpri_header_bytes;
  const std::size_t size = size_ == ecpri_size::checked ? load_be16(rest_, 2) : available;
  if (size > available) {
    failure_ = drop_reason::ecpri_length;
    return false;
  }
  out.type = static_cast<ecpri_type>(load_u8(rest_, 1));
  out.is_concatenated = (load_u8(rest_, 0) & 1U) != 0 && size_ == ecpri_size::checked;
  out.payload = rest_.subspan(ecpri_header_bytes, size);
  if (out.is_concatenated) {
    // The next message starts at a multiple of 4 bytes from the start of the PDU; all earlier ones did too.
    const std::size_t step = (ecpri_header_bytes + size + 3) / 4 * 4;
    rest_ = rest_.subspan(step < rest_.size() ? step : rest_.size());
    has_more_ = true;
  }
  return true;
}

drop parse_stream_ids(packet payload, stream_ids& out, packet& rest) noexcept
{
  if (payload.size() < ecpri_ids_bytes) {
    return drop_reason::short_message;
  }
  out.eaxc = load_be16(payload, 0);
  out.sequence = load_u8(payload, 2);
  out.is_last = (load_u8(payload, 3) & 0x80U) != 0;
  out.subsequence = static_cast<std::uint8_t>(load_u8(payload, 3) & 0x7FU);
  rest = payload.subspan(ecpri_ids_bytes);
  if (!out.is_last || out.subsequence != 0) {
    return drop_reason::transport_fragment;
  }
  return {};
}

drop parse_one_way_delay(packet payload, one_way_delay& out) noexcept
{
  constexpr std::size_t least_bytes = 20;
  if (payload.size() < least_bytes) {
    return drop_reason::short_message;
  }
  out.measurement_id = load_u8(payload, 0);
  out.action = load_u8(payload, 1);
  out.seconds = (static_cast<std::uint64_t>(load_be16(payload, 2)) << 32) | load_be32(payload, 4);
  out.nanoseconds = load_be32(payload, 8);
  out.compensation = static_cast<std::int64_t>(load_be64(payload, 12));
  return {};
}

} // namespace pado::io
