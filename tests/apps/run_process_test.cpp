// SPDX-License-Identifier: Apache-2.0
// ctest: net realtime
// program: pado
// pado run and pado ru as processes of their own, over UDP on the loopback.
#include "apps/http_get.h"
#include "tests/support/free_port.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

using nlohmann::json;
using pado::test::process;

namespace {

/// 5 MHz, one UE, an uplink slot every 5 ms: a debug build keeps up. The window is as wide as a loaded
/// machine needs.
std::string carrier_text(const std::string& name, const std::string& eaxc)
{
  return fmt::format("carrier: {{name: {}, scs_khz: 30, nof_prb: 11, nof_rx_ports: 1, phys_cell_id: 1}}\n"
                     "tdd: {{pattern: DDDDDDDDDU}}\n"
                     "fronthaul: {{eaxc_pusch: {}, window_us: [0, 20000]}}\n",
                     name,
                     eaxc);
}
std::string scenario_text(const std::string& name, const std::string& eaxc)
{
  return carrier_text(name, eaxc) + "simulation: {slots: 20, seed: 3}\n"
                                    "ues:\n  - {rnti: 0x4601, snr_db: 9, nof_prb: 11, mcs: 14}\n";
}
std::string cell_text(const std::string& name, const std::string& eaxc, int ldpc_iterations = 6)
{
  return carrier_text(name, eaxc) +
         fmt::format("receiver: {{ldpc_iterations: {}}}\nmac: {{k2: 24}}\nlink: {{t1a_us: [0, 9000]}}\n",
                     ldpc_iterations);
}

/// The radio unit on one end of a pair of UDP ports, pado run on the other.
class two_ends {
public:
  std::vector<std::string> unit(std::vector<std::string> more) const
  {
    std::vector<std::string> all = {PADO_PROGRAM, "ru", "--json", "--port", port(du_, ru_)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::vector<std::string> run(std::vector<std::string> more) const
  {
    std::vector<std::string> all = {
        PADO_PROGRAM, "run", "--backend", "cpu", "--deadline-us", "100000", "--port", port(ru_, du_)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::string file(const std::string& name) const { return folder.file(name); }

  pado::test::temporary_folder folder;

private:
  static std::string port(int to, int from)
  {
    return fmt::format("udp:127.0.0.1:{},local=127.0.0.1:{}", to, from);
  }
  int du_ = pado::test::free_port(SOCK_DGRAM);
  int ru_ = pado::test::free_port(SOCK_DGRAM);
};

std::vector<json> lines_of(const std::string& text)
{
  std::vector<json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const json one = json::parse(line, nullptr, false);
    if (!one.is_discarded()) { // a line may be under way
      lines.push_back(one);
    }
  }
  return lines;
}

json summary_of(const process& ended)
{
  const auto lines = lines_of(ended.out());
  REQUIRE_FALSE(lines.empty());
  CAPTURE(ended.err());
  REQUIRE(lines.back().contains("summary"));
  return lines.back();
}

void check_laws(const json& summary)
{
  for (const auto& [what, law] : summary["packets"].items()) {
    CAPTURE(what);
    std::uint64_t sum = law["accepted"];
    for (const auto& [reason, count] : law["dropped"].items()) {
      sum += count.get<std::uint64_t>();
    }
    CHECK(law["received"] == sum);
  }
}

/// Number of the slot of a results line, SFN cycles counted on from the line before.
std::int64_t number_of(const json& line, std::int64_t before)
{
  std::int64_t number = line["sfn"].get<std::int64_t>() * 20 + line["slot"].get<std::int64_t>();
  while (number < before) {
    number += 20 * 1024;
  }
  return number;
}

} // namespace

TEST_CASE("run: SIGHUP takes the changed cell.yaml between two slots, none is missing, and SIGINT ends with "
          "the summary")
{
  two_ends ends;
  const std::string scenario = ends.folder.write("unit.yaml", scenario_text("one", "[0]"));
  const std::string cell = ends.folder.write("cell.yaml", cell_text("one", "[0]"));
  process unit(ends.unit({scenario, "--schedule-out", ends.file("slots.jsonl")}),
               ends.file("unit.out"),
               ends.file("unit.err"));
  REQUIRE(unit.has_said("running"));
  process run(ends.run({"--cell", cell, "--schedule", ends.file("slots.jsonl"), "--json"}),
              ends.file("run.out"),
              ends.file("run.err"));
  const auto decoded = [&] { return lines_of(run.out()).size(); };
  REQUIRE(process::until(20.0, [&] { return decoded() >= 60; }));

  ends.folder.write("cell.yaml", cell_text("another", "[0]", 1)); // the name cannot change
  run.signal(SIGHUP);
  REQUIRE(process::until(10.0, [&] { return run.err().find("nothing is changed") != std::string::npos; }));
  CHECK(run.err().find("carrier.name") != std::string::npos);

  ends.folder.write("cell.yaml", cell_text("one", "[0]", 1));
  run.signal(SIGHUP);
  REQUIRE(process::until(10.0, [&] { return run.err().find("is taken over") != std::string::npos; }));
  const auto before = decoded();
  REQUIRE(process::until(20.0, [&] { return decoded() >= before + 60; }));
  run.signal(SIGINT);
  CHECK(run.wait() == 0);
  CHECK(run.err().find("interrupted") != std::string::npos);

  const json summary = summary_of(run);
  CHECK(summary["summary"] == "run");
  check_laws(summary);
  int most_before = 0;
  int most_after = 0;
  std::int64_t last = -1;
  std::set<std::int64_t> numbers; // what was not received is reported later than what came after it
  const auto lines = lines_of(run.out());
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    last = number_of(lines[i], last - 1000);
    CHECK(numbers.insert(last).second);
    if (lines[i]["outcome"] == "decoded") {
      const int iterations = lines[i]["pdus"][0]["ldpc_iterations_max"];
      const bool is_before = i < before;
      const bool is_after = i >= before + 20; // what was taken before and not written yet
      most_before = is_before ? std::max(most_before, iterations) : most_before;
      most_after = is_after ? std::max(most_after, iterations) : most_after;
    }
  }
  // One uplink slot in ten: each from the first to the last has a line, unless a thread was held up; then
  // each slot that nobody asked for is counted, and short stops may all fall on uplink slots.
  const std::int64_t nof_missing =
      (*numbers.rbegin() - *numbers.begin()) / 10 + 1 - static_cast<std::int64_t>(numbers.size());
  const json& counts = summary["cells"][0];
  const auto nof_unpolled = counts["slots_unpolled"].get<std::int64_t>();
  CHECK(nof_missing <= nof_unpolled + counts["reports_lost"].get<std::int64_t>());
  CHECK(most_before > 1);
  CHECK(most_after == 1);
  unit.signal(SIGINT);
  CHECK(unit.wait() == 0);
  const auto said = lines_of(unit.out());
  CHECK(said.back()["messages_received"].get<int>() > 0);
}

TEST_CASE("run: the closed loop over two processes: UEs obey the grants that come through a socket")
{
  two_ends ends;
  const std::string scenario = ends.folder.write("unit.yaml", scenario_text("one", "[0]"));
  const std::string cell = ends.folder.write("cell.yaml", cell_text("one", "[0]"));
  const std::string grants = "unix:" + ends.file("grants.sock");
  process unit(ends.unit({scenario, "--grants", grants, "--truth", ends.file("truth.jsonl")}),
               ends.file("unit.out"),
               ends.file("unit.err"));
  REQUIRE(unit.has_said("running"));
  process run(ends.run({"--cell", cell, "--ue", "0x4601", "--grants", grants, "--json"}),
              ends.file("run.out"),
              ends.file("run.err"));
  std::uint64_t nof_ok = 0;
  process::until(6.0, [&] {
    nof_ok = 0;
    for (const json& line : lines_of(run.out())) {
      nof_ok += !line["pdus"].empty() && line["pdus"][0]["tb_crc_ok"] == true ? 1 : 0;
    }
    return nof_ok >= 60;
  });
  run.signal(SIGINT);
  CHECK(run.wait() == 0);
  unit.signal(SIGINT);
  CHECK(unit.wait() == 0);
  CAPTURE(run.err());
  CAPTURE(unit.err());
  const json summary = summary_of(run);
  check_laws(summary);
  const json ue = summary["ues"][0];
  CHECK(ue["rnti"] == 0x4601);
  const std::uint64_t tb = ue["tb"];
  CAPTURE(ue.dump());
  CHECK(tb >= 20);
  CHECK(2 * ue["tb_failed"].get<std::uint64_t>() <= tb); // the scheduler takes throughput, not few errors
  CHECK(ue["mcs_index"].get<int>() >= 4);                // 9 dB
  const json unit_summary = lines_of(unit.out()).back();
  // What was decoded is what was sent: by slot, from the unit's own notes.
  std::map<std::pair<int, int>, std::string> sent;
  for (const json& line : lines_of(process::content_of(ends.file("truth.jsonl")))) {
    const json& expected = line["pdus"][0]["expected"];
    if (expected.value("transmitted", true)) {
      sent[{line["sfn"], line["slot"]}] = expected["payload_hex"];
    }
  }
  std::uint64_t nof_right = 0;
  for (const json& line : lines_of(run.out())) {
    if (!line.contains("pdus") || line["pdus"].empty() || line["pdus"][0]["tb_crc_ok"] != true) {
      continue;
    }
    const auto found = sent.find({line["sfn"], line["slot"]});
    if (found == sent.end()) {
      CHECK(line["pdus"][0]["combined"] == true); // what came before was nearly enough
      continue;
    }
    CHECK(found->second == line["pdus"][0]["payload_hex"]);
    ++nof_right;
  }
  CHECK(nof_right >= 15);
  CHECK(unit_summary["grants_taken"].get<std::uint64_t>() >= nof_right);
}

TEST_CASE("run: two cells in one process are told apart by eAxC and both decode their own schedule")
{
  two_ends ends;
  std::vector<std::string> scenarios;
  std::vector<std::string> more = {"--json"};
  for (const char* name : {"first", "second"}) {
    const bool is_first = std::string(name) == "first";
    const std::string eaxc = is_first ? "[0]" : "[18]";
    std::string text = scenario_text(name, eaxc);
    if (!is_first) {
      text.replace(text.find("0x4601"), 6, "0x4702");
      text.replace(text.find("seed: 3"), 7, "seed: 4");
    }
    scenarios.push_back(ends.folder.write(std::string(name) + ".yaml", text));
    const std::string slots = ends.file(std::string(name) + ".jsonl");
    process once({PADO_PROGRAM,
                  "ru",
                  scenarios.back(),
                  "--port",
                  "ring:x",
                  "--schedule-out",
                  slots,
                  "--seconds",
                  "0.01",
                  "--quiet"},
                 ends.file("once.out"),
                 ends.file("once.err"));
    REQUIRE(once.wait() == 0);
    const std::string cell = ends.folder.write(std::string(name) + "_cell.yaml", cell_text(name, eaxc));
    more.insert(more.end(), {"--cell", cell, "--schedule", slots});
  }
  process unit(ends.unit(scenarios), ends.file("unit.out"), ends.file("unit.err"));
  REQUIRE(unit.has_said("\"units\":2"));
  process run(ends.run(more), ends.file("run.out"), ends.file("run.err"));
  // A loaded machine with a sanitizer decodes a few slots a second and is late for the others.
  constexpr int enough = 10;
  std::map<int, int> nof_ok;
  process::until(20.0, [&] {
    nof_ok.clear();
    for (const json& line : lines_of(run.out())) {
      nof_ok[line["cell"]] += !line["pdus"].empty() && line["pdus"][0]["tb_crc_ok"] == true ? 1 : 0;
    }
    return nof_ok[0] >= enough && nof_ok[1] >= enough;
  });
  run.signal(SIGINT);
  CHECK(run.wait() == 0);
  CAPTURE(run.err());
  CHECK(nof_ok[0] >= enough);
  CHECK(nof_ok[1] >= enough);
  const json summary = summary_of(run);
  check_laws(summary);
  REQUIRE(summary["cells"].size() == 2);
  CHECK(summary["cells"][0]["name"] == "first");
  CHECK(summary["cells"][1]["name"] == "second");
  for (const json& line : lines_of(run.out())) {
    for (const json& pdu : line.value("pdus", json::array())) {
      CHECK(pdu["rnti"] == (line["cell"] == 0 ? 0x4601 : 0x4702));
    }
  }
  CHECK(summary["packets"]["messages"]["dropped"]["unknown_flow"] == 0);
}

TEST_CASE("run: --page and --listen serve without --metrics, on the port that pado top looks at")
{
  two_ends ends;
  const std::string scenario = ends.folder.write("unit.yaml", scenario_text("one", "[0]"));
  const std::string address = "127.0.0.77"; // one that no other test has the usual port of
  process run({PADO_PROGRAM, "run", "--ru", scenario, "--backend", "cpu", "--listen", address},
              ends.file("run.out"),
              ends.file("run.err"));
  REQUIRE(run.has_said("metrics on http://" + address + ":9464/"));
  const auto health = pado::apps::http_get(address, 9464, "/status", 5'000'000'000);
  REQUIRE(health);
  CHECK(json::parse(health.value())["backend"] == "cpu");
  const auto front = pado::apps::http_get(address, 9464, "/", 5'000'000'000);
  CHECK((!front || front.value().find("<script") == std::string::npos)); // no page was asked for
  run.signal(SIGINT);
  CHECK(run.wait() == 0);

  process with_page({PADO_PROGRAM, "run", "--ru", scenario, "--backend", "cpu", "--page"},
                    ends.file("page.out"),
                    ends.file("page.err"));
  REQUIRE(process::until(20.0, [&] {
    return with_page.out().find("page on http://127.0.0.1:9464/") != std::string::npos ||
           with_page.err().find("9464") != std::string::npos; // another pado has it: refused by name
  }));
  with_page.signal(SIGINT);
  CHECK(with_page.wait() != -1);
}
