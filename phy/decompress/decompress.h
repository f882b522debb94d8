// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
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

/// A checked configuration. Plain data, host memory, immutable.
struct decompress_plan {
  decompress_config config;
};
result<decompress_plan> plan_decompress(const decompress_config& config);

/// Fronthaul PRBs into the slot grid: every method and width of compression, straight out of packet memory.
///
/// A grid value is the expanded integer times 2^-12, rounded to half and saturated at 65504: every BFP-9
/// value with an exponent up to 15 is exact. Full scale of 16 bits is 8. Block scaling and modulation
/// compression expand to fractions of that full scale; the scaler of modulation compression travels in the
/// C-plane and is not applied. Mu-law needs 4 bits or more.
///
/// in.bytes     [byte]                       packet memory
/// in.sections  [section]                    checked against bytes and grid by slot assembly, asserted here;
/// no two cover
///                                           the same PRB
/// out.grid     [port][symbol][subcarrier]   ch16; PRBs that no section covers become zero
///
/// \spec    O-RAN CUS, annex A (spec/fronthaul section 5)
/// \errors  none in run(); the constructor may throw std::bad_alloc
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

  explicit decompress(const decompress_plan& plan)
      : plan_(plan), covered_(static_cast<std::size_t>(plan.config.nof_rx_ports) * nof_symbols_per_slot *
                              plan.config.nof_prb)
  {
  }

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  view<std::uint8_t, 3, memory_of<B>> covered() const
  {
    return covered_.as(plan_.config.nof_rx_ports, nof_symbols_per_slot, plan_.config.nof_prb);
  }

  decompress_plan plan_;
  buffer<std::uint8_t, memory_of<B>> covered_; ///< [port][symbol][prb], all 0 between two runs
};
template <>
void decompress<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void decompress<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
