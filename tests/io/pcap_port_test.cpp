// SPDX-License-Identifier: Apache-2.0
#include "io/pcap/pcap_reader.h"
#include "io/pcap/pcap_writer.h"
#include "tests/io/port_contract.h"
#include "tests/support/temporary_folder.h"
#include <fstream>
#include <iterator>

using namespace pado::test; // NOLINT: the contract reads better with the short names
using pado::io::packet;
using pado::io::pcap_reader;
using pado::io::pcap_writer;
using pado::io::port;
using pado::io::port_config;
using pado::io::rx_frame;

namespace {

constexpr std::int64_t cycle_ns = 10240000000;
constexpr std::int64_t capture_ns = 1600000000123456789; // September 2020

/// A capture of numbered frames at these times after capture_ns.
std::string capture(const temporary_folder& folder, const std::vector<std::int64_t>& times_ns)
{
  auto writer = pcap_writer::create(folder.file("in.pcap"));
  REQUIRE(writer);
  for (std::uint32_t i = 0; i < times_ns.size(); ++i) {
    REQUIRE(writer.value().write(numbered_frame(frame_sizes[i % frame_sizes.size()], i),
                                 capture_ns + times_ns[i]));
  }
  REQUIRE(writer.value().finish());
  return folder.file("in.pcap");
}

/// Everything that is due, and given back.
std::vector<std::int64_t> arrivals(port& from)
{
  std::vector<std::int64_t> times;
  std::array<rx_frame, 4> some;
  for (std::size_t n = from.poll(some); n > 0; n = from.poll(some)) {
    for (std::size_t i = 0; i < n; ++i) {
      times.push_back(some[i].arrival_ns);
    }
    from.release(std::span(some).first(n));
  }
  return times;
}

std::vector<std::int64_t> stamps_of(const std::string& path)
{
  auto reader = pcap_reader::open(path);
  REQUIRE(reader);
  std::vector<std::int64_t> times;
  for (pado::io::capture_frame frame; reader.value().next(frame);) {
    times.push_back(frame.time_ns);
  }
  CHECK_FALSE(reader.value().failure());
  return times;
}

std::string failure_of(const std::string& name)
{
  const auto port = pado::io::open_port(name, {});
  REQUIRE_FALSE(port);
  return port.failure().text();
}
bool has(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("pcap port: gives every frame of the file, whole and in order, while others are held")
{
  const temporary_folder folder;
  std::vector<std::int64_t> times(150);
  for (std::size_t i = 0; i < times.size(); ++i) {
    times[i] = static_cast<std::int64_t>(i) * 1000;
  }
  port_config config;
  config.nof_rx_frames = 64;
  const auto from = opened("pcap:" + capture(folder, times) + ",pace=free", config);
  CHECK(from->form() == pado::io::framing::ethernet);
  std::mt19937 random(3);
  std::uint32_t number = 0;
  std::vector<rx_frame> held;
  while (!from->has_ended()) {
    std::array<rx_frame, 64> some;
    REQUIRE(from->wait(0));
    const std::size_t n = from->poll(some);
    REQUIRE(n > 0);
    for (std::size_t i = 0; i < n; ++i, ++number) {
      CAPTURE(number);
      CHECK(some[i].arrival_ns == capture_ns + number * 1000);
      held.push_back(some[i]);
    }
    for (std::size_t i = 0; i < held.size(); ++i) {
      const std::uint32_t which = number - static_cast<std::uint32_t>(held.size() - i);
      REQUIRE(is_equal(held[i].bytes, numbered_frame(frame_sizes[which % frame_sizes.size()], which)));
    }
    CHECK(held.size() <= 64);
    CHECK(from->poll(some) == 0); // all memory is held, or the file has ended
    std::shuffle(held.begin(), held.end(), random);
    from->release(held);
    held.clear();
  }
  CHECK(number == 150);
  CHECK(from->counters().received.value() == 150);
  CHECK(from->counters().cut.value() == 0);
  CHECK_FALSE(from->wait(1000));
}

TEST_CASE("pcap port: pace=stamps gives frames as far apart as they were captured")
{
  const temporary_folder folder;
  pado::virtual_clock time;
  time.set_ns(5000000000);
  port_config config;
  config.time = &time;
  const auto from = opened("pcap:" + capture(folder, {0, 1000, 1500, 500000}), config);
  CHECK(arrivals(*from) == std::vector<std::int64_t>{capture_ns}); // the clock starts with the first frame
  time.advance_ns(999);
  CHECK(arrivals(*from).empty());
  CHECK_FALSE(from->wait(0));
  time.advance_ns(1);
  CHECK(from->wait(0));
  CHECK(arrivals(*from) == std::vector<std::int64_t>{capture_ns + 1000});
  time.advance_ns(100000);
  CHECK(arrivals(*from) == std::vector<std::int64_t>{capture_ns + 1500});
  CHECK_FALSE(from->has_ended());
  time.advance_ns(1000000);
  CHECK(arrivals(*from) == std::vector<std::int64_t>{capture_ns + 500000});
  CHECK(from->has_ended());
}

TEST_CASE("pcap port: pace=slots moves a capture by whole SFN cycles to the system clock")
{
  const temporary_folder folder;
  pado::virtual_clock time;
  time.set_ns(1750000000000000000);
  port_config config;
  config.time = &time;
  const auto from = opened("pcap:" + capture(folder, {0, 500000}) + ",pace=slots", config);
  CHECK(arrivals(*from).empty());
  const std::int64_t begin_ns = time.now_ns();
  const std::int64_t first_ns =
      begin_ns + cycle_ns - (begin_ns - capture_ns) % cycle_ns; // same place in the cycle
  time.set_ns(first_ns - 1);
  CHECK(arrivals(*from).empty());
  time.set_ns(first_ns);
  CHECK(arrivals(*from) == std::vector<std::int64_t>{first_ns});
  CHECK((first_ns - capture_ns) % cycle_ns == 0);
  time.set_ns(first_ns + 499999);
  CHECK(arrivals(*from).empty());
  time.set_ns(first_ns + 500000);
  CHECK(arrivals(*from) == std::vector<std::int64_t>{first_ns + 500000});
  CHECK(from->has_ended());
}

TEST_CASE("pcap port: the real clock paces too")
{
  const temporary_folder folder;
  const auto from = opened("pcap:" + capture(folder, {0, 20000000, 40000000}), {});
  const pado::steady_clock time;
  const std::int64_t begin_ns = time.now_ns();
  const auto frames = gather(*from, 3);
  CHECK(frames.size() == 3);
  CHECK(time.now_ns() - begin_ns >= 39000000);
}

TEST_CASE("pcap port: loop=N gives the file N times, each round whole SFN cycles later")
{
  const temporary_folder folder;
  const std::string file = capture(folder, {0, 700, cycle_ns + 5});
  const auto from = opened("pcap:" + file + ",pace=free,loop=3", {});
  std::vector<std::int64_t> expected;
  for (std::int64_t round = 0; round < 3; ++round) {
    for (const std::int64_t at : {std::int64_t{0}, std::int64_t{700}, cycle_ns + 5}) {
      expected.push_back(capture_ns + round * 2 * cycle_ns + at);
    }
  }
  CHECK(arrivals(*from) == expected);
  CHECK(from->has_ended());
  CHECK(from->counters().received.value() == 9);
  CHECK(has(from->describe(), "round 3 of 3, read to its end"));
}

TEST_CASE("pcap port: sent frames go to out=, stamped in the clock of arrival times")
{
  const temporary_folder folder;
  pado::virtual_clock time;
  time.set_ns(1750000000000000000);
  port_config config;
  config.time = &time;
  const std::string file = capture(folder, {0, 700});
  const std::string out = folder.file("out.pcap");
  const std::vector<std::vector<std::byte>> frames = {
      numbered_frame(60, 1), numbered_frame(9217, 2), {}, numbered_frame(7678, 3)};
  for (const char* pace : {"stamps", "free", "slots"}) {
    CAPTURE(pace);
    auto from = opened("pcap:" + file + ",pace=" + pace + ",out=" + out, config);
    std::array<rx_frame, 1> one;
    from->poll(one);
    time.advance_ns(300);
    CHECK(from->send(packets_of(frames)) == 2);
    CHECK(from->counters().sent.value() == 2);
    CHECK(from->counters().sent_bytes.value() == 7738);
    CHECK(from->counters().unsent.value() == 2);
    from.reset();
    const std::int64_t stamp = pace == std::string("stamps") ? capture_ns + 300
                               : pace == std::string("free") ? capture_ns
                                                             : time.now_ns();
    CHECK(stamps_of(out) == std::vector<std::int64_t>{stamp, stamp});
  }
  const auto without = opened("pcap:" + file, config);
  CHECK(without->send(packets_of(frames)) == 0);
  CHECK(without->counters().unsent.value() == 4);
}

TEST_CASE("pcap port: a full disk makes frames unsent")
{
  if (!std::ofstream("/dev/full")) {
    MESSAGE("skipped: no /dev/full here");
    return;
  }
  const temporary_folder folder;
  const auto from = opened("pcap:" + capture(folder, {0}) + ",out=/dev/full", {});
  const auto frame = numbered_frame(9000, 1);
  const packet one = frame;
  for (int i = 0; i < 20; ++i) {
    from->send({&one, 1});
  }
  CHECK(from->counters().unsent.value() >= 10); // all but what was buffered
}

TEST_CASE("pcap port: longer frames and frames of a short snap length are cut and counted")
{
  const temporary_folder folder;
  std::vector<std::int64_t> times(9, 0);
  port_config config;
  config.max_frame_bytes = 1600;
  const auto from = opened("pcap:" + capture(folder, times) + ",pace=free", config);
  const auto frames = gather(*from, 9);
  REQUIRE(frames.size() == 9);
  CHECK(from->counters().cut.value() == 2); // 7678 and 9014 bytes
  CHECK(frames[7].bytes.size() == 1600);

  // The second frame had 200 bytes on the wire: its record says so.
  std::ifstream in(folder.file("in.pcap"), std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  bytes[24 + 16 + 60 + 12] = static_cast<char>(200);
  const auto snapped = opened("pcap:" + folder.write("snapped.pcap", bytes) + ",pace=free", {});
  CHECK(gather(*snapped, 9).size() == 9);
  CHECK(snapped->counters().cut.value() == 1);
}

TEST_CASE("pcap port: a file that is cut short gives what is whole, ends and says so")
{
  const temporary_folder folder;
  const std::string file = capture(folder, {0, 1, 2});
  std::ifstream in(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const std::string cut = folder.write("cut.pcap", bytes.substr(0, bytes.size() - 10));
  const auto from = opened("pcap:" + cut + ",pace=free,loop=5", {});
  CHECK(arrivals(*from).size() == 2);
  CHECK(from->has_ended());
  CHECK(has(from->describe(), "cut short at offset"));
}

TEST_CASE("pcap port: stamps at the ends of time do not break the pace")
{
  const temporary_folder folder;
  // pcapng: an interface that counts in microseconds, and frames at the greatest and the least time.
  const auto u32 = [](std::uint32_t value) {
    return std::string{static_cast<char>(value),
                       static_cast<char>(value >> 8),
                       static_cast<char>(value >> 16),
                       static_cast<char>(value >> 24)};
  };
  std::string text = u32(0x0a0d0d0a) + u32(28) + u32(0x1a2b3c4d) + u32(1) + u32(~0U) + u32(~0U) + u32(28);
  text += u32(1) + u32(20) + u32(1) + u32(0) + u32(20);
  for (const std::uint32_t half : {~0U, 0U, 0x7FFFFFFFU, ~0U}) {
    text += u32(6) + u32(96) + u32(0) + u32(half) + u32(half) + u32(64) + u32(64) + std::string(64, 'x') +
            u32(96);
  }
  const std::string file = folder.write("times.pcapng", text);
  for (const char* pace : {"stamps", "slots", "free"}) {
    CAPTURE(pace);
    const auto from = opened("pcap:" + file + ",loop=3,pace=" + pace, {});
    std::array<rx_frame, 16> some;
    const std::size_t n = from->poll(some);
    CHECK(n <= 12);
    CHECK((pace != std::string("free") || n == 12));
  }
}

TEST_CASE("pcap port: names that cannot be opened say what to change")
{
  const temporary_folder folder;
  const std::string file = capture(folder, {0});
  CHECK(has(failure_of("pcap:" + folder.file("none.pcap")), "cannot be opened: No such file"));
  CHECK(has(failure_of("pcap:" + file + ",pace=slot"), "has pace=slot. Did you mean 'slots'?"));
  CHECK(has(failure_of("pcap:" + file + ",lop=2"), "'lop'. Did you mean 'loop'?"));
  CHECK(has(failure_of("pcap:" + file + ",loop=0"), "has loop=0, must be in 1.."));
  CHECK(has(failure_of("pcap:" + file + ",loop=2x"), "has loop=2x, must be in 1.."));
  CHECK(has(failure_of("pcap:-,loop=2"), "loop needs a file"));
  CHECK(has(failure_of("pcap:" + file + ",out=" + file), "would write over the capture that it reads"));
  CHECK(has(failure_of("pcap:" + file + ",out=/nowhere/out.pcap"), "cannot be written"));
}
