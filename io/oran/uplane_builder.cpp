// SPDX-License-Identifier: Apache-2.0
#include "io/oran/uplane_builder.h"
#include <algorithm>
#include <cstring>

namespace pado::io {

namespace {

constexpr std::int32_t max_num_prbu = 255;

std::size_t headers_bytes(const u_flow_settings& flow) noexcept
{
  return ecpri_header_bytes + ecpri_ids_bytes + app_header_bytes + u_section_bytes +
         (flow.has_comp_header ? u_comp_header_bytes : 0);
}

std::int32_t prbs_in(std::size_t bytes, const u_flow_settings& flow) noexcept
{
  const std::size_t headers = headers_bytes(flow);
  return bytes <= headers ? 0 : static_cast<std::int32_t>((bytes - headers) / prb_bytes(flow.format));
}

} // namespace

std::int32_t prb_per_message(const u_flow_settings& flow) noexcept
{
  const std::size_t below = link_mtu_bytes(flow.link);
  const auto mtu = static_cast<std::size_t>(std::max(flow.mtu_bytes, 0));
  return mtu <= below ? 0 : prbs_in(mtu - below, flow);
}

std::int32_t
next_message_prb(const u_flow_settings& flow, std::int32_t prb_begin, std::int32_t nof_left) noexcept
{
  const std::int32_t nof_prb = std::min(nof_left, prb_per_message(flow));
  const bool is_carrier = prb_begin == 0 && nof_prb == flow.carrier_prb;
  return nof_prb > max_num_prbu && !is_carrier ? max_num_prbu : nof_prb;
}

std::size_t u_plane_writer::next(std::uint8_t& sequence, std::span<std::byte> out) noexcept
{
  const std::size_t per_prb = prb_bytes(flow_->format);
  const auto nof_left = static_cast<std::int32_t>(rest_.iq.size() / per_prb);
  const std::size_t link_bytes = link_header_bytes(flow_->link);
  std::int32_t nof_prb = std::min(nof_left, prb_per_message(*flow_));
  nof_prb = std::min(nof_prb, out.size() > link_bytes ? prbs_in(out.size() - link_bytes, *flow_) : 0);
  const bool is_carrier = rest_.prb_begin == 0 && nof_prb == flow_->carrier_prb;
  if (nof_prb > max_num_prbu && !is_carrier) {
    nof_prb = max_num_prbu;
  }
  if (nof_prb <= 0) {
    return 0;
  }
  const std::size_t iq_bytes = per_prb * static_cast<std::size_t>(nof_prb);
  const std::size_t pdu_bytes = headers_bytes(*flow_) + iq_bytes;
  const std::size_t frame_bytes = write_link(flow_->link, pdu_bytes, out);
  if (frame_bytes == 0) {
    return 0;
  }
  auto pdu = out.subspan(link_bytes, pdu_bytes);
  const stream_ids ids{.eaxc = flow_->eaxc, .sequence = sequence};
  pdu = pdu.subspan(write_ecpri(ecpri_type::iq_data, pdu_bytes - ecpri_header_bytes, ids, pdu));
  write_app_header(header_, pdu);
  pdu = pdu.subspan(app_header_bytes);
  u_section section;
  section.id = rest_.section_id;
  section.prb_begin = static_cast<std::uint16_t>(rest_.prb_begin);
  section.nof_prb = static_cast<std::uint16_t>(nof_prb);
  section.format = flow_->format;
  pdu = pdu.subspan(write_u_section_header(section, flow_->has_comp_header, pdu));
  std::memcpy(pdu.data(), rest_.iq.data(), iq_bytes);
  rest_.iq = rest_.iq.subspan(iq_bytes);
  rest_.prb_begin += nof_prb;
  ++sequence;
  return frame_bytes;
}

} // namespace pado::io
