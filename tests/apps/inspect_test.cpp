// SPDX-License-Identifier: Apache-2.0
// ctest: golden
#include "apps/commands.h"
#include "apps/inspect_fronthaul.h"
#include "io/pcap/pcap_writer.h"
#include "tests/io/fronthaul_frames.h"
#include "tests/support/shared.h"
#include "tests/support/temporary_folder.h"
#include <CLI/CLI.hpp>
#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using nlohmann::json;
using namespace pado::apps; // NOLINT(google-build-using-namespace)
using namespace pado::io;   // NOLINT(google-build-using-namespace)
using pado::numerology;
using pado::slot_id;
using pado::test::temporary_folder;

namespace {

constexpr int nof_ports = 3;
constexpr int nof_prb = 24;
constexpr int nof_slots = 120;
constexpr int nof_frames = nof_slots / 5 * 18 * nof_ports;
constexpr std::int64_t begin_ns = 1700000000000000000;

/// 60 ms of TDD DDDSU at 30 kHz, of which the uplink is in the capture: three ports, the last one weak.
/// S carries uplink in symbols 10 to 13. One frame of port 1 is lost, one comes twice.
void write_capture(const std::string& path)
{
  auto writer = pcap_writer::create(path);
  REQUIRE(writer);
  std::uint8_t sequence[nof_ports] = {};
  std::vector<std::byte> buffer(10240);
  int count = 0;
  for (int slot = 0; slot < nof_slots; ++slot) {
    for (int symbol = slot % 5 == 4 ? 0 : 10; slot % 5 >= 3 && symbol < 14; ++symbol) {
      for (int port = 0; port < nof_ports; ++port) {
        auto flow = pado::test::plain_flow(static_cast<std::uint16_t>(0x20 + port));
        flow.link.vlan = 7;
        const float gain = port == 2 ? 0.1F : 10.0F;
        std::vector<pado::cf32> re(12 * nof_prb, pado::cf32{300.0F, -400.0F});
        std::vector<std::byte> iq(prb_bytes(flow.format) * nof_prb);
        encode_prbs(flow.format, re, gain, iq);
        const slot_id at = pado::advance({0, 0}, slot, numerology{1});
        u_plane_writer frames(flow, app_header_of(at, numerology{1}, symbol, direction::uplink), {0, 0, iq});
        const std::size_t size = frames.next(sequence[port], buffer);
        REQUIRE(size > 0);
        const std::int64_t time_ns = begin_ns + 500000 * slot + 500000 * symbol / 14 + 100000;
        ++count;
        for (int copies = count == 50 ? 0 : count == 90 ? 2 : 1; copies > 0; --copies) {
          REQUIRE(writer.value().write(std::span(buffer).first(size), time_ns));
        }
      }
    }
  }
  REQUIRE(writer.value().finish());
}

/// Runs `pado inspect ARGUMENTS` in this process.
int run(const std::vector<std::string>& arguments)
{
  CLI::App app("pado", "pado");
  int exit_code = -1;
  add_inspect_command(app, exit_code);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  reversed.emplace_back("inspect");
  try {
    app.parse(reversed); // CLI11 takes a vector from its end
  } catch (const CLI::ParseError&) {
    return exit_wrong_use;
  }
  return exit_code;
}

std::vector<json> lines_of(const std::string& text, const std::string& type)
{
  std::vector<json> found;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    json parsed = json::parse(line);
    if (parsed["type"] == type) {
      found.push_back(parsed);
    }
  }
  return found;
}

