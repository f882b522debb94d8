// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pado::phy {

/// Whether the *_avx512.cpp sources of this build may run here.
inline bool cpu_has_avx512()
{
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                          __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni");
  return has;
#else
  return false;
#endif
}

} // namespace pado::phy
