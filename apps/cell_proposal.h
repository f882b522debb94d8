// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_file.h"
#include <map>
#include <string>

namespace pado::apps {

/// A cell.yaml made from what was found in a file.
struct cell_proposal {
  cell_config cell;
  /// Key ("carrier.phys_cell_id") to a remark, for values that are guessed ("~ ...") or not in the file.
  std::map<std::string, std::string> notes;
};

} // namespace pado::apps
