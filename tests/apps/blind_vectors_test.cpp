// SPDX-License-Identifier: Apache-2.0
// ctest: golden
// links: pado_apps
#include "apps/conform_vectors.h"
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace pado;

namespace {

/// A folder with one case of the tree, its case.json with `from` replaced by `to`.
struct case_folder {
  std::filesystem::path path;

  case_folder(const std::string& name, const std::string& from, const std::string& to)
      : path(std::filesystem::temp_directory_path() / ("pado_blind_vectors_" + name))
  {
    namespace fs = std::filesystem;
    fs::remove_all(path);
    fs::create_directories(path);
    fs::copy(fs::path(PADO_SOURCE_DIR) / "testvectors/cases/pusch_7287", path / "pusch_7287");
    const fs::path file = path / "pusch_7287/case.json";
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    std::string all = text.str();
    const std::size_t at = all.find(from);
    REQUIRE(at != std::string::npos);
    std::ofstream(file) << all.replace(at, from.size(), to);
  }
  case_folder(const case_folder&) = delete;
  case_folder& operator=(const case_folder&) = delete;
  ~case_folder() { std::filesystem::remove_all(path); }
};

std::vector<apps::conform_result> run(const case_folder& folder)
{
  return apps::run_blind_vectors(folder.path.string(), {1, false}, [](const apps::conform_result&) {});
}

} // namespace

TEST_CASE("run_blind_vectors: a PUSCH of 2 PRB is found and decoded without its PDU")
{
  const auto results = run(case_folder("as_it_is", "\"RNTI\": 0", "\"RNTI\": 0"));
  REQUIRE(results.size() == 1);
  CHECK(results[0].verdict == apps::conform_verdict::pass);
}

TEST_CASE("run_blind_vectors: what was found under another RNTI is a failure")
{
  const auto results = run(case_folder("other_rnti", "\"RNTI\": 0", "\"RNTI\": 9"));
  REQUIRE(!results.empty());
  CHECK(results[0].verdict == apps::conform_verdict::fail);
}
