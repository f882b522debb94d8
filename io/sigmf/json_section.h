// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace pado::io {

/// A value as it stands in a file, cut to what fits a message.
std::string shown_json(const nlohmann::json& value);

/// The keys of one object of a metadata file, read with messages that name file and key.
struct json_section {
  const nlohmann::json& object;
  std::string where; ///< "lab.sigmf-meta: captures[3]."

  error wrong(const char* key, const std::string& what) const { return error{where + key, what}; }

  /// A whole number that JSON may also write as 11520000.0. unit: " of Hz", or empty
  /// \errors missing, not a whole number, outside lowest..highest
  result<std::int64_t>
  whole(const char* key, std::int64_t lowest, std::int64_t highest, const char* unit) const;
};

} // namespace pado::io
