// SPDX-License-Identifier: Apache-2.0
#include "io/pcap/pcap_reader.h"
#include "io/pcap/pcap_writer.h"
#include "tests/support/shared.h"
#include "tests/support/temporary_folder.h"
#include <cstring>
#include <doctest/doctest.h>
#include <numeric>
#include <vector>

using pado::io::capture_format;
using pado::io::capture_frame;
using pado::io::pcap_reader;
using pado::io::pcap_writer;
using pado::test::temporary_folder;

namespace {

/// Little pieces of capture files, in either byte order.
class file_text {
public:
  explicit file_text(bool is_big_endian) : is_big_endian_(is_big_endian) {}

  file_text& u32(std::uint32_t value)
  {
    for (unsigned i = 0; i < 4; ++i) {
      text_ += static_cast<char>(value >> 8 * (is_big_endian_ ? 3 - i : i));
    }
    return *this;
  }
  file_text& u16(std::uint32_t value)
  {
    for (unsigned i = 0; i < 2; ++i) {
      text_ += static_cast<char>(value >> 8 * (is_big_endian_ ? 1 - i : i));
    }
    return *this;
  }
  file_text& bytes(std::size_t count, char first)
  {
    for (std::size_t i = 0; i < count; ++i) {
      text_ += static_cast<char>(first + static_cast<char>(i));
    }
    return *this;
  }
  const std::string& text() const { return text_; }

private:
  bool is_big_endian_;
  std::string text_;
};

/// Two frames of 20 and 61 bytes, captured from 20 and 90.
std::string pcap_file(std::uint32_t magic, bool is_big_endian, std::uint32_t link = 1)
{
  file_text file(is_big_endian);
  file.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(262144).u32(link);
  file.u32(1700000000).u32(123456).u32(20).u32(20).bytes(20, 'a');
  file.u32(1700000001).u32(7).u32(61).u32(90).bytes(61, 'A');
  return file.text();
}

/// The same frames as pcapng, time stamps in nanoseconds.
std::string pcapng_file(bool is_big_endian)
{
  file_text file(is_big_endian);
  file.u32(0x0a0d0d0a).u32(28).u32(0x1a2b3c4d).u16(1).u16(0).u32(0xffffffff).u32(0xffffffff).u32(28);
  // Interface: Ethernet, if_tsresol 9, end of options.
  file.u32(1)
      .u32(32)
      .u16(1)
      .u16(0)
      .u32(0)
      .u16(9)
      .u16(1)
      .bytes(1, 9)
      .bytes(1, 0)
      .bytes(2, 0)
      .u16(0)
      .u16(0)
      .u32(32);
  const auto frame = [&](std::uint64_t ns, std::uint32_t captured, std::uint32_t original, char first) {
    const std::uint32_t padded = (captured + 3) / 4 * 4;
    file.u32(6)
        .u32(32 + padded)
        .u32(0)
        .u32(static_cast<std::uint32_t>(ns >> 32))
        .u32(static_cast<std::uint32_t>(ns));
    file.u32(captured).u32(original).bytes(captured, first);
    for (std::uint32_t i = captured; i < padded; ++i) {
      file.bytes(1, 0);
    }
    file.u32(32 + padded);
  };
  frame(1700000000000123456ULL, 20, 20, 'a');
  frame(1700000001000000007ULL, 61, 90, 'A');
  return file.text();
}

/// Reads the two frames above and compares them; the frames read are the result.
int check_frames(const std::string& path, std::int64_t first_ns, std::int64_t second_ns)
{
  auto reader = pcap_reader::open(path);
  REQUIRE_MESSAGE(reader, (reader ? "" : reader.failure().text()));
  capture_frame frame;
  int count = 0;
  while (reader.value().next(frame)) {
    ++count;
    CHECK(frame.number == count);
    CHECK(frame.time_ns == (count == 1 ? first_ns : second_ns));
    CHECK(frame.bytes.size() == (count == 1 ? 20 : 61));
    CHECK(frame.original_bytes == (count == 1 ? 20 : 90));
    CHECK(frame.bytes[1] == std::byte(count == 1 ? 'b' : 'B'));
  }
  CHECK_MESSAGE(!reader.value().failure(),
                (reader.value().failure() ? reader.value().failure()->text() : ""));
  return count;
}

std::string open_failure(const std::string& path)
{
  const auto reader = pcap_reader::open(path);
  REQUIRE_FALSE(reader);
  return reader.failure().text();
}

bool has(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

/// Frames read before `failure` ended the reading.
int read_all(const std::string& path, std::string& failure)
{
  auto reader = pcap_reader::open(path);
  REQUIRE(reader);
  capture_frame frame;
  int count = 0;
  while (reader.value().next(frame)) {
    ++count;
  }
  CHECK_FALSE(reader.value().next(frame)); // said once, and stays ended
  failure = reader.value().failure() ? reader.value().failure()->text() : "";
  return count;
}

} // namespace

TEST_CASE("pcap: microseconds and nanoseconds in both byte orders give the same frames")
{
  const temporary_folder folder;
  for (const bool big : {false, true}) {
    CAPTURE(big);
    CHECK(check_frames(folder.write("us.pcap", pcap_file(0xa1b2c3d4, big)),
                       1700000000123456000,
                       1700000001000007000) == 2);
    CHECK(check_frames(folder.write("ns.pcap", pcap_file(0xa1b23c4d, big)),
                       1700000000000123456,
                       1700000001000000007) == 2);
    CHECK(check_frames(
              folder.write("ng.pcapng", pcapng_file(big)), 1700000000000123456, 1700000001000000007) == 2);
  }
}

TEST_CASE("pcap: info tells format and resolution, offsets tell where each record begins")
{
  const temporary_folder folder;
  auto reader = pcap_reader::open(folder.write("ns.pcap", pcap_file(0xa1b23c4d, false)));
  REQUIRE(reader);
  CHECK(reader.value().info().format == capture_format::pcap);
  CHECK(reader.value().info().nanoseconds);
  CHECK(reader.value().info().file_bytes == 24 + 16 + 20 + 16 + 61);
  capture_frame frame;
  CHECK(reader.value().next(frame));
  CHECK(frame.file_offset == 24);
  CHECK(reader.value().next(frame));
  CHECK(frame.file_offset == 24 + 16 + 20);
  CHECK(reader.value().position() == reader.value().info().file_bytes);
  auto ng = pcap_reader::open(folder.write("a.pcapng", pcapng_file(false)));
  REQUIRE(ng);
  CHECK(ng.value().info().format == capture_format::pcapng);
  CHECK(ng.value().next(frame));
  CHECK(frame.file_offset == 28 + 32);
}

TEST_CASE("pcap: a file cut at any byte delivers every whole frame and names the cut")
{
  const temporary_folder folder;
  const std::string whole = pcap_file(0xa1b23c4d, false);
  for (std::size_t size = 24; size < whole.size(); ++size) {
    CAPTURE(size);
    std::string failure;
    const int count = read_all(folder.write("cut.pcap", whole.substr(0, size)), failure);
    CHECK(count == (size < 60 ? 0 : 1));
    if (size == 24 || size == 60) {
      CHECK(failure.empty()); // cut between frames: nothing tells
    } else {
      CHECK(has(failure,
                "cut short at offset " + std::to_string(size) + " (frame " + std::to_string(count + 1)));
    }
  }
  std::string failure;
  read_all(folder.write("cut.pcap", whole.substr(0, 100)), failure);
  CHECK(failure == folder.file("cut.pcap") +
                       ": cut short at offset 100 (frame 2 needs 61 bytes, 24 are there); "
                       "the frame before it was read");
}

TEST_CASE("pcap: a pcapng file cut at any byte never crashes and keeps its whole frames")
{
  const temporary_folder folder;
  const std::string whole = pcapng_file(false);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    CAPTURE(size);
    const std::string path = folder.write("cut.pcapng", whole.substr(0, size));
    if (auto reader = pcap_reader::open(path)) {
      std::string failure;
      const int count = read_all(path, failure);
      CHECK(count == (size < 112 ? 0 : 1));
      CHECK((size == 60 || size == 112 || has(failure, "cut short at offset " + std::to_string(size))));
    }
  }
}

