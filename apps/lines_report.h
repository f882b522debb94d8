// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <string>

namespace pado::apps {

/// What the page of a command without pictures of its own says of itself.
struct lines_report {
  std::string kind;  ///< "inspect"
  std::string about; ///< what it is about: the file
  std::string lines; ///< the JSON lines that the command prints with --json: they become tables, one a `type`
  std::string verdict; ///< beside the title; empty: none
  bool is_good = true;
};

/// Writes such a page to a file. \errors it cannot be written
result<nothing> write_lines_report(const std::string& path, const lines_report& report);

/// Writes a page to a file. \errors it cannot be written
result<nothing> write_page(const std::string& path, const std::string& html);

} // namespace pado::apps
