// SPDX-License-Identifier: Apache-2.0
#include "core/limits.h"

namespace pado {

std::optional<error> check_range(const char* field, std::int64_t value, std::int64_t low, std::int64_t high)
{
  if (value >= low && value <= high) {
    return std::nullopt;
  }
  return error{field, "is " + std::to_string(value) + ", must be in " + std::to_string(low) + ".." + std::to_string(high)};
}

} // namespace pado
