// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstdint>
#include <optional>

namespace pado {

/// The error "FIELD is VALUE, must be in LOW..HIGH" when value is outside, else nothing.
std::optional<error> check_range(const char* field, std::int64_t value, std::int64_t low, std::int64_t high);

} // namespace pado
