// SPDX-License-Identifier: Apache-2.0
// ctest: net
// links: pado_apps
#include "apps/fapi_indication.h"
#include "apps/run_input.h"
#include "apps/run_output.h"
#include "apps/unix_socket.h"
#include "tests/support/temporary_folder.h"
#include <cstdio>
#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

using namespace pado;
using namespace pado::apps; // NOLINT(google-build-using-namespace)

namespace {

std::string read_all(int fd)
{
  std::string text;
  char chunk[4096];
  for (ssize_t n = 0; (n = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0;) {
    text.append(chunk, static_cast<std::size_t>(n));
  }
  return text;
}

std::string content_of(const std::string& path)
{
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

} // namespace

TEST_CASE("run output: without a reader records are counted and lost; a reader gets what comes from then on")
{
  const test::temporary_folder folder;
  const std::string path = folder.file("out");
  auto out = run_output::open("unix:" + path).value();
  out->tick(0);
  out->write("lost\n");
  CHECK(out->nof_dropped() == 1);
  const int listening = listen_unix(path).value();
  out->tick(500'000'000); // the next try is a second after the first
  CHECK_FALSE(out->is_connected());
  out->tick(1'000'000'000);
  REQUIRE(out->is_connected());
  const int reader = accept_unix(listening);
  REQUIRE(reader >= 0);
  out->write("one\n");
  out->write("two\n");
  out->tick(1'000'000'001);
  CHECK(read_all(reader) == "one\ntwo\n");
  CHECK(out->nof_written() == 2);
  close(reader);
  out->write("three\n");
  out->tick(1'000'000'002);
  CHECK_FALSE(out->is_connected());
  close(listening);
}

TEST_CASE("run output: a slow reader loses whole records, and what it gets is whole")
{
  const test::temporary_folder folder;
  const std::string path = folder.file("out");
  const int listening = listen_unix(path).value();
  auto out = run_output::open("unix:" + path, 10000).value();
  out->tick(0);
  const int reader = accept_unix(listening);
  REQUIRE(reader >= 0);
  std::string record(999, 'x');
  record += '\n';
  for (int i = 0; i < 2000; ++i) {
    out->write(record);
    out->tick(1);
  }
  CHECK(out->nof_dropped() > 0);
  CHECK(out->nof_written() + out->nof_dropped() == 2000);
  std::string got;
  for (std::string more = "x"; !more.empty();) {
    more = read_all(reader);
    got += more;
    out->tick(2);
  }
  CHECK(got.size() == 1000 * out->nof_written());
  close(reader);
  close(listening);
}

TEST_CASE("run output: a file is written, and one that cannot be is refused")
{
  const test::temporary_folder folder;
  {
    auto out = run_output::open(folder.file("a.jsonl")).value();
    out->write("a line\n");
    out->tick(0);
  }
  CHECK(content_of(folder.file("a.jsonl")) == "a line\n");
  CHECK_FALSE(run_output::open(folder.file("not/there")));
  CHECK_FALSE(run_output::open("unix:" + std::string(200, 'x')));
}

TEST_CASE("run input: lines of one client after the other, cut ones joined, endless ones dropped and counted")
{
  const test::temporary_folder folder;
  const std::string path = folder.file("l2");
  auto in = run_input::open("unix:" + path).value();
  CHECK_FALSE(run_input::open("unix:" + path)); // somebody listens there
  std::vector<std::string> lines;
  const auto take = [&] { in->tick([&](std::string_view line) { lines.emplace_back(line); }); };
  take();
  const auto send_text = [](int fd, const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t n = ::send(fd, text.data() + at, text.size() - at, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n <= 0) {
        return at;
      }
      at += static_cast<std::size_t>(n);
    }
    return text.size();
  };
  int client = connect_unix(path);
  REQUIRE(client >= 0);
  send_text(client, "one\n\ntw");
  take();
  CHECK(lines == std::vector<std::string>{"one"});
  send_text(client, "o\nthree");
  take();
  CHECK(lines == std::vector<std::string>{"one", "two"});
  close(client); // its half line goes with it
  take();
  client = connect_unix(path);
  REQUIRE(client >= 0);
  const std::string endless(run_input::max_line_bytes + 1000, 'x');
  for (std::size_t sent = 0; sent < endless.size();) {
    sent += send_text(client, endless.substr(sent));
    take();
  }
  send_text(client, "\nfour\n");
  take();
  CHECK(lines == std::vector<std::string>{"one", "two", "four"});
  CHECK(in->nof_too_long() == 1);
  close(client);
  CHECK_FALSE(run_input::open("tcp:1"));
}

TEST_CASE("FAPI: an independent reader finds in the bytes what the report holds")
{
  // NOLINTNEXTLINE(bugprone-command-processor, concurrency-mt-unsafe)
  if (std::system("python3 -c pass > /dev/null 2>&1") != 0) {
    MESSAGE("skipped: no python3");
    return;
  }
  slot_report report;
  report.cell = 2;
  report.slot = {1023, 19};
  report.pusch.resize(2);
  pusch_report& good = report.pusch[0];
  good.pdu.rnti = 0x4601;
  good.pdu.harq_process_id = 11;
  good.pdu.tb_size_bytes = 3;
  good.tb_crc_ok = true;
  good.payload = {0xAB, 0x00, 0xFF};
  good.nof_cb = good.nof_cb_ok = 1;
  good.sinr_db = 12.346F;
  good.ta_us = -0.5208F; // two steps of 0.2604 us at 30 kHz
  good.rsrp_db = -12.0F;
  pusch_report& bad = report.pusch[1];
  bad.pdu.rnti = 0x4602;
  bad.plan_index = 5;
  bad.payload = {1, 2};
  bad.nof_cb = 10;
  const test::temporary_folder folder;
  const std::string path = folder.write(
      "fapi.bin",
      crc_indication(report, numerology{1}, indication_of::decoded) + rx_data_indication(report) +
          crc_indication(report, numerology{1}, indication_of::not_received));
  const std::string command =
      std::string("python3 " PADO_SOURCE_DIR "/tests/apps/read_fapi.py ") + path + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r"); // NOLINT(bugprone-command-processor)
  REQUIRE(pipe != nullptr);
  std::string text;
  char chunk[4096];
  while (const std::size_t n = std::fread(chunk, 1, sizeof(chunk), pipe)) {
    text.append(chunk, n);
  }
  pclose(pipe);
  CAPTURE(text);
  std::istringstream lines(text);
  std::string line;
  REQUIRE(std::getline(lines, line));
  const auto crc = nlohmann::json::parse(line);
  CHECK(crc["phy"] == 2);
  CHECK(crc["sfn"] == 1023);
  CHECK(crc["slot"] == 19);
  CHECK(crc["crcs"][0]["rnti"] == 0x4601);
  CHECK(crc["crcs"][0]["harq"] == 11);
  CHECK(crc["crcs"][0]["status"] == 0);
  CHECK(crc["crcs"][0]["sinr_db"].get<double>() == doctest::Approx(12.346).epsilon(1e-6));
  CHECK(crc["crcs"][0]["ta"] == 29);
  CHECK(crc["crcs"][0]["ta_ns"] == -521);
  CHECK(crc["crcs"][0]["rssi"] == 65535);
  CHECK(crc["crcs"][0]["rsrp"] == 979); // -12 - 18.06 dB above -128 dBFS
  CHECK(crc["crcs"][1]["handle"] == 5);
  CHECK(crc["crcs"][1]["status"] == 1);
  CHECK(crc["crcs"][1]["nof_cb"] == 10);
  CHECK(crc["crcs"][1]["failed"].size() == 10);
  REQUIRE(std::getline(lines, line));
  const auto data = nlohmann::json::parse(line);
  CHECK(data["message"] == "RX_DATA.indication");
  CHECK(data["pdus"][0]["pdu"] == "ab00ff");
  CHECK(data["pdus"][1]["pdu"] == "");
  CHECK(data["pdus"][1]["rnti"] == 0x4602);
  REQUIRE(std::getline(lines, line));
  const auto silent = nlohmann::json::parse(line);
  CHECK(silent["crcs"][0]["ta"] == 65535);
  CHECK(silent["crcs"][0]["sinr_db"].get<double>() < -65.0);
  CHECK_FALSE(std::getline(lines, line));

  const auto json = nlohmann::json::parse(crc_indication_json(report, numerology{1}, indication_of::decoded));
  CHECK(json["crcs"][0]["TimingAdvanceOffset"] == 29);
  CHECK(nlohmann::json::parse(rx_data_indication_json(report))["pdus"][0]["PDU"] == "ab00ff");
}
