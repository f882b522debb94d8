// SPDX-License-Identifier: Apache-2.0
// DPDK starts once per process: all cases share it, and open and close their own ports.
#include "io/pcap/pcap_reader.h"
#include "io/pcap/pcap_writer.h"
#include "tests/io/dpdk_frames.h"
#include "tests/io/port_contract.h"
#include "tests/support/allocation_count.h"
#include "tests/support/temporary_folder.h"
#include <array>
#include <sched.h>
#include <thread>

using namespace pado::io;   // NOLINT: a test reads better with the short names
using namespace pado::test; // NOLINT

namespace {

/// Lengths around the ends of buffers, cache lines and MTUs; 7678 is a BFP 9 symbol of 273 PRB.
std::vector<std::size_t> many_lengths()
{
  std::vector<std::size_t> lengths{
      60, 64, 127, 128, 129, 1514, 1518, 2047, 2048, 4096, 7678, 9000, 9014, 9216};
  for (std::size_t length = 60; length < 9216; length += 97) {
    lengths.push_back(length);
  }
  return lengths;
}

void write_capture(const std::string& path, const std::vector<std::vector<std::byte>>& frames)
{
  auto writer = pcap_writer::create(path);
  REQUIRE(writer);
  std::int64_t time_ns = 1'700'000'000'000'000'000;
  for (const auto& frame : frames) {
    REQUIRE(writer.value().write(frame, time_ns));
    time_ns += 35'714;
  }
  REQUIRE(writer.value().finish());
}

std::string refusal_of(const std::string& name, const port_config& config = small_port())
{
  auto opened = open_port("dpdk:" + name, config);
  REQUIRE_FALSE(opened);
  return opened.failure().text();
}

} // namespace

TEST_CASE("dpdk_port: a build without DPDK says what to install")
{
  if (!has_dpdk()) {
    CHECK(refusal_of("net_null0").find("libdpdk-dev") != std::string::npos);
  }
}

TEST_CASE("dpdk_port: the caller's threads keep their CPUs")
{
  if (is_without_dpdk()) {
    return;
  }
  cpu_set_t before;
  cpu_set_t after;
  cpu_set_t of_thread;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  const auto port = must_open("net_null7");
  REQUIRE(sched_getaffinity(0, sizeof after, &after) == 0);
  std::thread([&] { sched_getaffinity(0, sizeof of_thread, &of_thread); }).join();
  CHECK(CPU_EQUAL(&before, &after));
  CHECK(CPU_EQUAL(&before, &of_thread));
}

TEST_CASE("dpdk_port: a pair in one process carries frames both ways, equal and in order")
{
  if (is_without_dpdk()) {
    return;
  }
  const auto a = must_open("net_ring0");
  const auto b = must_open("net_ring0");
  CHECK(a->form() == framing::ethernet);
  CHECK(refusal_of("net_ring0").find("both ends") != std::string::npos);
  const auto frames = make_frames(many_lengths());
  for (const auto& [from, to] : {std::pair{a.get(), b.get()}, std::pair{b.get(), a.get()}}) {
    CHECK(from->send(as_packets(frames)) == frames.size());
    CHECK(receive_all(*to) == frames);
    CHECK(from->counters().sent.value() == frames.size());
    CHECK(from->counters().sent_bytes.value() == to->counters().received_bytes.value());
    CHECK(from->counters().unsent.value() == 0);
    CHECK(to->counters().received.value() == frames.size());
    CHECK(to->counters().cut.value() == 0);
    CHECK(to->counters().lost.value() == 0);
  }
  CHECK(a->describe().find("end a") != std::string::npos);
  CHECK(b->describe().find("end b") != std::string::npos);
  CHECK(a->describe().find("page-locked memory") != std::string::npos);
  CHECK(a->describe().find("link up") != std::string::npos);
}

TEST_CASE("dpdk_port: a pair keeps every promise of a port")
{
  if (is_without_dpdk()) {
    return;
  }
  check_port_contract([](const port_config& near, const port_config& far) {
    const auto smaller = [](port_config config) {
      config.nof_rx_frames = std::min(config.nof_rx_frames, 1024); // its memory is zeroed at each opening
      return config;
    };
    auto first = opened("dpdk:net_ring5", smaller(near));
    return port_pair{std::move(first), opened("dpdk:net_ring5", smaller(far))};
  });
}

