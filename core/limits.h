// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstdint>
#include <initializer_list>
#include <optional>

namespace pado {

/// The error "FIELD is VALUE, must be in LOW..HIGH" when value is outside, else nothing.
std::optional<error> check_range(const char* field, std::int64_t value, std::int64_t low, std::int64_t high);

/// One field of a configuration and where it must lie.
struct field_range {
  const char* field;
  double value;
  double low;
  double high;
};

/// The same error for the first field outside its range, or nothing. NaN lies in no range.
std::optional<error> first_out_of_range(std::initializer_list<field_range> fields);

} // namespace pado
