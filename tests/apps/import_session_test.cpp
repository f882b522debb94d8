// SPDX-License-Identifier: Apache-2.0
// ctest: golden
// links: pado_apps
#include "apps/import_session.h"
#include "apps/inspect_grid.h"
#include "apps/replay_print.h"
#include "apps/replay_session.h"
#include "tests/support/shared.h"
#include "tests/support/temporary_folder.h"
#include <algorithm>
#include <cstring>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace pado;

namespace {

const std::string dump = PADO_SOURCE_DIR "/testvectors/ocudu_gnb_dump/";
const std::string real = PADO_SOURCE_DIR "/testvectors/ue_n3_10mhz/";

std::string text_of(const std::string& path)
{
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

bool has(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

apps::import_summary imported(const test::temporary_folder& folder,
                              const std::string& log,
                              const std::string& symbols,
                              std::int32_t nof_rx_ports = 0)
{
  apps::import_options options;
  options.inputs = {symbols, log};
  options.output = folder.file("lab");
  options.nof_rx_ports = nof_rx_ports;
  const auto got = apps::import_files(options);
  REQUIRE_MESSAGE(got, got.failure().text());
  return got.value();
}

struct replayed {
  std::unique_ptr<apps::replay_session> session;
  std::vector<slot_report> reports;
};

replayed replay(const apps::import_summary& summary)
{
  static const steady_clock time;
  apps::replay_options options;
  options.input = summary.capture_path;
  options.cell = summary.cell_path;
  options.schedule = summary.schedule_path;
  options.nof_workers = 1;
  options.is_checked = true;
  replayed out;
  auto opened = apps::replay_session::open(options, time);
  REQUIRE_MESSAGE(opened, opened.failure().text());
  out.session = std::move(opened).value();
  const auto failure =
      out.session->run([&](const slot_report& report,
                           const pipeline::decision_loop::decision&) { out.reports.push_back(report); },
                       [] { return false; });
  CHECK_FALSE(failure);
  return out;
}

/// Every PUSCH that was decoded holds the bytes that the UE sent, by a schedule that the import has not seen.
std::size_t compare_with_truth(const replayed& run, const apps::schedule& truth)
{
  std::size_t nof_equal = 0;
  for (const slot_report& report : run.reports) {
    for (const pusch_report& pusch : report.pusch) {
      CAPTURE(report.slot.sfn);
      CAPTURE(report.slot.slot);
      CHECK(pusch.tb_crc_ok);
      for (const apps::scheduled_slot& line : truth.slots) {
        for (std::size_t i = 0; line.plan.slot == report.slot && i < line.plan.pusch.size(); ++i) {
          CHECK(line.expected[i].transmitted == true);
          CHECK(line.plan.pusch[i].mcs_index == pusch.pdu.mcs_index);
          CHECK(line.plan.pusch[i].mcs_table == pusch.pdu.mcs_table);
          CHECK(*line.expected[i].payload == pusch.payload);
          ++nof_equal;
        }
      }
    }
  }
  return nof_equal;
}

} // namespace

TEST_CASE("import: a gNB's log and symbols decode to what its log and the UE say")
{
  const test::temporary_folder folder;
  const apps::import_summary summary = imported(folder, dump + "gnb.log", dump + "rx_symbols.cf32");
  CHECK(summary.nof_grids == 16);
  CHECK(summary.nof_prach_places == 1);
  CHECK(summary.remarks.kinds.empty());
  const apps::imported_ue& ue = summary.ues.at(0x4601);
  CHECK(ue.nof_pusch == 5);
  CHECK(ue.nof_unsupported == 0);
  CHECK(ue.nof_crc_ok == 5);
  CHECK(ue.nof_payload == 5);
  CHECK(ue.nof_pucch == 11);
  REQUIRE(summary.cell);
  CHECK(summary.cell->cell.carrier.nof_prb == 52);
  CHECK(summary.cell->cell.carrier.nof_rx_ports == 1);
  CHECK(summary.cell->cell.carrier.phys_cell_id == 1);
  CHECK(summary.cell->cell.carrier.scs.mu == 0);

  replayed run = replay(summary);
  CHECK(run.session->check().nof_compared() == 5);
  CHECK(run.session->check().nof_different() == 0);
  CHECK(run.session->stats().ues.at(0x4601).nof_uci_ok == 2);
  const auto truth = apps::read_schedule(real + "schedule.jsonl");
  REQUIRE(truth);
  CHECK(compare_with_truth(run, truth.value()) ==
        4); // the cut of the recording leaves out one of these slots
  CHECK(run.session->stats().unsupported ==
        std::map<std::string, std::int64_t>{{"PUCCH: format 1", 7}, {"PUCCH: format 2", 4}});
}

TEST_CASE("import: replay shows the gNB's own figures beside its own")
{
  const test::temporary_folder folder;
  replayed run = replay(imported(folder, dump + "gnb.log", dump + "rx_symbols.cf32"));
  const auto& ue = run.session->reference().ues().at(0x4601);
  CHECK(ue.nof_tb == 5);
  CHECK(ue.nof_gnb_ok == 5);
  CHECK(ue.nof_pado_ok == 5);
  CHECK(ue.nof_only_gnb + ue.nof_only_pado == 0);
  CHECK(ue.sinr_db.of_gnb.mean() == doctest::Approx(97.0));
  CHECK(ue.ta_us.of_gnb.mean() == 0.0);
  CHECK(ue.ta_us.of_pado.mean() == doctest::Approx(0.0).epsilon(0.02));
  const auto json = nlohmann::json::parse(apps::summary_json(*run.session));
  REQUIRE(json["reference"].size() == 1);
  CHECK(json["reference"][0]["rnti"] == 0x4601);
  CHECK(json["reference"][0]["gnb_crc_ok"] == 5);
  CHECK(json["reference"][0]["sinr_db"]["gnb"] == 97.0);
  CHECK(has(apps::summary_text(*run.session), "gNB / pado"));
}

TEST_CASE("import: the whole dump, where it is, decodes to the bytes that the UE sent")
{
  const auto whole = test::shared_path("captures/ocudu_gnb_dump");
  const auto known = test::shared_path("captures/ue_n3_10mhz/schedule.jsonl");
  if (!whole || !known) {
    MESSAGE("skipped: no ../shared/captures/ocudu_gnb_dump beside the project");
    return;
  }
  const test::temporary_folder folder;
  const apps::import_summary summary = imported(folder, *whole + "/gnb.log", *whole + "/rx_symbols.cf32");
  CHECK(summary.nof_grids == 40);
  CHECK(summary.log.not_understood == 0);
  replayed run = replay(summary);
  const auto truth = apps::read_schedule(*known);
  REQUIRE(truth);
  CHECK(run.session->check().nof_different() == 0);
  CHECK(run.session->check().nof_compared() == 11);   // the log's own bytes
  CHECK(compare_with_truth(run, truth.value()) == 7); // the schedule leaves out some of these slots
  // From 30.0 on the signal is 6 samples later, 0.52 us, for the gNB as for pado.
  const auto& ue = run.session->reference().ues().at(0x4601);
  CHECK(std::abs(ue.ta_us.of_gnb.mean() - ue.ta_us.of_pado.mean()) < 0.05);
}

TEST_CASE("import: symbols that were cut give every whole slot, the others are counted")
{
  const test::temporary_folder folder;
  const std::string symbols = text_of(dump + "rx_symbols.cf32");
  // RX_SYMBOL of 22.8 begins at 61 991: one byte short of it whole.
  const std::string cut = folder.write("cut.cf32", symbols.substr(0, 8 * (61991 + 8736) - 1));
  const apps::import_summary summary = imported(folder, dump + "gnb.log", cut);
  CHECK(summary.nof_grids == 7);
  CHECK(summary.nof_beyond == 9);
  CHECK(has(apps::import_text(summary), "9 slots of the log are not whole in"));
  replayed run = replay(summary);
  CHECK(run.session->stats().nof_tb_ok() == 1); // 18.3; 22.8 and 26.8 are not there
  const auto counts = run.session->source().counts();
  CHECK(std::find(counts.begin(),
                  counts.end(),
                  apps::source_count("scheduled slots outside the capture", 10)) != counts.end());
}

TEST_CASE("import: offsets and sizes of the log are not trusted")
{
  const test::temporary_folder folder;
  std::string log = text_of(dump + "gnb.log");
  const auto change = [&](const std::string& from, const std::string& to) {
    REQUIRE(has(log, from));
    log.replace(log.find(from), from.size(), to);
  };
  change("offset=9575 size=8736", "offset=4503599627370495 size=8736");
  change("offset=18311 size=8736", "offset=18311 size=8737");
  change("offset=27047 size=8736", "offset=-1 size=8736");
  change("offset=35783 size=8736", "offset=35783 size=4503599627370495");
  change("offset=44519 size=8736", "offset=44519 size=0");
  const apps::import_summary summary =
      imported(folder, folder.write("wrong.log", log), dump + "rx_symbols.cf32");
  CHECK(summary.nof_grids == 11);
  CHECK(summary.nof_beyond == 1);
  CHECK(summary.remarks.kinds.at("RX_SYMBOL: a size that is none").count == 2);
  CHECK(summary.remarks.kinds.at("RX_SYMBOL: offset is missing or not understood").count == 1);
  CHECK(summary.remarks.kinds.at("RX_SYMBOL: size is missing or not understood").count == 1);
  CHECK(replay(summary).session->stats().nof_tb_ok() == 5);
}

TEST_CASE("import: a log that is not of the right level says what to set")
{
  const test::temporary_folder folder;
  std::istringstream in(text_of(dump + "gnb.log"));
  std::string log;
  for (std::string line; std::getline(in, line);) {
    log += line.empty() || line[0] == ' ' ? "" : line + "\n";
  }
  const apps::import_summary summary =
      imported(folder, folder.write("info.log", log), dump + "rx_symbols.cf32", 1);
  CHECK(summary.ues.empty());
  CHECK(summary.nof_grids == 16);
  const std::string text = apps::import_text(summary);
  CHECK(has(text, "set the PHY log level of the gNB to debug"));
  CHECK(has(text, "--blind"));
  apps::import_options options;
  options.inputs = {folder.file("info.log"), dump + "rx_symbols.cf32"};
  options.output = folder.file("again");
  const auto open = apps::import_files(options);
  REQUIRE_FALSE(open);
  CHECK(has(open.failure().text(), "--rx-ports is needed"));
  CHECK(has(open.failure().text(), "is its PHY log level debug?"));
}

TEST_CASE("import: files that do not belong together are refused in one line")
{
  const test::temporary_folder folder;
  const auto refusal = [&](std::vector<std::string> inputs, std::int32_t ports = 0, std::int32_t scs = 0) {
    apps::import_options options;
    options.inputs = std::move(inputs);
    options.output = folder.file("x");
    options.nof_rx_ports = ports;
    options.scs_khz = scs;
    const auto got = apps::import_files(options);
    REQUIRE_FALSE(got);
    return got.failure().text();
  };
  CHECK(has(refusal({dump + "rx_symbols.cf32"}),
            "but only the log says which slots they are: name the log too"));
  CHECK(has(refusal({dump + "gnb.log", dump + "gnb.log"}), "is a second file of the same kind"));
  CHECK(has(refusal({folder.file("none")}), "cannot be opened"));
  CHECK(has(refusal({folder.write("empty", "")}), "is empty (0 bytes)"));
  const std::vector<std::string> both = {dump + "gnb.log", dump + "rx_symbols.cf32"};
  CHECK(has(refusal(both, 2), "--rx-ports is 2, but the slots have 52 PRB over all ports"));
  CHECK(has(refusal({folder.write("many.json", "[1, 2")}), "not JSON"));
  std::string log = text_of(dump + "gnb.log");
  log.replace(log.find("RX_SYMBOL: sector=0"), 19, "RX_SYMBOL: sector=1");
  CHECK(has(refusal({folder.write("two.log", log), dump + "rx_symbols.cf32"}), "has slots of two sectors"));
  log = text_of(dump + "gnb.log");
  log.insert(0, "2026-11-24T19:29:58.2 [MAC     ] [D] [    17.12] x\n");
  CHECK(has(refusal({folder.write("slot12.log", log), dump + "rx_symbols.cf32"}, 0, 15),
            "--scs-khz is 15, but the log has slot 12 of a frame"));
}

TEST_CASE("import: ports and subcarrier spacing by arithmetic, or as they are said")
{
  const test::temporary_folder folder;
  std::string log = text_of(dump + "gnb.log");
  const auto change_all = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = log.find(from); at != std::string::npos; at = log.find(from, at + to.size())) {
      log.replace(at, from.size(), to);
    }
  };
  change_all("size=8736", "size=17472"); // as of two ports
  const auto run = [&](const std::string& name, std::int32_t ports, std::int32_t scs_khz) {
    apps::import_options options;
    options.inputs = {folder.write(name, log), dump + "rx_symbols.cf32"};
    options.output = folder.file("lab");
    options.nof_rx_ports = ports;
    options.scs_khz = scs_khz;
    return apps::import_files(options);
  };
  const auto by_middle = run("two.log", 0, 30);
  REQUIRE_MESSAGE(by_middle, by_middle.failure().text());
  CHECK(by_middle.value().cell->cell.carrier.nof_rx_ports == 2);
  CHECK(by_middle.value().cell->cell.carrier.nof_prb == 52);
  CHECK(by_middle.value().cell->cell.carrier.scs.mu == 1);
  CHECK(by_middle.value().cell->notes.count("carrier.scs_khz") == 0); // said, not guessed
  const auto capture = io::read_grid_capture(by_middle.value().capture_path);
  REQUIRE(capture);
  CHECK(capture.value().nof_rx_ports == 2);
  change_all("  dc_position=312\n", "");
  const auto open = run("open.log", 0, 0);
  REQUIRE_FALSE(open);
  CHECK(has(open.failure().text(), "--rx-ports is needed: the slots have 104 PRB over all ports"));
  const auto said = run("open.log", 2, 0);
  REQUIRE_MESSAGE(said, said.failure().text());
  CHECK(said.value().cell->cell.carrier.nof_rx_ports == 2);
  CHECK(said.value().cell->notes.count("carrier.scs_khz") == 1);
}

