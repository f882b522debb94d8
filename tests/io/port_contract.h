// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/ecpri/link.h"
#include "io/port/open_port.h"
#include "tests/support/allocation_count.h"
#include <algorithm>
#include <array>
#include <cstring>
#include <doctest/doctest.h>
#include <functional>
#include <random>
#include <thread>
#include <vector>

/// What every port promises (io/port/port.h), checked on two ports that are linked with each other.
namespace pado::test {

struct port_pair {
  std::unique_ptr<io::port> near;
  std::unique_ptr<io::port> far;
};
/// Opens both ends: the near one with the first limits, the far one with the second.
using open_pair = std::function<port_pair(const io::port_config& near, const io::port_config& far)>;

/// Limits of ports that are not under stress: rings of the kernel cost time to make.
inline io::port_config usual()
{
  io::port_config config;
  config.nof_rx_frames = 512;
  return config;
}

inline std::unique_ptr<io::port> opened(const std::string& name, const io::port_config& config)
{
  auto port = io::open_port(name, config);
  REQUIRE_MESSAGE(port, (port ? "" : port.failure().text()));
  return std::move(port).value();
}

inline constexpr std::array<std::size_t, 9> frame_sizes = {60, 61, 64, 128, 1500, 1514, 1518, 7678, 9014};

/// A frame that every kind of link carries, different from every other one of `number`.
inline std::vector<std::byte> numbered_frame(std::size_t size, std::uint32_t number)
{
  std::vector<std::byte> frame(size);
  for (std::size_t i = 0; i < size; ++i) {
    frame[i] = static_cast<std::byte>(i * 7 + number * 13 + (i >> 8));
  }
  frame[0] = std::byte{0x02}; // a locally administered unicast address
  frame[6] = std::byte{0x02};
  io::store_be16(frame, 12, io::ethertype_ecpri);
  io::store_be32(frame, 14, number);
  return frame;
}

inline std::vector<io::packet> packets_of(const std::vector<std::vector<std::byte>>& frames)
{
  return {frames.begin(), frames.end()};
}

/// Polls until `nof_wanted` frames are there or nothing has come for two seconds.
inline std::vector<io::rx_frame> gather(io::port& port, std::size_t nof_wanted, std::size_t burst = 64)
{
  std::vector<io::rx_frame> all;
  std::vector<io::rx_frame> some(burst);
  while (all.size() < nof_wanted) {
    const std::size_t n = port.poll(std::span(some).first(std::min(burst, nof_wanted - all.size())));
    all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(n));
    if (n == 0 && !port.wait(2000000000)) {
      break;
    }
  }
  return all;
}

/// Frames that are there or come within the time; gives them back at once.
inline std::size_t drain(io::port& port, std::int64_t quiet_ns)
{
  std::array<io::rx_frame, 64> some;
  std::size_t count = 0;
  do {
    for (std::size_t n = port.poll(some); n > 0; n = port.poll(some)) {
      port.release(std::span(some).first(n));
      count += n;
    }
  } while (port.wait(quiet_ns));
  return count;
}

