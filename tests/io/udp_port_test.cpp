// SPDX-License-Identifier: Apache-2.0
// Datagrams over loopback: no privileges needed.
#include "tests/io/port_contract.h"
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

using namespace pado::test; // NOLINT: the contract reads better with the short names
using pado::io::packet;
using pado::io::port_config;
using pado::io::rx_frame;

namespace {

/// Ports by process, so that tests of several builds can run at the same time; below those that the system
/// lends.
std::string udp_port(int which)
{
  return std::to_string(10000 + getpid() % 2200 * 10 + which);
}
std::string near_name(const std::string& host)
{
  return "udp:" + host + ":" + udp_port(0) + ",local=" + host + ":" + udp_port(1);
}
std::string far_name(const std::string& host)
{
  return "udp:" + host + ":" + udp_port(1) + ",local=" + host + ":" + udp_port(0);
}
open_pair pair_on(const std::string& host)
{
  return [host](const port_config& near, const port_config& far) {
    return port_pair{opened(near_name(host), near), opened(far_name(host), far)};
  };
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

TEST_CASE("udp port: keeps the contract of ports over IPv4")
{
  check_port_contract(pair_on("127.0.0.1"));
}

TEST_CASE("udp port: keeps the contract of ports over IPv6")
{
  if (!pado::io::open_port(near_name("[::1]"), {})) {
    MESSAGE("skipped: no IPv6 on this machine");
    return;
  }
  check_port_contract(pair_on("[::1]"));
}

TEST_CASE("udp port: carries PDUs without link headers, and says what it is")
{
  const auto port = opened(near_name("127.0.0.1"), {});
  CHECK(port->form() == pado::io::framing::ecpri_pdu);
  CHECK(has(port->describe(), "UDP to 127.0.0.1:" + udp_port(0) + ", received on 127.0.0.1:" + udp_port(1)));
  CHECK(has(port->describe(), "socket buffers"));
}

TEST_CASE("udp port: without local= it receives on the peer's port of any address")
{
  const auto port = opened("udp:127.0.0.1:" + udp_port(2), {});
  CHECK(has(port->describe(), "received on 0.0.0.0:" + udp_port(2)));
  const auto frame = numbered_frame(100, 1);
  const packet one = frame;
  CHECK(port->send({&one, 1}) == 1); // to itself
  const auto received = gather(*port, 1);
  REQUIRE(received.size() == 1);
  CHECK(is_equal(received[0].bytes, frame));
}

TEST_CASE("udp port: a peer that is not there, and its ICMP errors, change nothing")
{
  const auto near = opened(near_name("127.0.0.1"), {});
  const auto frame = numbered_frame(100, 1);
  const packet one = frame;
  for (int i = 0; i < 20; ++i) {
    CHECK(near->send({&one, 1}) == 1); // answered by "port unreachable"
    CHECK_FALSE(near->wait(1000000));
    std::array<rx_frame, 4> some;
    CHECK(near->poll(some) == 0);
  }
  const auto far = opened(far_name("127.0.0.1"), {});
  CHECK(near->send({&one, 1}) == 1);
  CHECK(far->send({&one, 1}) == 1);
  CHECK(drain(*near, 100000000) == 1);
  CHECK(drain(*far, 100000000) == 1);
  CHECK(near->counters().unsent.value() == 0);
}

TEST_CASE("udp port: an empty datagram is a frame without bytes")
{
  const auto near = opened(near_name("127.0.0.1"), {});
  const int other = socket(AF_INET, SOCK_DGRAM, 0);
  REQUIRE(other >= 0);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  const int number = std::stoi(udp_port(1));
  to.sin_port = static_cast<in_port_t>((number & 0xFF) << 8 | number >> 8);
  to.sin_addr.s_addr = 0x0100007F;
  CHECK(sendto(other, "", 0, 0, static_cast<sockaddr*>(static_cast<void*>(&to)), sizeof to) == 0);
  close(other);
  const auto received = gather(*near, 1);
  REQUIRE(received.size() == 1);
  CHECK(received[0].bytes.empty());
  near->release(received);
}

TEST_CASE("udp port: names that cannot be opened say what to change")
{
  CHECK(has(failure_of("udp:127.0.0.1"), "must be udp:HOST:PORT"));
  CHECK(has(failure_of("udp:127.0.0.1:0"), "must be udp:HOST:PORT with a port in 1..65535"));
  CHECK(has(failure_of("udp:127.0.0.1:65536"), "must be udp:HOST:PORT"));
  CHECK(has(failure_of("udp:127.0.0.1:4991x"), "must be udp:HOST:PORT"));
  CHECK(has(failure_of("udp:fe80::1:4991"), "an IPv6 address in brackets"));
  CHECK(has(failure_of("udp:127.0.0.1:4991,lokal=any:4991"), "'lokal'. Did you mean 'local'?"));
  CHECK(has(failure_of("udp:127.0.0.1:4991,local=4991"), "has local=4991, must be HOST:PORT"));
  CHECK(has(failure_of("udp:127.0.0.1:4991,local=[::1]:4991"), "mixes IPv4 and IPv6"));
  CHECK(has(failure_of("udp:127.0.0.1:4991,local=192.0.2.1:4991"), "cannot receive on 192.0.2.1:4991"));
  const auto first = opened(near_name("127.0.0.1"), {});
  CHECK(has(failure_of(near_name("127.0.0.1")), "a free port with local=HOST:PORT"));
}