bool has(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

std::string text_of(const std::string& path)
{
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("inspect: a capture tells compression, PRBs, pattern, losses and power without being told anything")
{
  const temporary_folder folder;
  write_capture(folder.file("lab.pcap"));
  const auto got = survey_capture(folder.file("lab.pcap"), false);
  REQUIRE_MESSAGE(got, (got ? "" : got.failure().text()));
  const fronthaul_findings& findings = got.value();
  CHECK(findings.nof_frames == nof_frames); // one less and one more
  REQUIRE(findings.survey.cells.size() == 1);
  CHECK(pattern_letters(findings.survey.cells[0]) == "---SU");
  REQUIRE(findings.power.size() == 3);
  // 3000 - 4000j against 32768, and 30 - 40j.
  CHECK(findings.power[0].dbfs == doctest::Approx(20.0 * std::log10(5000.0 / 32768.0)).epsilon(0.005));
  CHECK(findings.power[2].dbfs == doctest::Approx(20.0 * std::log10(50.0 / 32768.0)).epsilon(0.01));
  CHECK(findings.power[2].eaxc == 0x22);
  CHECK_FALSE(findings.damage);
  REQUIRE(findings.warnings.size() == 1);
  CHECK(has(findings.warnings[0], "port 2 (eAxC 34) is 40 dB below the strongest: cable?"));
}

TEST_CASE("inspect: table and JSON show the same numbers")
{
  const temporary_folder folder;
  write_capture(folder.file("lab.pcap"));
  const auto got = survey_capture(folder.file("lab.pcap"), false);
  REQUIRE(got);
  const std::string table = fronthaul_text(got.value());
  const std::string lines = fronthaul_json(got.value());
  INFO(table);
  CHECK(has(table, "vlan 7, 30 kHz, 24 PRB"));
  CHECK(has(table, "U up   32-34  0-13     0-23  BFP 9 static   1 296     1    1"));
  CHECK(has(table,
            "TDD  ---SU, 2.5 ms: uplink slots 4; special slot 3, uplink symbols 10-13 (~ the capture has no "
            "downlink)"));
  CHECK(has(table, "power, dBFS   port 0 -16.3   port 1 -16.3   port 2 -56.3"));
  CHECK(has(table, "! port 2 (eAxC 34) is 40 dB below"));
  const auto flows = lines_of(lines, "flow");
  REQUIRE(flows.size() == 3);
  std::int64_t frames = 0;
  std::int64_t lost = 0;
  std::int64_t duplicates = 0;
  for (const json& flow : flows) {
    frames += flow["frames"].get<std::int64_t>();
    lost += flow["lost"].get<std::int64_t>();
    duplicates += flow["duplicates"].get<std::int64_t>();
    CHECK(flow["comp_method"] == "BFP");
    CHECK(flow["comp_width"] == 9);
    CHECK(flow["comp_header"] == "static");
    CHECK(flow["nof_prb"] == 24);
    CHECK(flow["vlan"] == 7);
  }
  CHECK(frames == nof_frames);
  CHECK(lost == 1);
  CHECK(duplicates == 1);
  CHECK(lines_of(lines, "cell")[0]["tdd_pattern"] == "---SU");
  CHECK(lines_of(lines, "port_power")[2]["dbfs"].get<double>() == doctest::Approx(-56.3).epsilon(0.001));
  CHECK(lines_of(lines, "warning").size() == 1);
}

TEST_CASE("inspect: the cell.yaml that it writes is one that the reader accepts")
{
  const temporary_folder folder;
  write_capture(folder.file("lab.pcap"));
  CHECK(run({folder.file("lab.pcap"), "--quiet", "--cell-out", folder.file("cell.yaml")}) == exit_done);
  const auto cell = read_cell_file(folder.file("cell.yaml"));
  REQUIRE_MESSAGE(cell, (cell ? "" : cell.failure().text()));
  CHECK(cell.value().carrier.scs == numerology{1});
  CHECK(cell.value().carrier.nof_prb == 24);
  CHECK(cell.value().carrier.nof_rx_ports == 3);
  REQUIRE(cell.value().fronthaul);
  CHECK(cell.value().fronthaul->eaxc_pusch == std::vector<std::uint16_t>{0x20, 0x21, 0x22});
  CHECK(cell.value().fronthaul->vlan == 7);
  CHECK(cell.value().fronthaul->comp_width == 9);
  REQUIRE(cell.value().tdd);
  CHECK(uplink_symbols(cell.value(), {0, 3}) == 0x3c00);
  CHECK(uplink_symbols(cell.value(), {0, 4}) == 0x3fff);
  CHECK(uplink_symbols(cell.value(), {0, 5}) == 0);
  CHECK(has(text_of(folder.file("cell.yaml")), "pattern: DDDSU  # ~ from the uplink alone"));
}

TEST_CASE("inspect: a capture that was cut is shown as far as it goes, then its damage, exit code 2")
{
  const temporary_folder folder;
  write_capture(folder.file("lab.pcap"));
  std::filesystem::resize_file(folder.file("lab.pcap"), 30000);
  const auto got = survey_capture(folder.file("lab.pcap"), false);
  REQUIRE(got);
  CHECK(got.value().nof_frames > 30);
  REQUIRE(got.value().damage);
  CHECK(has(got.value().damage->text(), "cut short at offset 30000"));
  CHECK(run({folder.file("lab.pcap"), "--quiet"}) == exit_wrong_use);
  CHECK(run({folder.file("lab.pcap"), "--json"}) == exit_wrong_use);
}

TEST_CASE("inspect: a capture without fronthaul says what is in it, exit code 1")
{
  const temporary_folder folder;
  auto writer = pcap_writer::create(folder.file("other.pcap"));
  REQUIRE(writer);
  const std::vector<std::byte> frame(60, std::byte{1});
  REQUIRE(writer.value().write(frame, begin_ns));
  REQUIRE(writer.value().finish());
  const auto got = survey_capture(folder.file("other.pcap"), false);
  REQUIRE(got);
  CHECK(has(fronthaul_text(got.value()), "no O-RAN fronthaul in it (1 not_fronthaul)"));
  CHECK(run({folder.file("other.pcap"), "--cell-out", folder.file("cell.yaml")}) == exit_negative);
  CHECK_FALSE(std::filesystem::exists(folder.file("cell.yaml")));
}

TEST_CASE("inspect: wrong use gives exit code 2")
{
  const temporary_folder folder;
  CHECK(run({}) == exit_wrong_use);
  CHECK(run({folder.file("none.pcap")}) == exit_wrong_use);
  CHECK(run({folder.file("none.sigmf-meta")}) == exit_wrong_use);
  CHECK(run({folder.file("none.iq"), "--rate", "1000"}) == exit_wrong_use);
  CHECK(run({folder.file("none.iq"), "--rate", "-1"}) == exit_wrong_use);
  CHECK(run({folder.file("none.iq"), "--rate", "1000", "--format", "u8"}) == exit_wrong_use);
  CHECK(run({"x", "--no-such-flag"}) == exit_wrong_use);
}

TEST_CASE("inspect: the recorded DU and RU give their pattern, ports and a cell")
{
  const auto path = pado::test::shared_path("captures/ocudu_20mhz_2ant.pcap");
  if (!path) {
    MESSAGE("skipped: captures/ocudu_20mhz_2ant.pcap is not beside the project");
    return;
  }
  const auto got = survey_capture(*path, false);
  REQUIRE(got);
  REQUIRE(got.value().survey.cells.size() == 1);
  CHECK(pattern_letters(got.value().survey.cells[0]) == "DDDDDDDSUU");
  const auto proposal = propose_cell(got.value(), 0);
  REQUIRE(proposal);
  const cell_config& cell = proposal.value().cell;
  CHECK(cell.carrier.nof_prb == 51);
  CHECK(cell.fronthaul->eaxc_pusch == std::vector<std::uint16_t>{0, 1});
  CHECK(cell.fronthaul->eaxc_prach == std::vector<std::uint16_t>{4, 5});
  CHECK(cell.fronthaul->header == comp_header::dynamic);
  CHECK(cell.tdd->special_downlink_symbols == 6);
  CHECK(cell.tdd->special_uplink_symbols == 0);
  CHECK(parse_cell_file(write_cell_file(cell, proposal.value().notes), "cell.yaml"));
  CHECK(has(fronthaul_text(got.value()), "special slot 7, downlink symbols 0-5"));
  // Its uplink is random bytes, with exponents up to 15.
  CHECK(has(got.value().warnings.front(), "above the full scale of 16 bits"));
}
