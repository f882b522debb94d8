// SPDX-License-Identifier: Apache-2.0
// ctest: golden
// links: pado_apps
#include "apps/lines_report.h"
#include "apps/page/page.h"
#include "apps/replay_print.h"
#include "apps/replay_report.h"
#include "tests/apps/browser.h"
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <regex>

using namespace pado;       // NOLINT(google-build-using-namespace)
using namespace pado::test; // NOLINT(google-build-using-namespace)
using nlohmann::json;

namespace {

struct reported {
  json summary; ///< as --json prints it
  json data;    ///< as it lies in the page
  std::string html;
};

/// The recorded UE, replayed with a report. failing: one block has a wrong scrambling identity.
reported replay_recording(bool is_failing)
{
  const temporary_folder folder;
  const std::string real = PADO_SOURCE_DIR "/testvectors/ue_n3_10mhz/";
  std::ostringstream text;
  text << std::ifstream(real + "schedule.jsonl").rdbuf();
  std::string schedule = text.str();
  if (is_failing) {
    const std::string right = "\"dataScramblingId\": 1,";
    REQUIRE(schedule.find(right) != std::string::npos);
    schedule.replace(schedule.find(right), right.size(), "\"dataScramblingId\": 2,");
  }
  apps::replay_options options;
  options.input = real + "ul.sigmf-meta";
  options.cell = real + "cell.yaml";
  options.schedule = folder.write("slots.jsonl", schedule);
  options.nof_workers = 1;
  options.is_checked = true;
  static const steady_clock time;
  auto opened = apps::replay_session::open(options, time);
  REQUIRE_MESSAGE(opened, opened.failure().text());
  apps::replay_session& session = *opened.value();
  apps::replay_report report(session);
  session.show_slots([&](const slot_report& slot, const uplink_slot& samples) { report.see(slot, samples); });
  CHECK_FALSE(session.run(
      [&](const slot_report& slot, const pipeline::decision_loop::decision& made) { report.add(slot, made); },
      [] { return false; }));
  reported out;
  const std::string data = report.data_json(session, "a \"name\" with </script><b>");
  out.data = json::parse(data);
  out.summary = json::parse(apps::summary_json(session));
  out.html = apps::make_report_page(data).html;
  return out;
}

/// The number in an attribute of the first element with all these attributes.
double
number_at(const std::string& document, const std::vector<std::string>& attributes, const std::string& name)
{
  return std::atof(attribute_of(tag_with(document, attributes), name).c_str());
}

double number_at(const std::string& document, const std::vector<std::string>& attributes)
{
  const std::string value = value_at(document, attributes);
  REQUIRE_MESSAGE(value != "(none)", attributes.back());
  return std::atof(value.c_str());
}

} // namespace