TEST_CASE("dpdk_port: held frames stay as they are, and a port without memory gives none")
{
  if (is_without_dpdk()) {
    return;
  }
  port_config config = small_port();
  config.nof_rx_frames = 64;
  const auto a = must_open("net_ring1", config);
  const auto b = must_open("net_ring1", config);
  const auto frames = make_frames(std::vector<std::size_t>(64, 7678));
  std::vector<rx_frame> held;
  std::array<rx_frame, port::max_burst> burst;
  REQUIRE(a->send(as_packets(frames)) == 64);
  while (b->wait(20'000'000)) {
    const std::size_t nof = b->poll(std::span(burst).first(7));
    held.insert(held.end(), burst.begin(), burst.begin() + nof);
  }
  REQUIRE(held.size() == 64);
  // All is held: what is sent now waits in the ring, and then the link takes no more.
  std::uint64_t waiting = 0;
  for (int round = 0; round < 200; ++round) {
    waiting += a->send(as_packets(frames));
    CHECK(b->poll(burst) == 0);
  }
  CHECK(waiting >= 64);
  CHECK(waiting < 200 * 64);
  CHECK(a->counters().unsent.value() == 200 * 64 - waiting);
  CHECK_FALSE(b->wait(1'000'000));
  for (std::size_t i = 0; i < held.size(); ++i) {
    CHECK(std::ranges::equal(held[i].bytes, frames[i]));
  }
  std::ranges::reverse(held); // any order
  b->release(held);
  CHECK(receive_all(*b).size() == waiting);
  CHECK(b->counters().lost.value() == 0);
}

TEST_CASE("dpdk_port: an end may close while the other holds its frames")
{
  if (is_without_dpdk()) {
    return;
  }
  auto a = must_open("net_ring2");
  const auto b = must_open("net_ring2");
  const auto frames = make_frames({7678, 1500});
  REQUIRE(a->send(as_packets(frames)) == 2);
  a.reset();
  std::array<rx_frame, 8> burst;
  REQUIRE(b->wait(100'000'000));
  REQUIRE(b->poll(burst) == 2);
  CHECK(std::ranges::equal(burst[0].bytes, frames[0]));
  a = must_open("net_ring2"); // the free end again
  CHECK(a->describe().find("end a") != std::string::npos);
  REQUIRE(a->send(as_packets(frames)) == 2);
  CHECK(receive_all(*b) == frames);
  b->release(std::span(burst).first(2));
}

