// SPDX-License-Identifier: Apache-2.0
#include "io/oran/cplane.h"
#include "io/oran/uplane_builder.h"
#include "tests/io/fronthaul_frames.h"
#include "tests/support/allocation_count.h"
#include "tests/support/shared.h"
#include <cstring>
#include <doctest/doctest.h>
#include <random>

using namespace pado::io; // NOLINT: a test reads better with the short names
using pado::cf32;
using pado::compression;
using pado::prb_range;
using pado::test::frame_bytes;
using pado::test::parse;
using pado::test::parsed;

namespace {

app_header header_at(int symbol)
{
  return app_header_of({357, 13}, pado::numerology{1}, symbol, direction::uplink);
}

} // namespace

TEST_CASE("oran: the application header comes back from its own bytes, and cuts and bad fields are refused")
{
  app_header header = header_at(13);
  header.dir = direction::downlink;
  header.filter_index = 11;
  std::array<std::byte, 4> bytes{};
  write_app_header(header, bytes);
  app_header back;
  REQUIRE(!parse_app_header(bytes, back));
  CHECK(back == header);
  CHECK(back.frame == (357 & 255));
  CHECK(back.subframe == 6);
  CHECK(back.slot == 1);
  for (std::size_t size = 0; size < 4; ++size) {
    CHECK(parse_app_header(packet(bytes).first(size), back) == drop_reason::short_message);
  }
  header.payload_version = 2;
  write_app_header(header, bytes);
  CHECK(parse_app_header(bytes, back) == drop_reason::payload_version);
  header.payload_version = 1;
  header.symbol = 14;
  write_app_header(header, bytes);
  CHECK(parse_app_header(bytes, back) == drop_reason::bad_time);
  header.symbol = 0;
  header.subframe = 10;
  write_app_header(header, bytes);
  CHECK(parse_app_header(bytes, back) == drop_reason::bad_time);
}

TEST_CASE("oran: the SFN nearest to a reference is found over both wraps")
{
  CHECK(nearest_sfn(5, 1020) == 5);
  CHECK(nearest_sfn(250, 2) == 1018);
  CHECK(nearest_sfn(100, 612) == 612);
  for (int sfn = 0; sfn < 1024; ++sfn) {
    for (const int off : {-127, -1, 0, 1, 127}) {
      CHECK(nearest_sfn(static_cast<std::uint8_t>(sfn), (sfn + off + 1024) % 1024) == sfn);
    }
  }
}

TEST_CASE("oran: a symbol cut by the MTU gives the message counts of the size table")
{
  const auto path = pado::test::shared_path("spec/fronthaul/sizes.csv");
  if (!path) {
    MESSAGE("skipped: no spec/fronthaul/sizes.csv");
    return;
  }
  for (const auto& row : pado::test::read_csv(*path)) {
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    auto flow = pado::test::plain_flow(1,
                                       {row[0] == "bfp" ? compression::bfp : compression::none,
                                        static_cast<std::uint8_t>(std::stoi(row[1]))});
    flow.carrier_prb = 273;
    flow.link.vlan = 3;
    const int mtus[] = {1500, 9000, 9600};
    for (std::size_t i = 0; i < 3; ++i) {
      flow.mtu_bytes = mtus[i];
      CHECK(prb_per_message(flow) == std::stoi(row[3 + i]));
    }
    for (std::size_t i = 0; i < 2; ++i) {
      flow.mtu_bytes = mtus[i];
      std::uint8_t sequence = 250; // over the wrap
      const auto frames = pado::test::symbol_frames(flow, header_at(2), 0, {0, 273}, sequence);
      // 256..272 PRBs have no numPrbu, so a message of less than the carrier ends at 255
      const bool is_split_by_count = prb_per_message(flow) > 255 && prb_per_message(flow) < 273;
      CHECK(frames.size() == (is_split_by_count ? 2U : static_cast<std::size_t>(std::stoi(row[6 + i]))));
      CHECK(sequence == static_cast<std::uint8_t>(250 + frames.size()));
    }
  }
}

TEST_CASE("oran: fragments join to the whole symbol again, static and dynamic, Ethernet and UDP")
{
  for (const bool has_header : {false, true}) {
    for (const transport over : {transport::ethernet, transport::udp_ipv4}) {
      for (const int mtu : {100, 1500, 9000}) {
        CAPTURE(has_header);
        CAPTURE(mtu);
        auto flow = pado::test::plain_flow(0x0102);
        flow.has_comp_header = has_header;
        flow.mtu_bytes = mtu;
        flow.carrier_prb = 106;
        flow.link.over = over;
        flow.link.destination_port = 50000;
        std::uint8_t sequence = 0;
        const auto frames = pado::test::symbol_frames(flow, header_at(4), 1, {0, 106}, sequence);
        frame_bytes joined;
        int next_prb = 0;
        for (const auto& frame : frames) {
          const parsed got = parse(frame, 50000);
          REQUIRE(!got.why);
          CHECK(got.ids.eaxc == 0x0102);
          CHECK(got.header == header_at(4));
          const u_layout layout{has_header ? std::nullopt : std::optional<iq_format>(flow.format), 106};
          u_section_reader reader(got.rest.subspan(app_header_bytes), layout);
          for (u_section section; reader.next(section);) {
            CHECK(section.prb_begin == next_prb);
            CHECK(section.format == flow.format);
            next_prb += section.nof_prb;
            joined.insert(joined.end(), section.iq.begin(), section.iq.end());
          }
          CHECK(!reader.failure());
          CHECK(frame.size() <= static_cast<std::size_t>(mtu) + 14);
        }
        CHECK(next_prb == 106);
        CHECK(joined == pado::test::marked_prbs(flow.format, 1, 4, {0, 106}));
      }
    }
  }
}

