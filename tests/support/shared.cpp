// SPDX-License-Identifier: Apache-2.0
#include "tests/support/shared.h"
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace pado::test {

std::optional<std::string> shared_path(const std::string& relative)
{
  const char* chosen = std::getenv("PADO_SHARED");
  const std::filesystem::path root = chosen != nullptr ? chosen : PADO_SOURCE_DIR "/../shared";
  const std::filesystem::path path = root / relative;
  if (!std::filesystem::exists(path)) {
    return std::nullopt;
  }
  return path.string();
}

std::vector<std::vector<std::string>> read_csv(const std::string& path)
{
  std::ifstream file(path);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    if (!line.empty() && line.back() == '\r') {
      line.pop_back();
    }
    std::vector<std::string> cells;
    std::string cell;
    std::istringstream stream(line);
    while (std::getline(stream, cell, ',')) {
      cells.push_back(cell);
    }
    if (!line.empty() && line.back() == ',') {
      cells.emplace_back();
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::vector<unsigned char> read_bytes(const std::string& path)
{
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

} // namespace pado::test
