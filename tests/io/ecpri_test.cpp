// SPDX-License-Identifier: Apache-2.0
#include "io/ecpri/ecpri.h"
#include "io/ecpri/link.h"
#include <doctest/doctest.h>
#include <initializer_list>
#include <vector>

using namespace pado::io; // NOLINT: a test reads better with the short names

namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> values)
{
  std::vector<std::byte> out;
  for (const int value : values) {
    out.push_back(static_cast<std::byte>(value));
  }
  return out;
}

std::vector<std::byte> join(std::initializer_list<std::vector<std::byte>> parts)
{
  std::vector<std::byte> out;
  for (const auto& part : parts) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

const std::vector<std::byte> addresses = bytes_of({2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2});
const std::vector<std::byte> pdu = bytes_of({0x10, 0x00, 0x00, 0x04, 0x00, 0x01, 0x07, 0x80});

/// IPv4 header without checksum, UDP 40000 -> 50000, then the PDU.
std::vector<std::byte> ipv4_udp()
{
  return join({addresses,
               bytes_of({0x08, 0x00, 0x45, 0, 0, 36, 0, 1, 0, 0, 64, 17, 0, 0, 127, 0, 0, 2, 127, 0, 0, 1}),
               bytes_of({0x9C, 0x40, 0xC3, 0x50, 0, 16, 0, 0}),
               pdu});
}

std::vector<std::byte> ipv6_udp()
{
  std::vector<std::byte> ip = bytes_of({0x86, 0xDD, 0x60, 0, 0, 0, 0, 16, 17, 64});
  ip.resize(ip.size() + 32); // addresses
  return join({addresses, ip, bytes_of({0x9C, 0x40, 0xC3, 0x50, 0, 16, 0, 0}), pdu});
}

} // namespace

TEST_CASE("link: no tag, one tag and two tags lead to the same PDU")
{
  const auto plain = join({addresses, bytes_of({0xAE, 0xFE}), pdu});
  const auto tagged = join({addresses, bytes_of({0x81, 0x00, 0xE0, 0x03, 0xAE, 0xFE}), pdu});
  const auto qinq =
      join({addresses, bytes_of({0x88, 0xA8, 0x00, 0x07, 0x81, 0x00, 0xE0, 0x03, 0xAE, 0xFE}), pdu});
  link_frame out;
  REQUIRE(!parse_link(plain, 0, out));
  CHECK(out.vlan == link_frame::no_vlan);
  CHECK(out.pdu.size() == pdu.size());
  CHECK(out.destination[5] == 1);
  CHECK(out.source[5] == 2);
  REQUIRE(!parse_link(tagged, 0, out));
  CHECK(out.vlan == 3);
  CHECK(out.outer_vlan == link_frame::no_vlan);
  CHECK(out.priority == 7);
  CHECK(out.pdu.size() == pdu.size());
  REQUIRE(!parse_link(qinq, 0, out));
  CHECK(out.vlan == 3);
  CHECK(out.outer_vlan == 7);
  CHECK(out.pdu.size() == pdu.size());
}

TEST_CASE("link: UDP over IPv4 and IPv6 is taken on the configured port only")
{
  for (const auto& frame : {ipv4_udp(), ipv6_udp()}) {
    link_frame out;
    REQUIRE(!parse_link(frame, 50000, out));
    CHECK(out.udp_port == 50000);
    CHECK(out.over != transport::ethernet);
    CHECK(std::vector<std::byte>(out.pdu.begin(), out.pdu.end()) == pdu);
    CHECK(parse_link(frame, 50001, out) == drop_reason::not_fronthaul);
    CHECK(parse_link(frame, 0, out) == drop_reason::not_fronthaul);
  }
}

TEST_CASE("link: IP fragments and wrong IP lengths have reasons of their own")
{
  link_frame out;
  auto fragment = ipv4_udp();
  fragment[14 + 6] = std::byte{0x20}; // more fragments
  CHECK(parse_link(fragment, 50000, out) == drop_reason::ip_fragment);
  auto too_long = ipv4_udp();
  too_long[14 + 3] = std::byte{37};
  CHECK(parse_link(too_long, 50000, out) == drop_reason::bad_ip_length);
  auto udp_too_long = ipv4_udp();
  udp_too_long[14 + 20 + 5] = std::byte{17};
  CHECK(parse_link(udp_too_long, 50000, out) == drop_reason::bad_ip_length);
}

