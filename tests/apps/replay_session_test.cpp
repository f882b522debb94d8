// SPDX-License-Identifier: Apache-2.0
// ctest: golden
// links: pado_apps
#include "apps/replay_print.h"
#include "apps/replay_session.h"
#include "tests/support/shared.h"
#include <doctest/doctest.h>
#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>

using namespace pado;

namespace {

const std::string recording = PADO_SOURCE_DIR "/testvectors/ue_n3_10mhz";

apps::replay_options options_for(const std::string& folder)
{
  apps::replay_options options;
  options.input = folder + "/ul.sigmf-meta";
  options.cell = recording + "/cell.yaml";
  options.schedule = folder + "/schedule.jsonl";
  options.nof_workers = 2;
  options.is_checked = true;
  return options;
}

struct replayed {
  std::unique_ptr<apps::replay_session> session;
  std::vector<slot_report> reports;
  std::vector<std::string> lines;
};

replayed replay(const apps::replay_options& options)
{
  static const steady_clock time;
  replayed out;
  auto opened = apps::replay_session::open(options, time);
  REQUIRE_MESSAGE(opened, opened.failure().text());
  out.session = std::move(opened).value();
  const auto failure = out.session->run(
      [&](const slot_report& report, const pipeline::decision_loop::decision& made) {
        out.reports.push_back(report);
        out.lines.push_back(
            apps::slot_json(report, made, out.session->cell().carrier.scs, out.session->arrival()));
      },
      [] { return false; });
  CHECK_FALSE(failure);
  return out;
}

/// A schedule with one key of one PUSCH changed.
std::string changed_schedule(const std::string& key, int value)
{
  std::ifstream in(recording + "/schedule.jsonl");
  const std::string path = "/tmp/pado_replay_test_" + key + ".jsonl";
  std::ofstream out(path);
  std::string line;
  while (std::getline(in, line)) {
    auto slot = nlohmann::ordered_json::parse(line);
    for (auto& pdu : slot["pdus"]) {
      if (pdu["pdu"] == "PUSCH") {
        pdu["fapi"][key] = value;
      }
    }
    out << slot.dump() << "\n";
  }
  return path;
}

} // namespace

TEST_CASE("replay: every PUSCH of a real UE decodes to the bytes of its schedule, with HARQ-ACK on it too")
{
  const replayed done = replay(options_for(recording));
  CHECK(done.session->check().nof_compared() == 8);
  CHECK(done.session->check().nof_different() == 0);
  CHECK(done.session->stats().ues.at(0x4601).nof_uci == 1);
  CHECK(done.session->stats().ues.at(0x4601).nof_uci_ok == 1);
  CHECK(done.session->findings().empty());
  // Each report led to advice for the UE and, in FDD, to grants of the slot k2 later.
  CHECK(done.session->stats().nof_grants > 0);
}

TEST_CASE("replay: the whole recording decodes, Msg3 included")
{
  const auto folder = test::shared_path("captures/ue_n3_10mhz");
  if (!folder) {
    MESSAGE("skipped: no ../shared/captures/ue_n3_10mhz beside the project");
    return;
  }
  const replayed done = replay(options_for(*folder));
  CHECK(done.session->check().nof_compared() == 11);
  CHECK(done.session->check().nof_different() == 0);
  CHECK(done.session->stats().nof_slots == 26);
  // Three with a HARQ-ACK bit, one with four bits of CSI part 1.
  CHECK(done.session->stats().ues.at(0x4601).nof_uci == 4);
  CHECK(done.session->stats().ues.at(0x4601).nof_uci_ok == 4);
}

TEST_CASE("replay: the result does not depend on the number of workers")
{
  auto options = options_for(recording);
  options.nof_workers = 1;
  const replayed one = replay(options);
  options.nof_workers = 3;
  const replayed three = replay(options);
  REQUIRE(one.reports.size() == three.reports.size());
  for (std::size_t i = 0; i < one.reports.size(); ++i) {
    CHECK(one.reports[i].slot == three.reports[i].slot);
    REQUIRE(one.reports[i].pusch.size() == three.reports[i].pusch.size());
    for (std::size_t p = 0; p < one.reports[i].pusch.size(); ++p) {
      CHECK(one.reports[i].pusch[p].payload == three.reports[i].pusch[p].payload);
      CHECK(one.reports[i].pusch[p].sinr_db == three.reports[i].pusch[p].sinr_db);
    }
  }
}

