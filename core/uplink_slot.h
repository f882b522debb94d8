// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/slot.h"
#include "core/view.h"
#include <cstddef>
#include <cstdint>

namespace pado {

/// udCompMeth of the O-RAN user plane.
enum class compression : std::uint8_t { none = 0, bfp = 1, block_scaling = 2, mu_law = 3, modulation = 4 };

/// A run of PRBs of one symbol and port, as it lies in a packet: also the task of phy/decompress.
struct iq_section {
  std::uint32_t bytes_begin; ///< offset of the first PRB field (its udCompParam, if the method has one)
  std::uint16_t prb_begin;   ///< in the carrier grid
  std::uint16_t nof_prb;
  std::uint8_t port;
  std::uint8_t symbol;
  compression method;
  std::uint8_t width; ///< bits of one I or Q, 1..16
};

/// Everything received of one slot of one cell: the hand-over from io/ to phy/. Borrows its arrays.
///
/// Exactly one of the three forms is filled, the others have size 0:
///   bytes, sections  [byte], [section]         split 7.2x: packet bytes in pinned memory and where the PRBs
///   lie samples          [port][sample]            cf32: time domain, one slot beginning with the prefix of
///   symbol 0 grid             [port][symbol][subcarrier] ch16: already in the frequency domain (vectors,
///   grid dumps)
struct uplink_slot {
  std::int32_t cell = 0;
  slot_id slot;
  view<const std::byte, 1> bytes;
  view<const iq_section, 1> sections;
  view<const cf32, 2> samples;
  view<const ch16, 3> grid;

  /// [port][symbol][prb] 1 where the PRB arrived, 0 where it is missing. Size 0: all arrived.
  view<const std::uint8_t, 3> received;

  std::int64_t air_ns = 0;   ///< begin of the slot on air, in the clock of the packets; 0 when unknown
  std::int64_t first_ns = 0; ///< arrival of the first and the last packet of the slot
  std::int64_t last_ns = 0;
  std::int32_t nof_missing_prb = 0; ///< over all ports and expected symbols
};

} // namespace pado
