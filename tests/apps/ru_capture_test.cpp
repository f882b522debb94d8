// SPDX-License-Identifier: Apache-2.0
// ctest: property net
// links: pado_apps
#include "apps/ru_session.h"
#include "io/pcap/pcap_reader.h"
#include "io/pcap/pcap_writer.h"
#include "tests/apps/ru_bench.h"
#include "tests/support/shared.h"
#include "tests/support/temporary_folder.h"
#include <cstdio>
#include <cstdlib>
#include <sstream>

using namespace pado;
using test::ru_bench;

namespace {

/// Writes what a bench sent.
void write_pcap(const ru_bench& bench, const std::string& path)
{
  auto writer = io::pcap_writer::create(path);
  REQUIRE_MESSAGE(writer, writer.failure().text());
  for (const auto& frame : bench.link.sent) {
    REQUIRE(writer.value().write(frame.bytes, frame.time_ns));
  }
  REQUIRE(writer.value().finish());
}

apps::ru_unit_config small_unit(bool is_unsolicited)
{
  auto scenario = apps::read_scenario_file(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml");
  REQUIRE_MESSAGE(scenario, scenario.failure().text());
  scenario.value().link.has_cplane = !is_unsolicited;
  return test::unit_of(scenario.value());
}

result<apps::ru_unit_config> capture_unit(const std::string& path, const apps::cell_config& cell)
{
  auto capture = apps::ru_capture::read(path, cell);
  if (!capture) {
    return capture.failure();
  }
  apps::ru_unit_config unit;
  unit.is_unsolicited = true;
  unit.cell = std::make_shared<apps::ru_cell_plan>(apps::plan_capture_cell(cell, capture.value()).value());
  unit.capture = std::make_shared<apps::ru_capture>(std::move(capture).value());
  return unit;
}

std::string output_of(const std::string& command)
{
  std::string text;
  std::FILE* pipe = popen(command.c_str(), "r"); // NOLINT(bugprone-command-processor): a fixed command
  REQUIRE(pipe != nullptr);
  char chunk[4096];
  while (const std::size_t n = std::fread(chunk, 1, sizeof(chunk), pipe)) {
    text.append(chunk, n);
  }
  pclose(pipe);
  return text;
}

} // namespace

TEST_CASE("ru capture: what an emulator sent comes again, with the headers of the new time")
{
  const test::temporary_folder folder;
  const auto unit = small_unit(true);
  ru_bench first({unit}, 1020); // 4 frames up to the wrap
  first.run_until(first.begin_ns + 40200000);
  REQUIRE(first.link.sent.size() == 16 * 28);
  write_pcap(first, folder.file("a.pcap"));
  const auto again = capture_unit(folder.file("a.pcap"), unit.cell->plan.scenario.cell);
  REQUIRE_MESSAGE(again, again.failure().text());
  CHECK(again.value().cell->period_frames == 4);
  for (const io::framing form : {io::framing::ethernet, io::framing::ecpri_pdu}) {
    ru_bench wanted({unit}, 500, form); // a multiple of the period later
    wanted.run_until(wanted.begin_ns + 90000000);
    ru_bench bench({again.value()}, 500, form);
    bench.run_until(bench.begin_ns + 90000000);
    bench.check_laws();
    REQUIRE(bench.link.sent.size() == wanted.link.sent.size());
    for (std::size_t i = 0; i < wanted.link.sent.size(); ++i) {
      CHECK(bench.link.sent[i].bytes == wanted.link.sent[i].bytes);
      CHECK(bench.link.sent[i].time_ns == wanted.link.sent[i].time_ns);
    }
  }
}

TEST_CASE("ru capture: a recording of another radio unit is sent, each frame once a period")
{
  const auto path = test::shared_path("captures/ocudu_20mhz_2ant.pcap");
  if (!path) {
    MESSAGE("skipped: no shared/captures");
    return;
  }
  apps::cell_config cell;
  cell.carrier.nof_prb = 51;
  cell.carrier.nof_rx_ports = 2;
  cell.fronthaul.emplace();
  cell.fronthaul->eaxc_pusch = {0, 1};
  cell.fronthaul->eaxc_prach = {4, 5};
  cell.fronthaul->vlan = 5;
  cell.fronthaul->header = apps::comp_header::dynamic;
  const auto unit = capture_unit(*path, cell);
  REQUIRE_MESSAGE(unit, unit.failure().text());
  CHECK(unit.value().cell->period_frames == 8); // 7 frames
  CHECK(unit.value().capture->frames().size() == 521 + 153);
  ru_bench bench({unit.value()}, 0);
  bench.run_until(bench.begin_ns + 10240000000 / 128);
  bench.check_laws();
  CHECK(bench.link.sent.size() == 521 + 153);
  cell.fronthaul->vlan = 6;
  const auto none = capture_unit(*path, cell);
  REQUIRE(!none);
  CHECK(none.failure().text().find("has no uplink U-plane") != std::string::npos);
}

TEST_CASE("ru: tshark reads every packet, nothing malformed, with the SFN of the time at which it was sent")
{
  // NOLINTNEXTLINE(bugprone-command-processor, concurrency-mt-unsafe)
  if (std::system("tshark --version > /dev/null 2>&1") != 0) {
    MESSAGE("skipped: no tshark");
    return;
  }
  const test::temporary_folder folder;
  ru_bench bench({small_unit(true)}, 1023);
  bench.run_until(bench.begin_ns + 20400000);
  REQUIRE(bench.link.sent.size() == 8 * 28);
  write_pcap(bench, folder.file("a.pcap"));
  std::string options;
  for (const char* way : {"up", "down"}) {
    const std::string prefix = " -o oran_fh_cus.oran.";
    options += prefix + "iq_bitwidth_" + way + ":9" + prefix + "ud_comp_" + way + ":COMP_BLOCK_FP" + prefix +
               "ud_comp_hdr_" + way + ":FALSE";
  }
  const std::string fields =
      output_of("tshark -n -r " + folder.file("a.pcap") + options +
                " -o oran_fh_cus.oran.rbs_in_uplane_section:51 -T fields -E separator=';' -E occurrence=f"
                " -e ecpri.type -e oran_fh_cus.frameId -e oran_fh_cus.subframe_id -e oran_fh_cus.slotId"
                " -e _ws.malformed -e vlan.id 2> /dev/null");
  std::istringstream lines(fields);
  int nof_lines = 0;
  for (std::string line; std::getline(lines, line); ++nof_lines) {
    const int slot = nof_lines / 28;
    const std::string wanted = ";" + std::to_string(slot < 4 ? 255 : 0) + ";" +
                               std::to_string(slot % 4 * 5 / 2 + 2) + ";" + std::to_string(slot % 2) + ";;5";
    CHECK_MESSAGE((line == "0" + wanted || line == "0x00" + wanted), line << " wanted " << wanted);
  }
  CHECK(nof_lines == 8 * 28);
}

TEST_CASE("ru capture: the options of the command are refused in one line when they do not fit")
{
  const virtual_clock time;
  apps::ru_options options;
  options.capture = PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml";
  options.cell = PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml";
  const auto config = apps::prepare_ru(options, time);
  REQUIRE(!config);
  CHECK(config.failure().text().find("unknown key") != std::string::npos); // a scenario is no cell.yaml
}
