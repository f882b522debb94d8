// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/ecpri/link_writer.h"
#include "io/oran/app_header.h"
#include "io/oran/uplane.h"

namespace pado::io {

/// A U-plane flow that we send: one eAxC in one direction.
struct u_flow_settings {
  link_settings link;
  std::uint16_t eaxc = 0;
  iq_format format;
  bool has_comp_header = false;  ///< dynamic compression: a udCompHdr in every section
  std::int32_t mtu_bytes = 9000; ///< Ethernet payload; VLAN tags do not count
  std::int32_t carrier_prb =
      0; ///< a section of exactly these PRBs is sent as numPrbu 0 when 255 are exceeded
};

/// PRBs of one message at most. 0 when the MTU does not hold a single one.
std::int32_t prb_per_message(const u_flow_settings& flow) noexcept;

/// PRBs that the next message of a symbol takes, of nof_left from prb_begin on.
std::int32_t
next_message_prb(const u_flow_settings& flow, std::int32_t prb_begin, std::int32_t nof_left) noexcept;

/// Cuts one symbol into messages and writes a frame for each (application fragmentation).
///
///   u_plane_writer writer(flow, header, {section_id, prb_begin, bytes});
///   while (const std::size_t size = writer.next(sequence, frame)) { send(frame.first(size)); }
///
/// Every message takes the next sequence id of the flow, which the caller keeps.
class u_plane_writer {
public:
  struct payload {
    std::uint16_t section_id = 0;
    std::int32_t prb_begin = 0;
    packet iq; ///< whole PRBs of the flow's format, from encode_prbs
  };

  u_plane_writer(const u_flow_settings& flow, const app_header& header, const payload& of) noexcept
      : flow_(&flow), header_(header), rest_(of)
  {
  }

  /// Bytes of the frame written. 0: all is sent, or `out` or the MTU does not hold a PRB.
  std::size_t next(std::uint8_t& sequence, std::span<std::byte> out) noexcept;
  bool is_done() const noexcept { return rest_.iq.empty(); }

private:
  const u_flow_settings* flow_;
  app_header header_;
  payload rest_;
};

} // namespace pado::io
