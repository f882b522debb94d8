// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/slot.h"
#include "core/view.h"
#include <cstdint>
#include <vector>

namespace pado::phy {

/// The grid of one slot as the searches read it: floats, and the power of each PRB and symbol.
///
/// A symbol is converted when it is asked for, because a check of what is known reads the DM-RS alone. So an
/// object serves one thread, and the grid outlives its use.
class slot_spectrum {
public:
  /// grid  [port][symbol][subcarrier]
  void load(view<const ch16, 3> grid, std::int32_t grid_start_crb);

  std::int32_t nof_ports() const { return nof_ports_; }
  std::int32_t nof_prb() const { return nof_prb_; }
  std::int32_t grid_start_crb() const { return grid_start_crb_; }
  const cf32* row(std::int32_t port, std::int32_t symbol) const
  {
    need(symbol);
    return re_.data() + static_cast<std::ptrdiff_t>(port * nof_symbols_per_slot + symbol) *
                            nof_subcarriers_per_prb * nof_prb_;
  }
  /// Mean power of an RE on one comb of a PRB (comb 0: even subcarriers), over the ports.
  float power(std::int32_t symbol, std::int32_t comb, std::int32_t prb) const
  {
    need(symbol);
    return power_[static_cast<std::size_t>(symbol * 2 + comb) * nof_prb_ + prb];
  }
  /// The same over both combs and a range of PRBs.
  float power(std::int32_t symbol, prb_range prbs) const;
  /// Power that few PRBs and symbols stay below: the noise floor where something is unused. Zeros do not
  /// count.
  float floor() const;

private:
  void need(std::int32_t symbol) const
  {
    if ((ready_ >> symbol & 1U) == 0) {
      convert(symbol);
    }
  }
  void convert(std::int32_t symbol) const;

  view<const ch16, 3> grid_;
  mutable std::vector<cf32> re_;
  mutable std::vector<float> power_;
  mutable std::uint32_t ready_ = 0; ///< symbols that are converted
  mutable float floor_ = -1.0F;     ///< negative: not known yet
  std::int32_t nof_ports_ = 0;
  std::int32_t nof_prb_ = 0;
  std::int32_t grid_start_crb_ = 0;
};

} // namespace pado::phy
