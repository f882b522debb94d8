// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pado::test {

/// Calls of operator new by this thread so far. run() of a stage must not change it.
std::int64_t allocation_count();

} // namespace pado::test
