// SPDX-License-Identifier: Apache-2.0
#include "core/limits.h"
#include <cstdio>

namespace pado {

std::optional<error> check_range(const char* field, std::int64_t value, std::int64_t low, std::int64_t high)
{
  if (value >= low && value <= high) {
    return std::nullopt;
  }
  return error{field,
               "is " + std::to_string(value) + ", must be in " + std::to_string(low) + ".." +
                   std::to_string(high)};
}

std::optional<error> first_out_of_range(std::initializer_list<field_range> fields)
{
  for (const field_range& f : fields) {
    if (!(f.value >= f.low && f.value <= f.high)) {
      char text[96];
      std::snprintf(text, sizeof(text), "is %.9g, must be in %.9g..%.9g", f.value, f.low, f.high);
      return error{f.field, text};
    }
  }
  return std::nullopt;
}

} // namespace pado
