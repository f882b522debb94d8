// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/blind_session.h"
#include <string>

namespace pado::apps {

/// The UEs of a capture as a table for a person, and as JSON with one object a line. Both show the same
/// numbers.
std::string blind_text(const blind_result& found);
std::string blind_json(const blind_result& found);

} // namespace pado::apps