TEST_CASE("import: values far from 1 are brought there by the exponent of the capture")
{
  const test::temporary_folder folder;
  std::string symbols = text_of(dump + "rx_symbols.cf32");
  for (std::size_t at = 0; at < symbols.size(); at += sizeof(float)) {
    float value = 0.0F;
    std::memcpy(&value, symbols.data() + at, sizeof(value));
    value *= 0x1p-18F; // halves would keep nothing of it
    std::memcpy(symbols.data() + at, &value, sizeof(value));
  }
  const apps::import_summary summary = imported(folder, dump + "gnb.log", folder.write("weak.cf32", symbols));
  CHECK(io::read_grid_capture(summary.capture_path).value().exponent >= 18);
  CHECK(replay(summary).session->check().nof_equal() == 5);
}

TEST_CASE("import: inspect says what an imported capture holds, and proposes its cell")
{
  const test::temporary_folder folder;
  const apps::import_summary summary = imported(folder, dump + "gnb.log", dump + "rx_symbols.cf32");
  const auto got = apps::survey_grid(summary.capture_path, false);
  REQUIRE(got);
  const std::string text = apps::grid_text(got.value());
  INFO(text);
  CHECK(has(text, "grid capture, 15 kHz, 52 PRB, 1 port, 16 slots, 18.3 to 27.6"));
  const std::string lines = apps::grid_json(got.value());
  CHECK(nlohmann::json::parse(lines.substr(0, lines.find('\n')))["slots"] == 16);
  // By numpy over the same values: 10 log10 of the mean of |x|^2.
  CHECK(got.value().power[0].mean_db == doctest::Approx(-15.38).epsilon(0.01));
  const auto cell =
      apps::parse_cell_file(apps::write_cell_file(apps::propose_grid_cell(got.value().capture).cell), "c");
  REQUIRE_MESSAGE(cell, cell.failure().text());
  CHECK(cell.value().has_grid);
  CHECK(cell.value().carrier.nof_prb == 52);
}

TEST_CASE("replay: a grid capture that does not fit the cell is refused")
{
  const test::temporary_folder folder;
  const apps::import_summary summary = imported(folder, dump + "gnb.log", dump + "rx_symbols.cf32");
  const auto refusal = [&](const std::string& cell) {
    static const steady_clock time;
    apps::replay_options options;
    options.input = summary.capture_path;
    options.cell = folder.write("other.yaml", cell);
    options.schedule = summary.schedule_path;
    options.nof_workers = 1;
    const auto got = apps::replay_session::open(options, time);
    REQUIRE_FALSE(got);
    return got.failure().text();
  };
  CHECK(has(refusal("carrier: {scs_khz: 15, nof_prb: 52, nof_rx_ports: 1}\niq: {sample_rate_hz: 11520000}\n"),
            "is a grid capture, but the cell has no `grid: yes`"));
  CHECK(has(refusal("carrier: {scs_khz: 15, nof_prb: 51, nof_rx_ports: 1}\ngrid: yes\n"),
            "carrier.nof_prb is 51, but "));
}