TEST_CASE("pcap: what is not a capture is named for what it is")
{
  const temporary_folder folder;
  CHECK(has(open_failure(folder.file("none.pcap")), "cannot be opened: No such file"));
  CHECK(has(open_failure(folder.file("")), "is a folder"));
  CHECK(has(open_failure(folder.write("empty.pcap", "")), "is empty (0 bytes)"));
  CHECK(has(open_failure(folder.write("x.pcap", "\x89PNG 1234567890")), "begins with 89 50 4e 47"));
  CHECK(
      has(open_failure(folder.write("x.pcap.gz", "\x1f\x8b\x08 zzzzzzzzzz")), "zcat FILE | pado inspect -"));
  CHECK(has(open_failure(folder.write("x.pcap.zst", "\x28\xb5\x2f\xfd zzzzzzzzz")), "zstdcat"));
  CHECK(has(open_failure(folder.write("x.pcap.xz",
                                      "\xfd"
                                      "7zXZ zzzzzzzzz")),
            "xzcat"));
  CHECK(has(open_failure(folder.write("head.pcap", pcap_file(0xa1b23c4d, false).substr(0, 10))),
            "damaged head"));
}

TEST_CASE("pcap: a link type other than Ethernet is refused by number and name")
{
  const temporary_folder folder;
  const std::string failure = open_failure(folder.write("any.pcap", pcap_file(0xa1b2c3d4, false, 113)));
  CHECK(has(failure, "link type 113 LINUX_SLL"));
  CHECK(has(failure, "not on 'any'"));
  CHECK(has(open_failure(folder.write("odd.pcap", pcap_file(0xa1b2c3d4, false, 4000))), "link type 4000"));
}

