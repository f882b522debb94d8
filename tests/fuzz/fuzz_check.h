// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/ecpri/wire.h"
#include <cstdlib>

namespace pado::fuzz {

/// A law that no input may break. assert() would be silent in a build without assertions.
inline void require(bool holds)
{
  if (!holds) {
    std::abort();
  }
}

/// True when `part` lies inside `whole`.
inline bool is_inside(io::packet part, io::packet whole)
{
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

/// Touches every byte, so that the address sanitizer sees a view that is too long.
inline void touch(io::packet bytes)
{
  unsigned sum = 0;
  for (const std::byte byte : bytes) {
    sum += std::to_integer<unsigned>(byte);
  }
  volatile unsigned sink = sum;
  (void)sink;
}

} // namespace pado::fuzz