TEST_CASE("dpdk_port: a frame too long for the port is not sent, and counted")
{
  if (is_without_dpdk()) {
    return;
  }
  port_config config = small_port();
  config.max_frame_bytes = 1514;
  const auto a = must_open("net_ring3", config);
  const auto b = must_open("net_ring3", config);
  auto frames = make_frames({1514, 1515, 60, 20'000, 61});
  CHECK(a->send(as_packets(frames)) == 3);
  CHECK(a->counters().unsent.value() == 2);
  frames.erase(frames.begin() + 3);
  frames.erase(frames.begin() + 1);
  CHECK(receive_all(*b) == frames);
}

TEST_CASE("dpdk_port: two threads pass frames through a pair; every frame is received or unsent")
{
  if (is_without_dpdk()) {
    return;
  }
  const auto a = must_open("net_ring4");
  const auto b = must_open("net_ring4");
  const auto frames = make_frames(std::vector<std::size_t>(64, 1500));
  constexpr int rounds = 100;
  std::uint64_t sent = 0;
  std::thread sender([&] {
    const auto packets = as_packets(frames);
    for (int round = 0; round < rounds; ++round) {
      sent += a->send(packets);
      std::this_thread::yield();
    }
  });
  std::uint64_t received = 0;
  std::uint64_t wrong = 0;
  std::array<rx_frame, port::max_burst> burst;
  while (b->wait(200'000'000)) {
    const std::size_t nof = b->poll(burst);
    for (std::size_t i = 0; i < nof; ++i) {
      const auto number = load_be32(burst[i].bytes, 14);
      wrong += number >= 64 || !std::ranges::equal(burst[i].bytes, frames[number]) ? 1 : 0;
    }
    b->release(std::span(burst).first(nof));
    received += nof;
  }
  sender.join();
  CHECK(wrong == 0);
  CHECK(received == sent);
  CHECK(sent + a->counters().unsent.value() == rounds * 64);
}

TEST_CASE("dpdk_port: net_pcap gives a capture's frames, equal, in order, with its times in microseconds")
{
  if (is_without_dpdk()) {
    return;
  }
  const temporary_folder folder;
  const auto frames = make_frames(many_lengths());
  write_capture(folder.file("in.pcap"), frames);
  const auto port = must_open("net_pcap0,rx_pcap=" + folder.file("in.pcap"));
  std::vector<std::vector<std::byte>> seen;
  std::vector<std::int64_t> times_ns;
  std::array<rx_frame, port::max_burst> burst;
  while (port->wait(20'000'000)) {
    const std::size_t nof = port->poll(burst);
    for (const rx_frame& frame : std::span(burst).first(nof)) {
      seen.emplace_back(frame.bytes.begin(), frame.bytes.end());
      times_ns.push_back(frame.arrival_ns);
    }
    port->release(std::span(burst).first(nof));
  }
  CHECK(seen == frames);
  const bool has_ns = port->describe().find("microseconds") == std::string::npos; // DPDK after 26.03
  for (std::size_t i = 0; i < times_ns.size(); ++i) {
    const std::int64_t time_ns = 1'700'000'000'000'000'000 + 35'714 * static_cast<std::int64_t>(i);
    REQUIRE(times_ns[i] == (has_ns ? time_ns : time_ns / 1000 * 1000));
  }
  CHECK(port->counters().cut.value() == 0);
  CHECK(port->counters().lost.value() == 0);
  CHECK(port->describe().find("stamped by the capture") != std::string::npos);
}

TEST_CASE("dpdk_port: a frame longer than the port's is cut and counted")
{
  if (is_without_dpdk()) {
    return;
  }
  const temporary_folder folder;
  // 1920 fits the buffer and is cut; 9014 comes as a chain of buffers
  const auto frames = make_frames({1514, 1515, 1920, 9014, 60});
  write_capture(folder.file("in.pcap"), frames);
  port_config config = small_port();
  config.max_frame_bytes = 1514;
  const auto port = must_open("net_pcap0,rx_pcap=" + folder.file("in.pcap"), config);
  const auto seen = receive_all(*port);
  REQUIRE(seen.size() == frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const std::size_t length = std::min<std::size_t>(frames[i].size(), 1514);
    CHECK(seen[i] == std::vector(frames[i].begin(), frames[i].begin() + static_cast<std::ptrdiff_t>(length)));
  }
  CHECK(port->counters().cut.value() == 3);
}

TEST_CASE("dpdk_port: net_pcap writes what is sent")
{
  if (is_without_dpdk()) {
    return;
  }
  const temporary_folder folder;
  const auto frames = make_frames(many_lengths());
  {
    const auto port = must_open("net_pcap0,tx_pcap=" + folder.file("out.pcap"));
    CHECK(port->send(as_packets(frames)) == frames.size());
  }
  auto reader = pcap_reader::open(folder.file("out.pcap"));
  REQUIRE(reader);
  std::vector<std::vector<std::byte>> written;
  for (capture_frame frame; reader.value().next(frame);) {
    written.emplace_back(frame.bytes.begin(), frame.bytes.end());
  }
  CHECK(!reader.value().failure());
  CHECK(written == frames);
}

TEST_CASE("dpdk_port: net_null never ends; polling and sending allocate nothing; the clock passed in stamps")
{
  if (is_without_dpdk()) {
    return;
  }
  pado::virtual_clock time;
  port_config config = small_port();
  config.time = &time;
  const auto port = must_open("net_null0,size=1500,copy=1", config);
  const auto frames = make_frames(std::vector<std::size_t>(70, 7678));
  const auto packets = as_packets(frames);
  std::array<rx_frame, port::max_burst> burst;
  port->release(std::span(burst).first(port->poll(burst))); // registers the thread
  time.set_ns(42);
  const auto before = allocation_count();
  std::size_t nof = 0;
  for (int round = 0; round < 100; ++round) {
    nof = port->poll(burst);
    port->release(std::span(burst).first(nof));
    port->send(packets);
  }
  CHECK(allocation_count() == before);
  REQUIRE(nof == port::max_burst);
  CHECK(burst[5].bytes.size() == 1500);
  CHECK(burst[5].arrival_ns == 42);
  CHECK(port->counters().sent.value() == 7000);
  CHECK(port->poll({}) == 0);
}

TEST_CASE("dpdk_port: what cannot be opened is named with what the driver said")
{
  if (is_without_dpdk()) {
    return;
  }
  CHECK(refusal_of("net_foo0").find("net_foo0") != std::string::npos);
  CHECK(refusal_of("ffff:ff:1f.0").find("ffff:ff:1f.0") != std::string::npos);
  CHECK(refusal_of("net_pcap0,rx_pcap=/no/such.pcap").find("/no/such.pcap") != std::string::npos);
  CHECK(refusal_of("net_null0,only=ecpri").find("only=ecpri") != std::string::npos);
  CHECK(refusal_of("net_null0 -- -m 64").find("opened first") != std::string::npos);
  CHECK(refusal_of("net_af_packet0,iface=eth0,framesz=2048").find("framesz") != std::string::npos);
  port_config config = small_port();
  config.max_frame_bytes = 100;
  CHECK(refusal_of("net_null0", config).find("max_frame_bytes") != std::string::npos);
  const auto first = must_open("net_null0");
  CHECK(refusal_of("net_null0").find("open already") != std::string::npos);
}

TEST_CASE("dpdk_port: ports come and go without leaving memory behind")
{
  if (is_without_dpdk()) {
    return;
  }
  for (int round = 0; round < 40; ++round) {
    const auto null = must_open("net_null0");
    const auto a = must_open("net_ring0");
    const auto b = must_open("net_ring0");
    const auto frames = make_frames({60, 9014});
    CHECK(a->send(as_packets(frames)) == 2);
  }
}