TEST_CASE("report: what the page shows in a browser, from a file, are the figures of --json")
{
  const std::string program = browser();
  if (program.empty()) {
    MESSAGE("skipped: no chromium on this machine (scripts/setup installs it where there is one)");
    return;
  }
  const reported made = replay_recording(true);
  const temporary_folder folder;
  std::string complaints;
  const std::string document =
      document_of(program, "file://" + folder.write("report.html", made.html), complaints);
  CHECK(complaints == ""); // a breach of the policy or an error of a script
  CHECK(attribute_of(tag_with(document, {"<body"}), "data-ready") == "1");
  CHECK(document.find("a \"name\" with &lt;/script&gt;&lt;b&gt;") != std::string::npos);

  const json& summary = made.summary;
  const json& ue = summary["ues"][0];
  CHECK(ue["tb"].get<int>() == ue["tb_ok"].get<int>() + 1);
  CHECK(number_at(document, {"class=\"tile\"", "data-metric=\"tb_ok\""}) == ue["tb_ok"]);
  CHECK(number_at(document, {"data-metric=\"slots\""}) == summary["slots"]);
  for (const char* metric : {"tb", "tb_ok", "ta_us", "cfo_hz", "ldpc_iterations"}) {
    CHECK(
        number_at(document, {"<td", "data-metric=\"" + std::string(metric) + "\"", "data-rnti=\"0x4601\""}) ==
        ue[metric]);
  }
  CHECK(number_at(document, {"<td", "data-metric=\"sinr_db\""}) == ue["sinr_db"]["mean"]);
  CHECK(number_at(document, {"data-metric=\"reference_gnb_crc_ok\""}) ==
        summary["reference"][0]["gnb_crc_ok"]);
  CHECK(number_at(document, {"data-metric=\"reference_sinr_db\""}) ==
        summary["reference"][0]["sinr_db"]["gnb"]);
  for (const auto& [stage, times] : made.data["summary"]["stage_us"].items()) {
    for (const char* quantile : {"p50", "p99", "p99.9", "max"}) {
      CHECK(number_at(document,
                      {"data-stage=\"" + stage + "\"", "data-quantile=\"" + std::string(quantile) + "\""}) ==
            doctest::Approx(times[quantile].get<double>()));
    }
  }
  CHECK(number_at(document, {"data-metric=\"map\"", "data-state=\"failed\""}) == 1);
  CHECK(number_at(document, {"data-metric=\"map\"", "data-state=\"decoded\""}) == ue["tb_ok"]);
  CHECK(number_at(document, {"data-unsupported=\"PUCCH: format 1\""}) ==
        summary["unsupported"]["PUCCH: format 1"]);
  CHECK(attribute_of(tag_with(document, {"id=\"time-note\""}), "data-shown") ==
        std::to_string(ue["tb"].get<int>()));
  CHECK(attribute_of(tag_with(document, {"id=\"power\""}), "data-columns") ==
        std::to_string(summary["slots"].get<int>()));
  CHECK(document.find(">FAIL: ") != std::string::npos);
  std::size_t nof_points = 0;
  for (const json& block : made.data["signal"]["17921"]["blocks"]) {
    nof_points += block["i"].size();
  }
  CHECK(number_at(document, {"<canvas", "data-rnti=\"0x4601\"", "data-points="}, "data-points") ==
        nof_points);

  for (const char* id : {"sinr_db", "bler", "outcome", "stages-chart"}) {
    const bool is_drawn =
        attribute_of(tag_with(document, {"<canvas id=\"" + std::string(id) + "\""}), "style").find("block") !=
        std::string::npos;
    CHECK(is_drawn == apps::has_chart_js());
  }
}

