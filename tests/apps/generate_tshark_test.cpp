// SPDX-License-Identifier: Apache-2.0
// ctest: net
// links: pado_apps
#include "apps/generate.h"
#include <cstdio>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <sstream>
#include <string>
#include <unistd.h>

using namespace pado;
namespace fs = std::filesystem;

namespace {

std::string output_of(const std::string& command)
{
  std::string text;
  std::FILE* pipe =
      popen(command.c_str(), "r"); // NOLINT(bugprone-command-processor): a fixed command on our own file
  REQUIRE(pipe != nullptr);
  char chunk[4096];
  while (const std::size_t n = std::fread(chunk, 1, sizeof(chunk), pipe)) {
    text.append(chunk, n);
  }
  pclose(pipe);
  return text;
}

std::string oran_options(int width, const std::string& method, bool is_dynamic)
{
  std::string options;
  for (const char* way : {"up", "down"}) {
    const std::string prefix = " -o oran_fh_cus.oran.";
    options += prefix + "iq_bitwidth_" + way + ":" + std::to_string(width);
    options += prefix + "ud_comp_" + way + ":" + method;
    options += prefix + "ud_comp_hdr_" + way + (is_dynamic ? ":TRUE" : ":FALSE");
  }
  return options + " -o oran_fh_cus.oran.rbs_in_uplane_section:51";
}

} // namespace

TEST_CASE("generate: tshark reads every packet, nothing malformed, and the fields are those of the scenario")
{
  // NOLINTNEXTLINE(bugprone-command-processor, concurrency-mt-unsafe)
  if (std::system("tshark --version > /dev/null 2>&1") != 0) {
    MESSAGE("skipped: no tshark");
    return;
  }
  const fs::path folder = fs::temp_directory_path() / ("pado_tshark_" + std::to_string(getpid()));
  auto scenario = apps::read_scenario_file(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml").value();
  scenario.simulation.nof_slots = 5;
  const struct {
    compression method;
    const char* name;
    int width;
    bool is_dynamic;
  } formats[] = {{compression::bfp, "COMP_BLOCK_FP", 9, false},
                 {compression::none, "COMP_NONE", 16, false},
                 {compression::bfp, "COMP_BLOCK_FP", 14, true}};
  for (const auto& format : formats) {
    CAPTURE(std::string(format.name));
    scenario.cell.fronthaul->comp_method = format.method;
    scenario.cell.fronthaul->comp_width = format.width;
    scenario.cell.fronthaul->header =
        format.is_dynamic ? apps::comp_header::dynamic : apps::comp_header::static_config;
    apps::generate_options options;
    options.output = (folder / "a.pcap").string();
    const auto summary = apps::generate(scenario, options);
    REQUIRE_MESSAGE(summary, summary.failure().text());
    const std::string fields = output_of(
        "tshark -n -r " + options.output + oran_options(format.width, format.name, format.is_dynamic) +
        " -T fields -E separator=';' -E occurrence=f -e ecpri.type -e oran_fh_cus.frameId"
        " -e oran_fh_cus.subframe_id -e oran_fh_cus.slotId -e _ws.malformed -e vlan.id"
        " 2> /dev/null");
    std::istringstream lines(fields);
    int nof_user = 0;
    int nof_control = 0;
    for (std::string line; std::getline(lines, line);) {
      // Slot 4 of the pattern, in frame 1023: subframe 2, slot 0; frameId has 8 bits.
      const bool is_user = line == "0;255;2;0;;5" || line == "0x00;255;2;0;;5";
      const bool is_control = line == "2;255;2;0;;5" || line == "0x02;255;2;0;;5";
      CHECK_MESSAGE((is_user || is_control), line);
      nof_user += is_user ? 1 : 0;
      nof_control += is_control ? 1 : 0;
    }
    CHECK(nof_user == summary.value().nof_uplane_frames);
    CHECK(nof_control == summary.value().nof_cplane_frames);
    CHECK(nof_control == 2);
  }
  fs::remove_all(folder);
}