TEST_CASE("pcap: an impossible record length ends the reading with its offset")
{
  const temporary_folder folder;
  std::string file = pcap_file(0xa1b23c4d, false);
  std::memset(file.data() + 60 + 8, 0xff, 4); // captured length of the second record
  std::string failure;
  CHECK(read_all(folder.write("long.pcap", file), failure) == 1);
  CHECK(has(failure, "damaged at offset 60 (frame 2)"));
  CHECK(has(failure, "the frame before it was read"));
}

TEST_CASE("pcap: what the writer wrote the reader gives back")
{
  const temporary_folder folder;
  auto writer = pcap_writer::create(folder.file("out.pcap"));
  REQUIRE(writer);
  std::vector<std::byte> frame(9000);
  for (std::size_t i = 0; i < frame.size(); ++i) {
    frame[i] = std::byte(i * 7 % 251);
  }
  for (const std::size_t size : {std::size_t{1}, std::size_t{60}, frame.size()}) {
    REQUIRE(writer.value().write(std::span(frame).first(size),
                                 1700000000999999999 + static_cast<std::int64_t>(size)));
  }
  CHECK_FALSE(writer.value().write(frame, -1));
  CHECK_FALSE(writer.value().write(std::vector<std::byte>(262145), 0));
  REQUIRE(writer.value().finish());
  auto reader = pcap_reader::open(folder.file("out.pcap"));
  REQUIRE(reader);
  CHECK(reader.value().info().nanoseconds);
  capture_frame got;
  for (const std::size_t size : {std::size_t{1}, std::size_t{60}, frame.size()}) {
    REQUIRE(reader.value().next(got));
    REQUIRE(got.bytes.size() == size);
    CHECK(std::equal(got.bytes.begin(), got.bytes.end(), frame.begin()));
    CHECK(got.time_ns == 1700000000999999999 + static_cast<std::int64_t>(size));
  }
  CHECK_FALSE(reader.value().next(got));
  CHECK_FALSE(reader.value().failure());
  CHECK_FALSE(pcap_writer::create(folder.file("no/such/folder.pcap")));
}

TEST_CASE("pcap: the recorded fronthaul has the frames that its description says")
{
  const auto path = pado::test::shared_path("captures/ocudu_20mhz_2ant.pcap");
  if (!path) {
    MESSAGE("skipped: captures/ocudu_20mhz_2ant.pcap is not beside the project");
    return;
  }
  auto reader = pcap_reader::open(*path);
  REQUIRE(reader);
  CHECK(reader.value().info().nanoseconds);
  capture_frame frame;
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  std::int64_t bytes = 24;
  while (reader.value().next(frame)) {
    first_ns = frame.number == 1 ? frame.time_ns : first_ns;
    last_ns = frame.time_ns;
    CHECK(frame.file_offset == bytes);
    bytes += 16 + static_cast<std::int64_t>(frame.bytes.size());
  }
  CHECK_FALSE(reader.value().failure());
  CHECK(frame.number == 2186);
  CHECK(bytes == reader.value().info().file_bytes);
  CHECK((last_ns - first_ns) / 1000000 == doctest::Approx(60).epsilon(0.05));
}
