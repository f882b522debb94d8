// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace pado::test {

/// Path of a file or folder of the reference material beside the project, if it is there.
/// The folder is the environment variable PADO_SHARED, else ../shared beside the source tree.
/// A test that gets nothing says "skipped: ..." with MESSAGE and returns.
std::optional<std::string> shared_path(const std::string& relative);

/// A CSV file without its header line, split at commas (no quoting in our tables).
std::vector<std::vector<std::string>> read_csv(const std::string& path);

/// All bytes of a file; empty when it cannot be read.
std::vector<unsigned char> read_bytes(const std::string& path);

} // namespace pado::test
