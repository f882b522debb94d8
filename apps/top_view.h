// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/live_status.h"
#include <string>

namespace pado::apps {

/// Where a frame of `pado top` is shown.
struct top_screen {
  int columns = 80;
  int rows = 24;            ///< 0: as many as there is to say
  bool is_styled = false;   ///< bold headings, red marks; never the only sign of anything
  bool has_unicode = false; ///< blocks for bars; else characters that any terminal has
  std::string where;        ///< "127.0.0.1:9464"
};

/// One frame: lines of at most `columns` characters, at most `rows` of them. `before` is an earlier status
/// for rates, or nullptr. Sections that are cut say how much is left out.
std::string top_frame(const live_status& now, const live_status* before, const top_screen& screen);

} // namespace pado::apps
