// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/slot.h"
#include "io/compress/codec.h"
#include "io/ecpri/ecpri.h"
#include "io/oran/uplane_builder.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pado::bench {

inline constexpr int nof_ports = 4;
inline constexpr int nof_prb = 273;
inline constexpr int slots_in_memory = 16;

struct stored_slot {
  std::vector<std::vector<std::byte>> frames;
};

/// Every port and symbol of a slot, symbols in order, as an RU sends them.
inline std::vector<stored_slot> make_slots(io::iq_format format, int mtu, bool has_comp_header)
{
  std::vector<cf32> re(12 * nof_prb);
  for (std::size_t k = 0; k < re.size(); ++k) {
    re[k] = {static_cast<float>(k * 37 % 2001) - 1000.0F, static_cast<float>(k * 91 % 1999) - 999.0F};
  }
  std::vector<std::byte> iq(io::prb_bytes(format) * nof_prb);
  io::encode_prbs(format, re, 1.0F, iq);
  std::vector<std::byte> buffer(10240);
  std::vector<std::uint8_t> sequence(nof_ports);
  std::vector<stored_slot> slots(slots_in_memory);
  for (int slot = 0; slot < slots_in_memory; ++slot) {
    for (int symbol = 0; symbol < 14; ++symbol) {
      for (int port = 0; port < nof_ports; ++port) {
        io::u_flow_settings flow;
        flow.eaxc = static_cast<std::uint16_t>(port);
        flow.format = format;
        flow.has_comp_header = has_comp_header;
        flow.mtu_bytes = mtu;
        flow.carrier_prb = nof_prb;
        const auto header = io::app_header_of({0, slot}, numerology{1}, symbol, io::direction::uplink);
        io::u_plane_writer writer(flow, header, {0, 0, iq});
        while (const std::size_t size = writer.next(sequence[static_cast<std::size_t>(port)], buffer)) {
          slots[static_cast<std::size_t>(slot)].frames.emplace_back(
              buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
        }
      }
    }
  }
  return slots;
}

/// Frame number of the header, so that the same frames pass as new slots in every round.
inline void set_frame(std::span<std::byte> frame, int number)
{
  frame[14 + io::ecpri_header_bytes + io::ecpri_ids_bytes + 1] = static_cast<std::byte>(number);
}

} // namespace pado::bench
