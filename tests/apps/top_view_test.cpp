// SPDX-License-Identifier: Apache-2.0
#include "apps/top_view.h"
#include "tests/apps/known_status.h"
#include <cstdlib>
#include <doctest/doctest.h>
#include <sstream>

using namespace pado::apps; // NOLINT(google-build-using-namespace)
using pado::test::known_status;

namespace {

std::vector<std::string> lines_of(const std::string& frame)
{
  std::vector<std::string> out;
  std::istringstream in(frame);
  for (std::string line; std::getline(in, line);) {
    out.push_back(line);
  }
  return out;
}

std::size_t characters(const std::string& line)
{
  std::size_t n = 0;
  for (const char c : line) {
    n += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  }
  return n;
}

bool has(const std::string& frame, const std::string& part)
{
  return frame.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("top_view: a frame fits its screen, from small to large, and every part is there")
{
  const live_status before = known_status(99);
  const live_status now = known_status(100);
  for (const int columns : {40, 80, 200}) {
    for (const int rows : {24, 30, 60}) {
      for (const bool has_unicode : {false, true}) {
        const std::string frame =
            top_frame(now, &before, {columns, rows, false, has_unicode, "127.0.0.1:9464"});
        const auto lines = lines_of(frame);
        CHECK(lines.size() <= static_cast<std::size_t>(rows));
        for (const std::string& line : lines) {
          CAPTURE(line);
          CHECK(characters(line) <= static_cast<std::size_t>(columns));
        }
        for (const char* part : {"PACKETS", "LATENCY us", "UE", "WINDOW", "GRANTS"}) {
          CHECK(has(frame, part));
        }
      }
    }
  }
}

TEST_CASE("top_view: figures are those of the status, rates are growth a second")
{
  const live_status before = known_status(98);
  const live_status now = known_status(100);
  const std::string frame = top_frame(now, &before, {80, 0, false, false, "x"});
  CHECK(has(frame, "running for 0:01:40"));
  CHECK(has(frame, "lab 512.8 273 PRB  slots/s 400  incomplete 29  shed 0  late 2  TB ok 96.67 %"));
  CHECK(has(frame, "11 200 000  112 000"));
  CHECK(has(frame, "! frames: unknown_flow 15 (0/s), messages: late 103 (0/s), duplicate 7"));
  CHECK(has(frame, "A 0x4601     24.1   27       2"));
  CHECK(has(frame, "9.5")); // BLER of 0x4602: 19 of 200
  CHECK(has(frame, "! c0"));
  const std::string wide = top_frame(now, &before, {120, 0, false, false, "x"});
  CHECK(has(wide, "blocks  failed  DTX"));
  CHECK(has(wide, "   9\n"));
  const std::string first = top_frame(now, nullptr, {80, 0, false, false, "x"});
  CHECK(has(first, "slots/s -"));
  CHECK(!has(first, "/s)"));
}

TEST_CASE("top_view: the map says by letters which UE, and by case and sign what became of the grant")
{
  live_status now;
  now.cells.resize(1);
  now.cells[0].nof_prb = 14;
  now.ues.resize(2);
  now.ues[0].rnti = 1;
  now.ues[1].rnti = 2;
  using outcome = grant_status::outcome;
  now.grants = {{0, {1, 8}, 1, {0, 7}, outcome::decoded},
                {0, {1, 8}, 2, {7, 14}, outcome::failed},
                {0, {1, 9}, 2, {13, 14}, outcome::not_received},
                {0, {2, 8}, 1, {0, 1}, outcome::waiting},
                {1, {2, 9}, 1, {0, 14}, outcome::decoded}}; // another cell
  const auto lines = lines_of(top_frame(now, nullptr, {80, 0, false, false, "x"}));
  REQUIRE(lines.size() >= 14);
  const std::vector<std::string> map(lines.end() - 14, lines.end());
  CHECK(map[0] == "    13 b- ");
  CHECK(map[6] == "     7 b  ");
  CHECK(map[7] == "     6 A  ");
  CHECK(map[13] == "     0 A ?");
}

TEST_CASE("top_view: styles add nothing but styles")
{
  const live_status now = known_status();
  std::string styled = top_frame(now, nullptr, {100, 40, true, false, "x"});
  CHECK(has(styled, "\x1b[1m"));
  for (std::size_t at = styled.find('\x1b'); at != std::string::npos; at = styled.find('\x1b')) {
    styled.erase(at, styled.find('m', at) + 1 - at);
  }
  CHECK(styled == top_frame(now, nullptr, {100, 40, false, false, "x"}));
}

TEST_CASE("top_view: a status of nothing is a frame too")
{
  CHECK(has(top_frame({}, nullptr, {80, 24, false, true, "x"}), "nothing dropped"));
}