TEST_CASE("oran: an MTU or buffer below one PRB gives no frame instead of a broken one")
{
  auto flow = pado::test::plain_flow(1);
  flow.mtu_bytes = 43;
  std::uint8_t sequence = 0;
  CHECK(pado::test::symbol_frames(flow, header_at(0), 0, {0, 1}, sequence).empty());
  flow.mtu_bytes = 44;
  CHECK(pado::test::symbol_frames(flow, header_at(0), 0, {0, 1}, sequence).size() == 1);
  const auto iq = pado::test::marked_prbs(flow.format, 0, 0, {0, 1});
  u_plane_writer writer(flow, header_at(0), {0, 0, iq});
  frame_bytes small(57);
  CHECK(writer.next(sequence, small) == 0);
  CHECK(!writer.is_done());
}

TEST_CASE("oran: numPrbu 0 is the whole carrier, or what the payload holds when the carrier is unknown")
{
  auto flow = pado::test::plain_flow(1);
  flow.carrier_prb = 273;
  std::uint8_t sequence = 0;
  const auto frames = pado::test::symbol_frames(flow, header_at(0), 0, {0, 273}, sequence);
  REQUIRE(frames.size() == 1);
  const parsed got = parse(frames[0]);
  const packet sections = got.rest.subspan(app_header_bytes);
  CHECK(load_u8(sections, 3) == 0);
  for (const int carrier : {273, 0}) {
    u_section_reader reader(sections, {flow.format, carrier});
    u_section section;
    REQUIRE(reader.next(section));
    CHECK(section.nof_prb == 273);
    CHECK(!reader.next(section));
    CHECK(!reader.failure());
  }
  CHECK(check_u_sections(sections, {flow.format, 106}) == drop_reason::section_length);
  CHECK(check_u_sections(sections, {iq_format{compression::bfp, 8}, 273}) == drop_reason::section_length);
}

TEST_CASE("oran: several sections of different compression lie in one message")
{
  frame_bytes message;
  const iq_format formats[] = {
      {compression::bfp, 9}, {compression::none, 16}, {compression::block_scaling, 12}};
  for (int i = 0; i < 3; ++i) {
    std::array<std::byte, 6> header{};
    u_section section;
    section.id = static_cast<std::uint16_t>(4093 + i);
    section.prb_begin = static_cast<std::uint16_t>(1000 + i);
    section.nof_prb = static_cast<std::uint16_t>(i + 1);
    section.format = formats[i];
    section.is_every_other = i == 1;
    section.is_next_symbol = i == 2;
    REQUIRE(write_u_section_header(section, true, header) == 6);
    message.insert(message.end(), header.begin(), header.end());
    message.resize(message.size() + prb_bytes(formats[i]) * section.nof_prb, std::byte{0x5A});
  }
  u_section_reader reader(message, {std::nullopt, 0});
  u_section section;
  for (int i = 0; i < 3; ++i) {
    REQUIRE(reader.next(section));
    CHECK(section.id == 4093 + i);
    CHECK(section.prb_begin == 1000 + i);
    CHECK(section.nof_prb == i + 1);
    CHECK(section.format == formats[i]);
    CHECK(section.is_every_other == (i == 1));
    CHECK(section.is_next_symbol == (i == 2));
  }
  CHECK(!reader.next(section));
  CHECK(!reader.failure());
  // every cut that is not on a section border fails, and no byte beyond is read (asan)
  for (std::size_t size = 0; size < message.size(); ++size) {
    const frame_bytes cut(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size));
    const bool is_border = size == 34 || size == 34 + 102;
    CHECK((check_u_sections(cut, {std::nullopt, 0}) == drop_reason::section_length) == !is_border);
  }
}

TEST_CASE("oran: selective compression is refused by its own reason, padding only where it is allowed")
{
  frame_bytes message(6 + 28);
  message[3] = std::byte{1};
  message[4] = std::byte{0x95};
  CHECK(check_u_sections(message, {std::nullopt, 0}) == drop_reason::compression_method);
  message[4] = std::byte{0x91};
  CHECK(!check_u_sections(message, {std::nullopt, 0}));
  message.resize(message.size() + 2);
  CHECK(check_u_sections(message, {std::nullopt, 0}) == drop_reason::section_length);
  CHECK(!check_u_sections(message, {std::nullopt, 0, true}));
}

TEST_CASE("oran: random bytes are refused or read within their bounds, without allocation")
{
  std::mt19937 random(5);
  frame_bytes bytes(256);
  int nof_read = 0;
  const std::int64_t before = pado::test::allocation_count();
  for (int round = 0; round < 20000; ++round) {
    for (auto& byte : bytes) {
      byte = static_cast<std::byte>(random() >> 24);
    }
    bytes[0] = static_cast<std::byte>(0x10 | (random() % 2 << 7));
    bytes[4] = static_cast<std::byte>(random() % 4);
    bytes[5] = static_cast<std::byte>(random() % 8);
    const packet message = packet(bytes).first(random() % 257);
    nof_read += check_c_message(message) ? 0 : 1;
    nof_read += check_u_sections(message, {std::nullopt, 0}) ? 0 : 1;
    nof_read += check_u_sections(message, {iq_format{compression::bfp, 9}, 20}) ? 0 : 1;
  }
  CHECK(pado::test::allocation_count() == before);
  CHECK(nof_read > 0);
}