inline bool is_equal(io::packet a, io::packet b)
{
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

inline void check_every_size_arrives(const open_pair& open)
{
  const auto [near, far] = open(usual(), usual());
  for (const bool is_forth : {true, false}) {
    io::port& from = is_forth ? *near : *far;
    io::port& to = is_forth ? *far : *near;
    std::vector<std::vector<std::byte>> frames;
    std::uint64_t nof_bytes = 0;
    for (std::uint32_t i = 0; i < 20 * frame_sizes.size(); ++i) {
      frames.push_back(numbered_frame(frame_sizes[i % frame_sizes.size()], i));
      nof_bytes += frames.back().size();
    }
    CHECK(from.send(packets_of(frames)) == frames.size()); // three bursts in one call
    CHECK(from.counters().sent.value() == frames.size());
    CHECK(from.counters().sent_bytes.value() == nof_bytes);
    CHECK(from.counters().unsent.value() == 0);
    const std::vector<io::rx_frame> received = gather(to, frames.size(), is_forth ? 64 : 3);
    REQUIRE(received.size() == frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i) {
      CAPTURE(i);
      REQUIRE(is_equal(received[i].bytes, frames[i]));
      CHECK(received[i].arrival_ns >= received[0].arrival_ns);
    }
    CHECK(to.counters().received.value() == frames.size());
    CHECK(to.counters().received_bytes.value() == nof_bytes);
    CHECK(to.counters().cut.value() == 0);
    CHECK(to.counters().lost.value() == 0);
    to.release(received);
    std::array<io::rx_frame, 8> more;
    CHECK(to.poll(more) == 0);
    CHECK_FALSE(to.wait(0));
    CHECK_FALSE(to.has_ended());
  }
}

inline void check_stamps_are_near(const open_pair& open)
{
  const system_clock now;
  const auto [near, far] = open(usual(), usual());
  const auto frame = numbered_frame(200, 1);
  const io::packet one = frame;
  const std::int64_t before_ns = now.now_ns();
  CHECK(near->send({&one, 1}) == 1);
  const auto received = gather(*far, 1);
  REQUIRE(received.size() == 1);
  CHECK(received[0].arrival_ns >= before_ns);
  CHECK(received[0].arrival_ns <= now.now_ns());
  far->release(received);
}

/// All memory held: nothing is given and nothing breaks; given back in any order, all is usable again.
inline void check_held_memory(const open_pair& open)
{
  io::port_config few;
  few.nof_rx_frames = 64;
  const auto [near, far] = open(usual(), few);
  std::mt19937 random(7);
  for (int round = 0; round < 5; ++round) {
    std::vector<std::vector<std::byte>> frames;
    for (std::uint32_t i = 0; i < 200; ++i) {
      frames.push_back(numbered_frame(1000 + i, i));
    }
    near->send(packets_of(frames));
    std::vector<io::rx_frame> held;
    std::array<io::rx_frame, 32> some;
    for (std::size_t n = 1; n > 0;) {
      far->wait(20000000);
      n = far->poll(some);
      held.insert(held.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(n));
    }
    CHECK(held.size() >= 48); // a ring of the kernel may keep a few places for itself
    CHECK(held.size() <= 200);
    CHECK(far->poll(some) == 0);
    for (std::size_t i = 0; i < held.size(); ++i) {
      CAPTURE(i);
      REQUIRE(is_equal(held[i].bytes, frames[i])); // what is held is not written over
    }
    std::shuffle(held.begin(), held.end(), random);
    for (const io::rx_frame& frame : held) {
      far->release({&frame, 1});
    }
    drain(*far, 20000000);
  }
  CHECK(far->counters().received.value() + far->counters().lost.value() <= near->counters().sent.value());
}

inline void check_cut(const open_pair& open)
{
  io::port_config small;
  small.max_frame_bytes = 2000;
  const auto [near, far] = open(usual(), small);
  const std::vector<std::vector<std::byte>> frames = {
      numbered_frame(2000, 0), numbered_frame(2001, 1), numbered_frame(9000, 2), numbered_frame(1999, 3)};
  CHECK(near->send(packets_of(frames)) == 4);
  const auto received = gather(*far, 4);
  REQUIRE(received.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(i);
    CHECK(is_equal(received[i].bytes,
                   io::packet(frames[i]).first(std::min<std::size_t>(2000, frames[i].size()))));
  }
  CHECK(far->counters().cut.value() == 2);
  CHECK(far->counters().received.value() == 4);
  CHECK(far->counters().received_bytes.value() == 7999);
  far->release(received);
}

/// A frame too long for the port is not sent, the others of the burst are.
inline void check_unsent(const open_pair& open)
{
  const auto [near, far] = open(usual(), usual());
  const std::vector<std::vector<std::byte>> frames = {
      numbered_frame(100, 0), numbered_frame(9217, 1), numbered_frame(100, 2), {}, numbered_frame(100, 3)};
  CHECK(near->send(packets_of(frames)) == 3);
  CHECK(near->counters().sent.value() == 3);
  CHECK(near->counters().sent_bytes.value() == 300);
  CHECK(near->counters().unsent.value() == 2);
  const auto received = gather(*far, 3);
  REQUIRE(received.size() == 3);
  CHECK(is_equal(received[1].bytes, frames[2]));
  CHECK(is_equal(received[2].bytes, frames[4]));
  far->release(received);
}

/// Far more frames than there is room for, while nobody polls. Every frame is somewhere: received, lost or
/// unsent.
inline void check_flood(const open_pair& open)
{
  io::port_config few;
  few.nof_rx_frames = 128;
  const auto [near, far] = open(usual(), few);
  constexpr std::size_t nof_bursts = 300;
  std::vector<std::vector<std::byte>> frames;
  for (std::uint32_t i = 0; i < 64; ++i) {
    frames.push_back(numbered_frame(1514, i));
  }
  const auto packets = packets_of(frames);
  for (std::size_t i = 0; i < nof_bursts; ++i) {
    near->send(packets);
  }
  std::size_t nof_received = drain(*far, 50000000);
  CHECK(nof_received >= 64);
  const io::packet last = frames[0];
  CHECK(near->send({&last, 1}) == 1); // a socket says what it lost beside the next frame
  nof_received += drain(*far, 50000000);
  CHECK(far->counters().received.value() == nof_received);
  CHECK(near->counters().sent.value() + near->counters().unsent.value() == 64 * nof_bursts + 1);
  CHECK(far->counters().received.value() + far->counters().lost.value() == near->counters().sent.value());
  CHECK(nof_received < 64 * nof_bursts); // else this was no flood
}

inline void check_no_allocation(const open_pair& open)
{
  const auto [near, far] = open(usual(), usual());
  std::vector<std::vector<std::byte>> frames;
  for (std::uint32_t i = 0; i < 64; ++i) {
    frames.push_back(numbered_frame(500, i));
  }
  const auto packets = packets_of(frames);
  std::array<io::rx_frame, 64> some;
  const std::int64_t before = allocation_count();
  std::size_t count = 0;
  for (int round = 0; round < 10; ++round) {
    near->send(packets);
    far->wait(1000000000);
    const std::size_t n = far->poll(some);
    far->release(std::span(some).first(n));
    count += n;
  }
  CHECK(allocation_count() == before);
  CHECK(count > 64);
}

/// A sleeping port is woken by another thread's frame; without one it sleeps as long as it was told.
inline void check_wait(const open_pair& open)
{
  const steady_clock time;
  const auto [near, far] = open(usual(), usual());
  const std::int64_t begin_ns = time.now_ns();
  CHECK_FALSE(far->wait(30000000));
  CHECK(time.now_ns() - begin_ns >= 30000000);
  const auto frame = numbered_frame(300, 5);
  for (int round = 0; round < 20; ++round) {
    std::thread sender([&, from = near.get()] {
      if (round % 2 == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
      const io::packet one = frame;
      from->send({&one, 1});
    });
    const bool is_woken = far->wait(5000000000);
    sender.join();
    REQUIRE(is_woken);
    const auto received = gather(*far, 1);
    REQUIRE(received.size() == 1);
    far->release(received);
  }
  CHECK(time.now_ns() - begin_ns < 5000000000);
}

inline void check_port_contract(const open_pair& open)
{
  SUBCASE("every size arrives whole, in order, both ways")
  {
    check_every_size_arrives(open);
  }
  SUBCASE("frames are stamped with the system clock")
  {
    check_stamps_are_near(open);
  }
  SUBCASE("frames may be held, all of them, and given back in any order")
  {
    check_held_memory(open);
  }
  SUBCASE("a frame longer than its memory is cut and counted")
  {
    check_cut(open);
  }
  SUBCASE("a frame that is too long is not sent and counted")
  {
    check_unsent(open);
  }
  SUBCASE("a flood costs frames, each of them counted once")
  {
    check_flood(open);
  }
  SUBCASE("polling, giving back and sending allocate nothing")
  {
    check_no_allocation(open);
  }
  SUBCASE("wait() sleeps until a frame comes or the time is over")
  {
    check_wait(open);
  }
}

} // namespace pado::test
