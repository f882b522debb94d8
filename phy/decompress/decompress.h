// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/result.h"
#include "core/uplink_slot.h"
#include <cstdint>

namespace pado::phy {

/// Limits of one cell, fixed at configuration time.
struct decompress_config {
  std::int32_t nof_rx_ports = 0; ///< 1..8
  std::int32_t nof_prb = 0;      ///< 1..275, width of the grid
  std::int32_t max_sections = 0; ///< of one slot
};

struct decompress_plan {
  decompress_config config;
};
result<decompress_plan> plan_decompress(const decompress_config& config);

/// Fronthaul PRBs into the slot grid: every method and width of compression, straight out of packet memory.
///
/// A grid value is the expanded integer times 2^-12, rounded to half: every BFP-9 value with an exponent up to 15 is exact.
///
/// in.bytes     [byte]                       packet memory
/// in.sections  [section]                    checked against bytes and grid by slot assembly; asserted here
/// out.grid     [port][symbol][subcarrier]   ch16; PRBs that no section covers become zero
///
/// \spec    O-RAN CUS, annex A (spec/fronthaul section 5)
/// \errors  none
template <backend B>
class decompress {
public:
  struct input {
    view<const std::byte, 1, memory_of<B>> bytes;
    view<const iq_section, 1, memory_of<B>> sections;
  };
  struct output {
    view<ch16, 3, memory_of<B>> grid;
  };

  explicit decompress(const decompress_plan& plan);
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  decompress_plan plan_;
};

} // namespace pado::phy
