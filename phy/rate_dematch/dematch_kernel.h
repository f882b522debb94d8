// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/simd/simd_level.h"
#include <cstdint>

namespace pado::phy {

/// The two loops of rate dematching that instruction sets do differently.
struct dematch_kernel {
  /// Bit i of n modulation symbols: out[j] = in[j * qam_mod_order + i].
  /// out has room for n rounded up to 64. Nothing outside the symbols is read.
  void (*gather)(
      const std::int8_t* in, std::int32_t qam_mod_order, std::int32_t i, std::int32_t n, std::int8_t* out);
  /// sum[k] = saturated(sum[k] + x[k]). Nothing outside [0, n) is written.
  void (*add)(std::int8_t* sum, const std::int8_t* x, std::int32_t n);
};

/// Only called when the CPU has the instructions.
const dematch_kernel& dematch_kernel_avx2();
const dematch_kernel& dematch_kernel_avx512();

} // namespace pado::phy