TEST_CASE("report: it holds all of its data and fetches nothing")
{
  const reported made = replay_recording(false);
  CHECK(made.data["summary"]["ues"] == made.summary["ues"]);
  const std::size_t nof_blocks = made.summary["ues"][0]["tb"];
  CHECK(made.data["nof_blocks"] == nof_blocks);
  CHECK(made.data["blocks"]["rnti"].size() == nof_blocks);
  CHECK(made.data["map"]["slot"][0] == "18.3");
  CHECK(made.data["blocks_every"] == 1);
  // Power where the UE was: 3 PRB from 8 on in slot 18.3, nothing around them.
  const json& column = made.data["power"]["db"][1];
  REQUIRE(made.data["power"]["slots"][1] == "18.3");
  for (const int prb : {8, 9, 10}) {
    CHECK(column[static_cast<std::size_t>(prb)].get<double>() >
          column[static_cast<std::size_t>(prb + 20)].get<double>() + 30.0);
  }
  std::int64_t nof_by_sinr = 0;
  for (const json& bin : made.data["by_sinr"]) {
    nof_by_sinr += bin["tb"].get<std::int64_t>();
  }
  CHECK(nof_by_sinr == static_cast<std::int64_t>(nof_blocks));
  const std::regex fetched(R"re(<(script|link|img|iframe)[^>]*(src|href)="(?!data:,)|@import|url\()re");
  std::string without_chart = made.html;
  const std::size_t chart = without_chart.find("<script>/*!");
  if (apps::has_chart_js()) {
    REQUIRE(chart != std::string::npos);
    without_chart.erase(chart, without_chart.find("</script>", chart) - chart);
  }
  // The data are one line, too long for std::regex, and JSON: no element begins in them.
  const std::size_t data = without_chart.find("id=\"page-data\">");
  without_chart.erase(data, without_chart.find("</script>", data) - data);
  CHECK(!std::regex_search(without_chart, fetched));
}

TEST_CASE("report: constellation, channel and delay profile are those of the blocks")
{
  const reported made = replay_recording(false);
  const json& ue = made.data["signal"]["17921"];
  REQUIRE(ue["qam_bits"] == 6);
  const double unit = 1.0 / std::sqrt(42.0);
  REQUIRE(ue["blocks"].size() >= 2);
  for (const json& block : ue["blocks"]) {
    CAPTURE(block["slot"].get<std::string>());
    CHECK(block["tb_crc_ok"] == 1);
    const std::size_t count = block["i"].size();
    REQUIRE(count >= 100);
    // The error of a value has the power 1 / SINR.
    double error = 0.0;
    for (std::size_t at = 0; at < count; ++at) {
      for (const char* axis : {"i", "q"}) {
        const double value = block[axis][at].get<double>() / unit;
        const double level = std::clamp(2.0 * std::floor(value / 2.0) + 1.0, -7.0, 7.0);
        error += (value - level) * (value - level) * unit * unit / static_cast<double>(count);
      }
    }
    REQUIRE(block["sinr_db"] > 60.0); // a UE on a simulated channel: what is left are rounded figures
    CHECK(-10.0 * std::log10(error) > 50.0);
  }
  // The last block lies on some PRBs; its strongest delay is its timing.
  const json& map = made.data["map"];
  const std::string slot = ue["blocks"].back()["slot"];
  const auto& slots = map["slot"];
  const auto at = static_cast<std::size_t>(std::find(slots.begin(), slots.end(), slot) - slots.begin());
  REQUIRE(at < slots.size());
  CHECK(ue["channel"]["prb"][0] == map["rb_start"][at]);
  CHECK(ue["channel"]["prb"].back().get<double>() ==
        doctest::Approx(map["rb_start"][at].get<double>() + map["rb_size"][at].get<double>()).epsilon(0.02));
  const auto db = ue["delay"]["db"].get<std::vector<double>>();
  const auto peak = static_cast<std::size_t>(std::max_element(db.begin(), db.end()) - db.begin());
  CHECK(std::abs(ue["delay"]["us"][peak].get<double>() - map["ta_us"][at].get<double>()) < 0.3);
}

TEST_CASE("report: JSON lines of a command become tables, one a type")
{
  const std::string program = browser();
  if (program.empty()) {
    MESSAGE("skipped: no chromium on this machine (scripts/setup installs it where there is one)");
    return;
  }
  const temporary_folder folder;
  const std::string path = folder.file("lines.html");
  const std::string lines = "{\"type\":\"recording\",\"file\":\"a<b>\",\"nof_channels\":2}\n"
                            "{\"type\":\"channel_power\",\"channel\":0,\"mean_dbfs\":-20.5}\n"
                            "{\"type\":\"channel_power\",\"channel\":1,\"mean_dbfs\":null}\n";
  REQUIRE(apps::write_lines_report(path, {"inspect", "lab", lines, "PASS: all", true}));
  std::string complaints;
  const std::string document = document_of(program, "file://" + path, complaints);
  CHECK(complaints == "");
  CHECK(value_at(document, {"data-type=\"recording\"", "data-key=\"nof_channels\""}) == "2");
  CHECK(value_at(document, {"data-type=\"channel_power\"", "data-key=\"mean_dbfs\"", "data-line=\"0\""}) ==
        "-20.5");
  CHECK(value_at(document, {"data-type=\"channel_power\"", "data-key=\"mean_dbfs\"", "data-line=\"1\""}) ==
        "null");
  CHECK(document.find("PASS: all") != std::string::npos);
  CHECK_FALSE(apps::write_lines_report("/nowhere/x.html", {"inspect", "", "", "", true}));
}
