// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/compress/codec.h"
#include "io/oran/app_header.h"
#include "io/oran/uplane_builder.h"
#include <cmath>
#include <cstdint>
#include <vector>

namespace pado::test {

using frame_bytes = std::vector<std::byte>;

/// A value that tells cell, port, symbol and subcarrier apart and survives BFP 9: small integers.
inline cf32 marked_sample(int port, int symbol, int k)
{
  return {static_cast<float>((port * 31 + symbol * 7 + k) % 200 - 100),
          static_cast<float>((k * 3 + symbol) % 150 - 75)};
}

/// Encoded PRBs [range) of one symbol of marked samples (gain 1: integers).
inline frame_bytes marked_prbs(io::iq_format format, int port, int symbol, prb_range range)
{
  std::vector<cf32> re;
  for (int k = 12 * range.begin; k < 12 * range.end; ++k) {
    re.push_back(marked_sample(port, symbol, k));
  }
  frame_bytes out(io::prb_bytes(format) * static_cast<std::size_t>(range.size()));
  io::encode_prbs(format, re, 1.0F, out);
  return out;
}

inline io::u_flow_settings plain_flow(std::uint16_t eaxc, io::iq_format format = {compression::bfp, 9})
{
  io::u_flow_settings flow;
  flow.link.destination = {2, 0, 0, 0, 0, 1};
  flow.link.source = {2, 0, 0, 0, 0, 2};
  flow.eaxc = eaxc;
  flow.format = format;
  return flow;
}

/// All frames of one symbol of one port.
inline std::vector<frame_bytes> symbol_frames(const io::u_flow_settings& flow,
                                              const io::app_header& header,
                                              int port,
                                              prb_range range,
                                              std::uint8_t& sequence)
{
  const frame_bytes iq = marked_prbs(flow.format, port, header.symbol, range);
  io::u_plane_writer writer(flow, header, {0, range.begin, iq});
  std::vector<frame_bytes> out;
  frame_bytes buffer(10240);
  while (const std::size_t size = writer.next(sequence, buffer)) {
    out.emplace_back(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
  }
  return out;
}

/// The layers of a frame down to the application header.
struct parsed {
  io::drop why;
  io::link_frame link;
  io::ecpri_message message;
  io::stream_ids ids;
  io::app_header header;
  io::packet rest; ///< from the application header on
};

inline parsed parse(io::packet frame, std::int32_t udp_port = io::no_udp_port)
{
  parsed out;
  out.why = io::parse_link(frame, udp_port, out.link);
  if (out.why) {
    return out;
  }
  io::ecpri_reader reader(out.link.pdu);
  if (!reader.next(out.message)) {
    out.why = reader.failure();
    return out;
  }
  out.why = io::parse_stream_ids(out.message.payload, out.ids, out.rest);
  if (!out.why) {
    out.why = io::parse_app_header(out.rest, out.header);
  }
  return out;
}

} // namespace pado::test
