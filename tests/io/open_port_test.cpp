// SPDX-License-Identifier: Apache-2.0
#include "io/port/frame_pool.h"
#include "io/port/open_port.h"
#include "io/port/port_name.h"
#include <algorithm>
#include <doctest/doctest.h>
#include <string>

namespace {

std::string failure_of(const std::string& name, const pado::io::port_config& config = {})
{
  const auto port = pado::io::open_port(name, config);
  REQUIRE_FALSE(port);
  return port.failure().text();
}
bool has(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("open_port: a name that is none says what is near")
{
  CHECK(has(failure_of("eth0"), "port \"eth0\" has no scheme, must be SCHEME:..."));
  CHECK(has(failure_of("upd:127.0.0.1:4991"), "has the unknown scheme 'upd'. Did you mean 'udp'?"));
  CHECK(has(failure_of("carrier-pigeon:x"), "Known are: "));
  CHECK(has(failure_of("raw:"), "has nothing after 'raw:'"));
  CHECK(has(failure_of("ring:a,size=3"), "has the unknown option 'size'. ring: takes none"));
  CHECK(has(failure_of("ring:a"), "has no other end here"));
}

TEST_CASE("open_port: limits are checked before anything is opened")
{
  pado::io::port_config config;
  config.max_frame_bytes = 1513;
  CHECK(failure_of("raw:lo", config) == "port_config.max_frame_bytes is 1513, must be in 1514..16384");
  config.max_frame_bytes = 16385;
  CHECK(has(failure_of("raw:lo", config), "is 16385, must be"));
  config.max_frame_bytes = 1514;
  config.nof_rx_frames = 63;
  CHECK(failure_of("raw:lo", config) == "port_config.nof_rx_frames is 63, must be in 64..65536");
  config.nof_rx_frames = 65537;
  CHECK(has(failure_of("raw:lo", config), "is 65537, must be"));
}

TEST_CASE("port name: is a scheme, a target and options")
{
  const auto parsed = pado::io::parse_port_name("dpdk:0000:01:00.0,queues=2,x=y=z");
  REQUIRE(parsed);
  CHECK(parsed.value().scheme == "dpdk");
  CHECK(parsed.value().target == "0000:01:00.0");
  CHECK(parsed.value().value_of("queues") == "2");
  CHECK(parsed.value().value_of("x") == "y=z");
  CHECK_FALSE(parsed.value().value_of("queue"));
  for (const char* wrong : {"pcap:a,b", "pcap:a,=b", "pcap:a,b=", "pcap:a,", "pcap:a,,b=c"}) {
    CAPTURE(wrong);
    const auto refused = pado::io::parse_port_name(wrong);
    REQUIRE_FALSE(refused);
    CHECK(has(refused.failure().text(), "must be KEY=VALUE"));
  }
  const auto twice = pado::io::parse_port_name("pcap:a,loop=1,loop=2");
  REQUIRE_FALSE(twice);
  CHECK(has(twice.failure().text(), "has 'loop' twice"));
}

TEST_CASE("frame pool: gives each element once, on pages, the last one given back first")
{
  pado::io::frame_pool pool(100, 9216);
  CHECK(reinterpret_cast<std::uintptr_t>(pool.arena().data()) % 4096 == 0); // NOLINT: its number is the point
  CHECK(pool.arena().size() == 100 * 10240);
  std::vector<std::uint32_t> tokens;
  for (std::uint32_t token = pool.acquire(); token != pado::io::frame_pool::none; token = pool.acquire()) {
    CHECK(pool[token].size() >= 9216);
    tokens.push_back(token);
  }
  CHECK(tokens.size() == 100);
  std::sort(tokens.begin(), tokens.end());
  CHECK(std::adjacent_find(tokens.begin(), tokens.end()) == tokens.end());
  pool.release(17);
  pool.release(3);
  CHECK(pool.nof_free() == 2);
  CHECK(pool.acquire() == 3);
  CHECK(pool.acquire() == 17);
  CHECK(pado::io::frame_pool(2, 16384).arena().size() == 2 * 16384);
}
