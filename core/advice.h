// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot.h"
#include <array>
#include <cstdint>

namespace pado {

inline constexpr int max_nof_mcs = 32;

/// Whose value an advice carries, and why not the model's.
enum class advice_source : std::uint8_t {
  classical,    ///< no model is loaded
  model,        ///< the model's answer, inside its budget and range
  late,         ///< the model missed its time budget: classical value
  not_a_number, ///< the model said NaN or infinity: classical value
  out_of_range, ///< the model left [0, 1]: classical value
  guarded,      ///< the guard took the model out after it had been wrong: classical value
  nof_sources
};

/// Link-quality advice for one UE: the hand-over from models/ to mac/.
struct link_advice {
  std::uint16_t rnti = 0;
  advice_source source = advice_source::classical;
  std::array<float, max_nof_mcs> success_probability = {}; ///< P(CRC holds) of each MCS of the UE's table
  std::int32_t nof_mcs = 0;
  std::int64_t inference_ns = 0;
};

} // namespace pado
