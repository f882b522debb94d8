// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pado {

/// "Did you mean 'comp_width'?" when a name is near, else "Known are: ...".
std::string suggestion(std::string_view typed, const std::vector<std::string>& known);

} // namespace pado
