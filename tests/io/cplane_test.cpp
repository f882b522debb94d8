// SPDX-License-Identifier: Apache-2.0
#include "io/oran/cplane_builder.h"
#include "tests/io/fronthaul_frames.h"
#include <doctest/doctest.h>

using namespace pado::io; // NOLINT: a test reads better with the short names
using pado::test::frame_bytes;
using pado::test::parse;
using pado::test::parsed;

TEST_CASE("oran: C-plane types 0, 1 and 3 come back from our own frames, with extensions")
{
  const frame_bytes extensions = {std::byte{0x84},
                                  std::byte{1},
                                  std::byte{0},
                                  std::byte{0}, // type 4, one word, more
                                  std::byte{0x0B},
                                  std::byte{0},
                                  std::byte{2},
                                  std::byte{0}, // type 11, 16-bit length
                                  std::byte{0},
                                  std::byte{0},
                                  std::byte{0},
                                  std::byte{0}};
  for (const c_type type : {c_type::idle, c_type::regular, c_type::prach}) {
    CAPTURE(static_cast<int>(type));
    c_header header;
    header.app = app_header_of({357, 13}, pado::numerology{1}, 3, direction::uplink);
    header.type = type;
    header.comp_header = 0x91;
    header.time_offset = 484;
    header.cp_length = 3168;
    header.frame_structure = *frame_structure_of(4096, 30000);
    c_section first;
    first.id = 5;
    first.nof_prb = 273;
    first.nof_symbols = 14;
    first.extensions = extensions;
    c_section second;
    second.id = 4095;
    second.prb_begin = 30;
    second.nof_prb = 40;
    second.re_mask = 0xAAA;
    second.nof_symbols = 1;
    second.beam_id = 0x7FFF;
    second.freq_offset = -3276;
    const c_section sections[] = {first, second};
    frame_bytes frame(200);
    frame.resize(
        write_c_frame(pado::test::plain_flow(1).link, {.eaxc = 1, .sequence = 9}, header, sections, frame));
    REQUIRE(!frame.empty());
    const parsed got = parse(frame);
    REQUIRE(!got.why);
    CHECK(got.message.type == ecpri_type::real_time_control);
    c_section_reader reader(got.rest);
    REQUIRE(!reader.failure());
    CHECK(reader.header().nof_sections == 2);
    CHECK(reader.header().app == header.app);
    CHECK(reader.header().comp_header == (type == c_type::idle ? 0 : 0x91));
    CHECK(reader.header().time_offset == (type == c_type::regular ? 0 : 484));
    CHECK(reader.header().cp_length == (type == c_type::regular ? 0 : 3168));
    c_section section;
    REQUIRE(reader.next(section));
    CHECK(section.nof_prb == 0); // 273 is all
    CHECK(section.nof_extensions == 2);
    CHECK(frame_bytes(section.extensions.begin(), section.extensions.end()) == extensions);
    REQUIRE(reader.next(section));
    CHECK(section.id == 4095);
    CHECK(section.prb_begin == 30);
    CHECK(section.nof_prb == 40);
    CHECK(section.re_mask == 0xAAA);
    CHECK(section.beam_id == (type == c_type::idle ? 0 : 0x7FFF));
    CHECK(section.freq_offset == (type == c_type::prach ? -3276 : 0));
    CHECK(!reader.next(section));
    CHECK(!reader.failure());
    for (std::size_t size = 0; size < got.rest.size(); ++size) {
      const frame_bytes cut(got.rest.begin(), got.rest.begin() + static_cast<std::ptrdiff_t>(size));
      CHECK(check_c_message(cut).has_value());
    }
  }
}

TEST_CASE("oran: C-plane payloads have the known sizes, types 5 and 6 are read, others refused")
{
  c_header header;
  const c_section one[1] = {};
  frame_bytes frame(100);
  const auto link = pado::test::plain_flow(1).link;
  REQUIRE(write_c_frame(link, {}, header, one, frame) == 60);
  CHECK(parse(frame).message.payload.size() == 20);
  header.type = c_type::prach;
  REQUIRE(write_c_frame(link, {}, header, one, frame) == 60);
  CHECK(parse(frame).message.payload.size() == 28);
  header.type = c_type::ue_scheduling;
  CHECK(write_c_frame(link, {}, header, one, frame) == 0);

  frame_bytes scheduling(16);
  scheduling[0] = std::byte{0x10};
  scheduling[4] = std::byte{1};
  scheduling[5] = std::byte{5};
  scheduling[14] = std::byte{0x12};
  scheduling[15] = std::byte{0x34};
  c_section section;
  c_section_reader reader(scheduling);
  REQUIRE(reader.next(section));
  CHECK(section.beam_id == 0x1234);
  CHECK(!reader.next(section));
  CHECK(!reader.failure());

  frame_bytes channel(8 + 7 + 9);
  channel[0] = std::byte{0x10};
  channel[4] = std::byte{3};
  channel[5] = std::byte{6};
  channel[8 + 3] = std::byte{0xFE};
  channel[8 + 2] = std::byte{0xFF};
  channel[8 + 4] = std::byte{0x0C}; // rb and symInc
  channel[8 + 5] = std::byte{0x11};
  channel[8 + 6] = std::byte{4};
  c_section_reader info(channel);
  REQUIRE(info.next(section));
  CHECK(section.regularization == -2);
  CHECK(section.is_every_other);
  CHECK(section.is_next_symbol);
  CHECK(section.prb_begin == 17);
  CHECK(section.nof_prb == 4);
  CHECK(!info.next(section));
  CHECK(!info.failure());

  channel[5] = std::byte{9};
  CHECK(check_c_message(channel) == drop_reason::section_form);
}

TEST_CASE("oran: an extension of length zero ends the message instead of looping")
{
  frame_bytes message(20);
  message[0] = std::byte{0x10};
  message[4] = std::byte{1};
  message[5] = std::byte{1};
  message[14] = std::byte{0x80};
  CHECK(check_c_message(message) == drop_reason::section_length);
}

TEST_CASE("oran: frame structure codes and the PRACH frequency offset")
{
  CHECK(fft_size_of(0xC1) == 4096);
  CHECK(scs_hz_of(0xC1) == 30000);
  CHECK(scs_hz_of(0x0C) == 1250);
  CHECK(fft_size_of(0x7F) == 128);
  CHECK(scs_hz_of(0x7F) == 7500);
  CHECK(fft_size_of(0x1A) == 0);
  CHECK(scs_hz_of(0x1A) == 0);
  CHECK(!frame_structure_of(4097, 30000));
  CHECK(prach_freq_offset(273, 30000, 30000, 0) == -3276);
  CHECK(prach_freq_offset(273, 30000, 30000, 7) == -3276 + 24 * 7);
  CHECK(prach_freq_offset(273, 30000, 1250, 1) == -78624 + 576);
}
