// SPDX-License-Identifier: Apache-2.0
#include "io/port/ring_port.h"
#include "tests/io/port_contract.h"
#include <atomic>

using namespace pado::test; // NOLINT: the contract reads better with the short names
using pado::io::packet;
using pado::io::port_config;
using pado::io::ring_exchange;
using pado::io::rx_frame;

namespace {

port_config in(ring_exchange& rings, port_config config = {})
{
  config.rings = &rings;
  return config;
}

} // namespace

TEST_CASE("ring port: keeps the contract of ports")
{
  ring_exchange rings;
  check_port_contract([&](const port_config& near, const port_config& far) {
    return port_pair{opened("ring:test", in(rings, near)), opened("ring:test", in(rings, far))};
  });
}

TEST_CASE("ring port: what is sent while nobody is at the other end is unsent")
{
  ring_exchange rings;
  const auto near = opened("ring:a", in(rings));
  const auto frame = numbered_frame(100, 1);
  const packet one = frame;
  CHECK(near->send({&one, 1}) == 0);
  CHECK(near->counters().unsent.value() == 1);
  CHECK(near->describe().find("not open") != std::string::npos);
  auto far = opened("ring:a", in(rings));
  std::array<rx_frame, 4> some;
  CHECK(far->poll(some) == 0);
  CHECK(near->send({&one, 1}) == 1);
  CHECK(far->poll(some) == 1);

  // The far end goes with a frame in its hands and another on the way; a new one finds all memory free.
  CHECK(near->send({&one, 1}) == 1);
  far.reset();
  CHECK(near->send({&one, 1}) == 0);
  far = opened("ring:a", in(rings));
  CHECK(far->poll(some) == 0);
  const std::vector<packet> many(std::size_t{8192}, one);
  CHECK(near->send(many) == 8192);
  CHECK(near->send({&one, 1}) == 0);
  CHECK(drain(*far, 0) == 8192);
}

TEST_CASE("ring port: names are apart, and a name has two ends")
{
  ring_exchange rings;
  const auto a0 = opened("ring:a", in(rings));
  const auto a1 = opened("ring:a", in(rings));
  const auto b0 = opened("ring:b", in(rings));
  const auto third = pado::io::open_port("ring:a", in(rings));
  REQUIRE_FALSE(third);
  CHECK(third.failure().text() == "port \"ring:a\" has both its ends open already: use another name");
  const auto frame = numbered_frame(100, 1);
  const packet one = frame;
  CHECK(a0->send({&one, 1}) == 1);
  std::array<rx_frame, 4> some;
  CHECK(b0->poll(some) == 0);
  CHECK(a1->poll(some) == 1);
}

TEST_CASE("ring port: an end that comes back must have the limits it had")
{
  ring_exchange rings;
  port_config config;
  config.nof_rx_frames = 100;
  opened("ring:a", in(rings, config)).reset();
  config.nof_rx_frames = 200;
  const auto again = pado::io::open_port("ring:a", in(rings, config));
  REQUIRE_FALSE(again);
  CHECK(again.failure().text().find("was opened before with 100 frames of 9216 bytes") != std::string::npos);
}

TEST_CASE("ring port: stamps are the sender's clock")
{
  ring_exchange rings;
  pado::virtual_clock time;
  time.set_ns(12345);
  port_config config = in(rings);
  config.time = &time;
  const auto near = opened("ring:a", config);
  const auto far = opened("ring:a", in(rings));
  const auto frame = numbered_frame(100, 1);
  const packet one = frame;
  near->send({&one, 1});
  time.advance_ns(7);
  near->send({&one, 1});
  const auto received = gather(*far, 2);
  REQUIRE(received.size() == 2);
  CHECK(received[0].arrival_ns == 12345);
  CHECK(received[1].arrival_ns == 12352);
}

TEST_CASE("ring port: two threads lose nothing and mix nothing up")
{
  ring_exchange rings;
  port_config config;
  config.nof_rx_frames = 256;
  const auto near = opened("ring:a", in(rings, config));
  const auto far = opened("ring:a", in(rings, config));
  constexpr std::uint32_t nof_frames = 20000;
  std::thread sender([&] {
    for (std::uint32_t i = 0; i < nof_frames;) {
      const auto frame = numbered_frame(60 + i % 1000, i);
      const packet one = frame;
      if (near->send({&one, 1}) == 1) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  std::uint32_t expected = 0;
  std::uint32_t nof_wrong = 0;
  std::array<rx_frame, 64> some;
  while (expected < nof_frames && far->wait(5000000000)) {
    const std::size_t n = far->poll(some);
    for (std::size_t i = 0; i < n; ++i) {
      nof_wrong += is_equal(some[i].bytes, numbered_frame(60 + expected % 1000, expected)) ? 0 : 1;
      ++expected;
    }
    far->release(std::span(some).first(n));
  }
  sender.join();
  CHECK(expected == nof_frames);
  CHECK(nof_wrong == 0);
  CHECK(near->counters().sent.value() == nof_frames);
}
