// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <system_error>

namespace pado {

/// What a value of errno means, as strerror() says it, from any thread.
inline std::string errno_text(int number)
{
  return std::generic_category().message(number);
}

} // namespace pado
