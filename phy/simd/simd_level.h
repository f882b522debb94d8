// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pado::phy {

/// Which hand-tuned kernel a CPU stage runs.
enum class simd_level : std::int32_t {
  best,     ///< the widest this CPU has, but for avx512fp16
  portable, ///< the stage's body, compiled as it stands
  avx2,
  avx512,    ///< F, BW, VL, DQ, VBMI, VNNI
  avx512fp16 ///< the same and FP16; only stages that name it have such a kernel
};

/// True when this CPU runs the kernels of a level.
bool is_available(simd_level level);

/// The level itself, or for best the widest that is available.
simd_level resolve(simd_level level);

} // namespace pado::phy
