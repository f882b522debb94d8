// SPDX-License-Identifier: Apache-2.0
#include "phy/simd/simd_level.h"

namespace pado::phy {

bool is_available(simd_level level)
{
#if defined(__x86_64__)
  switch (level) {
  case simd_level::avx2:
    return __builtin_cpu_supports("avx2") != 0;
  case simd_level::avx512:
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
           __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
           __builtin_cpu_supports("avx512vbmi") != 0 && __builtin_cpu_supports("avx512vnni") != 0;
  default:
    return true;
  }
#else
  return level == simd_level::best || level == simd_level::portable;
#endif
}

simd_level resolve(simd_level level)
{
  if (level != simd_level::best) {
    return level;
  }
  if (is_available(simd_level::avx512)) {
    return simd_level::avx512;
  }
  return is_available(simd_level::avx2) ? simd_level::avx2 : simd_level::portable;
}

} // namespace pado::phy
