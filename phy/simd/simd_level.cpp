// SPDX-License-Identifier: Apache-2.0
#include "phy/simd/simd_level.h"
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace pado::phy {

#if defined(__x86_64__)
namespace {

/// clang 14 does not know the name; the operating system's part is that of avx512f.
bool has_fp16()
{
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (edx >> 23 & 1U) != 0;
}

} // namespace
#endif

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
  case simd_level::avx512fp16: {
    static const bool has_it =
        is_available(simd_level::avx512) && has_fp16(); // cpuid leaves a virtual machine
    return has_it;
  }
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
