// SPDX-License-Identifier: Apache-2.0
// ctest: golden
// links: pado_apps
#include "apps/conform_vectors.h"
#include "tests/support/shared.h"
#include <algorithm>
#include <cstdio>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

using namespace pado;
using apps::conform_result;
using apps::conform_verdict;

namespace {

std::vector<conform_result> run(const std::string& folder)
{
  return apps::run_vector_suite(folder, backend::cpu, [](const conform_result& line) {
    if (line.verdict == conform_verdict::fail) {
      MESSAGE(line.case_id, " ", line.input, " PDU ", line.pdu, ": ", line.detail);
    }
  });
}

std::int64_t count(const std::vector<conform_result>& results, conform_verdict verdict)
{
  return std::count_if(
      results.begin(), results.end(), [&](const auto& line) { return line.verdict == verdict; });
}

} // namespace

TEST_CASE("conform: the vectors in this repository decode to the bytes of an independent transmitter")
{
  const auto results = run(PADO_SOURCE_DIR "/testvectors/cases");
  CHECK(count(results, conform_verdict::fail) == 0);
  CHECK(count(results, conform_verdict::pass) == 11);
  // The DFT-s-OFDM PDU of pusch_7363.
  CHECK(count(results, conform_verdict::unsupported) == 1);
  // HARQ: the second transmission completes the block, which the reference needed three for.
  const auto second = std::find_if(results.begin(), results.end(), [](const conform_result& line) {
    return line.case_id == "pusch_7324" && line.slot_index == 1;
  });
  REQUIRE(second != results.end());
  CHECK(second->detail.find("combined") != std::string::npos);
}

TEST_CASE(
    "conform: every CP-OFDM PUSCH of the whole set, its UCI too, decodes, from the grid and from packets")
{
  const auto folder = test::shared_path("vectors/nv5g");
  if (!folder) {
    MESSAGE("skipped: no ../shared/vectors/nv5g beside the project");
    return;
  }
  const auto results = run(*folder);
  CHECK(count(results, conform_verdict::fail) == 0);
  CHECK(count(results, conform_verdict::pass) == 17);
  for (const conform_result& line : results) {
    if (line.verdict == conform_verdict::unsupported) {
      CAPTURE(line.case_id);
      CHECK(line.detail.size() > 10);
    }
  }
}

TEST_CASE("conform: a wrong expectation fails and says where it first differs")
{
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / "pado_conform_test";
  fs::remove_all(folder);
  fs::create_directories(folder);
  fs::copy(PADO_SOURCE_DIR "/testvectors/cases/pusch_7208", folder / "changed");
  std::ifstream in(folder / "changed" / "case.json");
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  in.close();
  // The scrambling identity of the data: the DM-RS still fits, the block cannot decode.
  const std::string key = "\"dataScramblingId\": 0";
  REQUIRE(text.find(key) != std::string::npos);
  text.replace(text.find(key), key.size(), "\"dataScramblingId\": 1");
  std::ofstream(folder / "changed" / "case.json") << text;
  const auto results = run(folder.string());
  REQUIRE(results.size() == 2);
  CHECK(results[0].verdict == conform_verdict::fail);
  CHECK(results[0].detail.find("CRC fails") != std::string::npos);
  fs::remove_all(folder);
}

TEST_CASE("conform: a folder without cases gives no result")
{
  CHECK(run("/nonexistent").empty());
}