TEST_CASE("replay: when nothing decodes it says which parameter is wrong")
{
  auto options = options_for(recording);
  options.slot_offset = 1;
  replayed shifted = replay(options);
  REQUIRE(shifted.session->findings().size() == 1);
  CHECK(shifted.session->findings()[0].find("Try --slot-offset -1") != std::string::npos);
  CHECK(shifted.session->check().nof_different() == 8);

  options = options_for(recording);
  options.schedule = changed_schedule("ulDmrsScramblingId", 500);
  replayed identity = replay(options);
  REQUIRE(identity.session->findings().size() == 1);
  CHECK(identity.session->findings()[0].find("ulDmrsScramblingId 1") != std::string::npos);

  options = options_for(recording);
  options.schedule = changed_schedule("dataScramblingId", 500);
  replayed scrambling = replay(options);
  REQUIRE(scrambling.session->findings().size() == 1);
  CHECK(scrambling.session->findings()[0].find("DM-RS matches as scheduled") != std::string::npos);
}

TEST_CASE("replay: the JSON of a slot holds what the report holds")
{
  const replayed done = replay(options_for(recording));
  for (std::size_t i = 0; i < done.lines.size(); ++i) {
    const auto line = nlohmann::json::parse(done.lines[i]);
    CHECK(line["sfn"] == done.reports[i].slot.sfn);
    REQUIRE(line["pdus"].size() == done.reports[i].pusch.size());
    for (std::size_t p = 0; p < done.reports[i].pusch.size(); ++p) {
      CHECK(line["pdus"][p]["tb_crc_ok"] == done.reports[i].pusch[p].tb_crc_ok);
      CHECK(line["pdus"][p]["payload_hex"].get<std::string>().size() ==
            2 * done.reports[i].pusch[p].payload.size());
    }
    CHECK(line["stage_us"]["total"].get<double>() > 0.0);
  }
}

TEST_CASE("replay: files that are not there or do not fit are refused by name")
{
  const steady_clock time;
  for (const char* what : {"input", "cell", "schedule"}) {
    CAPTURE(what);
    auto options = options_for(recording);
    (what[0] == 'i'   ? options.input
     : what[0] == 'c' ? options.cell
                      : options.schedule) = "/nonexistent/file.sigmf-meta";
    const auto opened = apps::replay_session::open(options, time);
    REQUIRE_FALSE(opened);
    CHECK(opened.failure().text().find("/nonexistent/file") != std::string::npos);
  }
}

TEST_CASE("replay: a recording that does not fit the cell is refused")
{
  std::ifstream in(recording + "/cell.yaml");
  const std::string cell((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const std::string path = "/tmp/pado_replay_unfit_cell.yaml";
  const steady_clock time;
  auto options = options_for(recording);
  options.cell = path;
  const std::string carrier = cell.substr(0, cell.find("iq:"));
  const auto refused = [&](const std::string& source) {
    std::ofstream(path) << carrier << source << "\n";
    const auto opened = apps::replay_session::open(options, time);
    REQUIRE_FALSE(opened);
    return opened.failure().text();
  };
  CHECK(refused("iq: {sample_rate_hz: 23040000}").find("iq.sample_rate_hz is 23040000, but ") !=
        std::string::npos);
  CHECK(refused("fronthaul: {eaxc_pusch: [0]}").find("the cell has no `iq:`") != std::string::npos);
}

TEST_CASE(
    "replay: static grants of cell.yaml stand in for a schedule; without either it says what is missing")
{
  std::ifstream in(recording + "/cell.yaml");
  std::string cell((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::ifstream lines(recording + "/schedule.jsonl");
  std::string line;
  nlohmann::ordered_json fapi;
  while (std::getline(lines, line)) {
    const auto slot = nlohmann::ordered_json::parse(line);
    if (slot["sfn"] == 339 && slot["slot"] == 6) {
      fapi = slot["pdus"][0]["fapi"];
    }
  }
  REQUIRE(fapi.size() > 10);
  const std::string path = "/tmp/pado_replay_static_cell.yaml";
  std::ofstream(path) << cell << "static_grants:\n  - slots: [6]\n    fapi: " << fapi.dump() << "\n";
  auto options = options_for(recording);
  options.is_checked = false;
  options.schedule.clear();
  const steady_clock time;
  const auto missing = apps::replay_session::open(options, time);
  REQUIRE_FALSE(missing);
  CHECK(missing.failure().text().find("static_grants") != std::string::npos);
  options.cell = path;
  const replayed done = replay(options);
  // The cut holds one slot number 6: that of frame 339.
  REQUIRE(done.reports.size() == 1);
  CHECK(done.reports[0].pusch[0].tb_crc_ok);
}