TEST_CASE("link: every cut of a frame gives a reason or a shorter PDU, never more")
{
  for (const auto& frame :
       {join({addresses, bytes_of({0x81, 0, 0xE0, 3, 0xAE, 0xFE}), pdu}), ipv4_udp(), ipv6_udp()}) {
    for (std::size_t size = 0; size < frame.size(); ++size) {
      CAPTURE(size);
      const std::vector<std::byte> cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
      link_frame out;
      if (!parse_link(cut, 50000, out)) {
        CHECK(out.pdu.size() < pdu.size());
      }
    }
  }
}

TEST_CASE("ecpri: a concatenated PDU gives each message at the next multiple of 4 bytes")
{
  // 5 payload bytes, so 3 bytes of padding before the second message
  const auto two = join({bytes_of({0x11, 0x00, 0x00, 0x05, 0x00, 0x01, 0x07, 0x80, 0xAA, 0, 0, 0}), pdu});
  ecpri_reader reader(two);
  ecpri_message message;
  REQUIRE(reader.next(message));
  CHECK(message.is_concatenated);
  CHECK(message.payload.size() == 5);
  REQUIRE(reader.next(message));
  CHECK(!message.is_concatenated);
  CHECK(message.payload.size() == 4);
  CHECK(!reader.next(message));
  CHECK(!reader.failure());

  const packet half(two.data(), 10);
  ecpri_reader cut(half);
  REQUIRE(cut.next(message));
  CHECK(!cut.next(message));
  CHECK(cut.failure() == drop_reason::short_message);
}

TEST_CASE("ecpri: version and size are checked, and a wrong size can be ignored")
{
  ecpri_message message;
  auto wrong = pdu;
  wrong[0] = std::byte{0x20};
  ecpri_reader version(wrong);
  CHECK(!version.next(message));
  CHECK(version.failure() == drop_reason::ecpri_version);
  wrong = pdu;
  wrong[3] = std::byte{5};
  ecpri_reader size(wrong);
  CHECK(!size.next(message));
  CHECK(size.failure() == drop_reason::ecpri_length);
  ecpri_reader ignoring(wrong, ecpri_size::ignored);
  REQUIRE(ignoring.next(message));
  CHECK(message.payload.size() == 4);
}

TEST_CASE("ecpri: Ethernet padding is not part of the payload")
{
  auto padded = pdu;
  padded.resize(46);
  ecpri_reader reader(padded);
  ecpri_message message;
  REQUIRE(reader.next(message));
  CHECK(message.payload.size() == 4);
  CHECK(!reader.next(message));
  CHECK(!reader.failure());
}

TEST_CASE("ecpri: ids are read and a transport fragment is refused")
{
  stream_ids ids;
  packet rest;
  CHECK(!parse_stream_ids(bytes_of({0x12, 0x34, 0xFE, 0x80, 0x55}), ids, rest));
  CHECK(ids.eaxc == 0x1234);
  CHECK(ids.sequence == 0xFE);
  CHECK(parse_stream_ids(bytes_of({0, 1, 2, 0x00}), ids, rest) == drop_reason::transport_fragment);
  CHECK(parse_stream_ids(bytes_of({0, 1, 2, 0x81}), ids, rest) == drop_reason::transport_fragment);
  CHECK(parse_stream_ids(bytes_of({0, 1, 2}), ids, rest) == drop_reason::short_message);
}

TEST_CASE("ecpri: a one-way delay request carries PTP time and a signed compensation")
{
  one_way_delay owd;
  const auto request =
      bytes_of({1, 0, 0, 0, 0x65, 0x53, 0xF1, 0x00, 0x07, 0x5B, 0xCD, 0x15, 0, 0, 0, 0, 0, 0xFA, 0, 0});
  REQUIRE(!parse_one_way_delay(request, owd));
  CHECK(owd.measurement_id == 1);
  CHECK(owd.seconds == 1700000000);
  CHECK(owd.nanoseconds == 123456789);
  CHECK(owd.compensation == 250LL << 16);
  CHECK(parse_one_way_delay(packet(request).first(19), owd) == drop_reason::short_message);
}
