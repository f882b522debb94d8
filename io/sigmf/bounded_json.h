// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace pado::io {

/// Limits for JSON from strangers.
struct json_limits {
  std::size_t max_bytes = 64U << 20U;
  int max_depth = 32;
};

/// Parses one JSON document.
///
/// \errors too long, nested too deep, not UTF-8, not JSON, a key twice in one object: `where` plus the column
/// (one
///         line) or the byte
result<nlohmann::json>
parse_bounded_json(std::string_view text, const std::string& where, const json_limits& limits);

/// All bytes of a plain file. "-" reads standard input.
/// \errors not there, a folder, longer than max_bytes
result<std::string> read_text_file(const std::string& path, std::size_t max_bytes);

/// Writes a file anew. False when not all of it could be written: errno says why.
bool write_text_file(const std::string& path, std::string_view text);

/// Length of a plain file. \errors not there, not a plain file
result<std::int64_t> plain_file_bytes(const std::string& path);

} // namespace pado::io
