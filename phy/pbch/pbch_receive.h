// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/view.h"
#include "phy/pbch/mib.h"
#include "phy/pbch/pbch_demod.h"
#include "phy/polar/polar_decode.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace pado::phy {

/// What was heard on the PBCH of one block.
struct pbch_report {
  std::optional<mib> content;      ///< only when the CRC holds and the payload makes sense
  std::int32_t nof_candidates = 0; ///< L_max, 4 or 8: the one with which the CRC holds; 0: it does not
  float pilot_metric = 0.0F;
  float phase_step_rad = 0.0F; ///< see pbch_demod_status
  float penalty = 1.0F;        ///< see polar_decode_status
};

/// PBCH receiver for tools, on the CPU: the stages pbch_demod and polar_decode behind each other.
class pbch_receiver {
public:
  pbch_receiver();

  /// Decodes one block. Blocks of 4 and of 8 candidates are told apart by the CRC and the half frame bit,
  /// except where they are equal: indices 0..3 in the first half frame. grid  [4][240]  cf32, timing removed
  /// \param likely_candidates  4 or 8: tried first
  pbch_report receive(view<const cf32, 2> grid, std::int32_t pci, std::int32_t likely_candidates = 8);

private:
  pbch_report decode(view<const cf32, 3> grid, const pbch_demod_task& task);

  pbch_demod<backend::cpu> demod_;
  polar_decode<backend::cpu> decode_;
  buffer<polar_code> code_;
  std::vector<std::uint32_t> words_;
};

} // namespace pado::phy
