// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>

namespace pado::test {

/// A folder that goes away with the test.
class temporary_folder {
public:
  temporary_folder()
  {
    std::string name = (std::filesystem::temp_directory_path() / "pado-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~temporary_folder()
  {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }

  /// Writes a file and gives its path.
  std::string write(const std::string& name, std::string_view content) const
  {
    std::ofstream(file(name), std::ios::binary) << content;
    return file(name);
  }

private:
  std::string path_;
};

} // namespace pado::test
