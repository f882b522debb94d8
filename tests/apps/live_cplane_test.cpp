// SPDX-License-Identifier: Apache-2.0
// ctest: net
// links: pado_apps
#include "io/ecpri/link.h"
#include "io/oran/cplane.h"
#include "io/pcap/pcap_writer.h"
#include "tests/apps/live_world.h"
#include "tests/support/temporary_folder.h"
#include <cstdio>
#include <cstdlib>

using namespace pado;

namespace {

apps::scenario_config two_ranges()
{
  auto scenario = test::scenario_of(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml");
  scenario.ues[0].prbs = {0, 10}; // the others share 20..50
  return scenario;
}

/// A C-plane message as the radio unit reads it.
struct control_message {
  io::link_frame link;
  io::stream_ids ids;
  io::c_header header;
  std::vector<io::c_section> sections;
};

control_message read_pdu(io::packet pdu)
{
  control_message out;
  io::ecpri_reader reader(pdu, io::ecpri_size::checked);
  io::ecpri_message message;
  REQUIRE(reader.next(message));
  CHECK(message.type == io::ecpri_type::real_time_control);
  io::packet rest;
  REQUIRE_FALSE(io::parse_stream_ids(message.payload, out.ids, rest).has_value());
  io::c_section_reader sections(rest);
  for (io::c_section section; sections.next(section);) {
    out.sections.push_back(section);
  }
  REQUIRE_FALSE(sections.failure().has_value());
  out.header = sections.header();
  return out;
}

control_message read_frame(io::packet frame)
{
  io::link_frame link;
  REQUIRE_FALSE(io::parse_link(frame, io::no_udp_port, link).has_value());
  control_message out = read_pdu(link.pdu);
  out.link = link;
  return out;
}

pipeline::plan_table table_of(const test::live_world& world)
{
  return pipeline::plan_table::make(test::plans_of(world.planned()), world.slots.time.scs, 0).value();
}

} // namespace

TEST_CASE("live C-plane: type 1 for the granted PRBs leaves at the begin of its window, numbered per eAxC")
{
  test::live_world world(two_ranges());
  world.open();
  world.use_table(table_of(world));
  world.run_until(world.air_ns(10));
  REQUIRE(world.port.sent.size() == 4); // slots 4 and 9, two ports each
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(i);
    const test::scripted_port::frame& sent = world.port.sent[i];
    const std::int64_t slot = i < 2 ? 4 : 9;
    CHECK(sent.time_ns == world.air_ns(slot) - world.cplane.t1a_max_ns);
    const control_message message = read_frame(sent.bytes);
    CHECK(message.link.destination == world.plan.scenario.link.ru_mac);
    CHECK(message.link.source == world.plan.scenario.link.du_mac);
    CHECK(message.link.vlan == 5);
    CHECK(message.link.priority == 7);
    CHECK(message.ids.eaxc == i % 2);
    CHECK(message.ids.sequence == i / 2);
    CHECK(message.header.type == io::c_type::regular);
    CHECK(message.header.app ==
          io::app_header_of(
              {1023, static_cast<std::int32_t>(slot)}, world.slots.time.scs, 0, io::direction::uplink));
    REQUIRE(message.sections.size() == 2);
    CHECK(message.sections[0].prb_begin == 0);
    CHECK(message.sections[0].nof_prb == 10);
    CHECK(message.sections[1].id == 1);
    CHECK(message.sections[1].prb_begin == 20);
    CHECK(message.sections[1].nof_prb == 31);
    CHECK(message.sections[1].nof_symbols == 14);
  }
  CHECK(world.live->poller().cplane(0).sent.value() == 4);
  CHECK(world.live->poller().cplane(0).late.value() == 0);
}

TEST_CASE("live C-plane: a slot is complete with the PRBs that were asked for")
{
  auto scenario = two_ranges();
  scenario.link.is_granted_only = true;
  test::live_world world(scenario);
  world.open();
  world.use_table(table_of(world));
  const auto sent = world.planned();
  world.send(sent[0]);
  const auto reports = world.run_until(world.air_ns(sent[0].slot + 2));
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].report.nof_missing_prb == 0);
  // The last symbol's packets come 60 us after its end; nothing waits for the window.
  CHECK(reports[0].air_to_report_ns < 100000);
  CHECK(world.live->assembler().counters().slots_complete.value() == 1);
}

TEST_CASE("live C-plane: a message whose window is over is not sent, counted, and takes no number")
{
  test::live_world world(two_ranges());
  world.open();
  world.use_table(table_of(world));
  world.run_until(world.air_ns(4) - 600000);
  world.time.set_ns(world.air_ns(4) - world.cplane.t1a_min_ns + 1); // the thread was away
  world.run_until(world.air_ns(10));
  CHECK(world.live->poller().cplane(0).late.value() == 2);
  REQUIRE(world.port.sent.size() == 2);
  CHECK(read_frame(world.port.sent[0].bytes).ids.sequence == 0);
  CHECK(read_frame(world.port.sent[0].bytes).header.app.slot == 1); // slot 9: subframe 4, slot 1
}

TEST_CASE("live C-plane: PRACH and guard periods are told without grants, over a socket without link headers")
{
  test::live_world world(two_ranges());
  world.cplane.eaxc_prach = {4, 5};
  pipeline::prach_occasion prach;
  prach.period_frames = 2;
  prach.frame = 1;
  prach.slots = {9};
  prach.start_symbol = 0;
  prach.nof_symbols = 12;
  prach.freq_offset = io::prach_freq_offset(51, 30000, 30000, 2);
  prach.time_offset = 484;
  prach.frame_structure = io::frame_structure_of(4096, 30000).value();
  world.cplane.prach = {prach};
  world.cplane.guard_symbols = {0, 0, 0, 0x3C0, 0}; // symbols 6..9 of the S of DDDSU
  world.cplane.frame_structure = prach.frame_structure;
  test::scripted_port socket(world.time, io::framing::ecpri_pdu);
  pipeline::cplane_sender sender(world.cplane, io::framing::ecpri_pdu);
  for (std::int64_t slot = 0; slot < 40; ++slot) { // frames 1023 and 0
    sender.add_fixed(world.first_slot + slot);
    sender.send_due(world.air_ns(slot) - 300000, socket); // in the window of symbol 0
    sender.send_due(world.air_ns(slot) - 100000, socket); // and of symbol 6
  }
  std::vector<control_message> prachs;
  std::vector<control_message> guards;
  for (const auto& sent : socket.sent) {
    const control_message message = read_pdu(sent.bytes);
    CHECK(sent.bytes.size() == 4U + io::load_be16(sent.bytes, 2)); // no padding
    (message.header.type == io::c_type::prach ? prachs : guards).push_back(message);
  }
  CHECK(sender.counters().late.value() == 0);
  CHECK(guards.size() == 2 * 8); // two ports, a frame has four S slots
  CHECK(prachs.size() == 2);     // frame 1023 only
  for (const control_message& message : guards) {
    CHECK(message.header.type == io::c_type::idle);
    CHECK(message.header.app.symbol == 6);
    CHECK(message.sections[0].nof_symbols == 4);
    CHECK(message.sections[0].nof_prb == 0);
  }
  for (const control_message& message : prachs) {
    CHECK(message.ids.eaxc >= 4);
    CHECK(message.header.app.filter_index == 3);
    CHECK(message.header.app.frame == 255);
    CHECK(message.header.time_offset == 484);
    CHECK(message.sections[0].freq_offset == -12 * 51 + 48);
    CHECK(message.sections[0].nof_symbols == 12);
    CHECK(message.sections[0].nof_prb == 12);
  }
}

TEST_CASE("live C-plane: tshark reads what was sent")
{
  // NOLINTNEXTLINE(bugprone-command-processor, concurrency-mt-unsafe)
  if (std::system("tshark --version > /dev/null 2>&1") != 0) {
    MESSAGE("skipped: no tshark");
    return;
  }
  test::live_world world(two_ranges());
  world.open();
  world.use_table(table_of(world));
  world.run_until(world.air_ns(5));
  const test::temporary_folder folder;
  {
    auto writer = io::pcap_writer::create(folder.file("c.pcap")).value();
    for (const auto& sent : world.port.sent) {
      REQUIRE(writer.write(sent.bytes, sent.time_ns));
    }
    REQUIRE(writer.finish());
  }
  const std::string command = "tshark -n -r " + folder.file("c.pcap") +
                              " -T fields -E separator=';' -e ecpri.type -e oran_fh_cus.frameId"
                              " -e oran_fh_cus.subframe_id -e oran_fh_cus.slotId -e oran_fh_cus.sectionType"
                              " -e oran_fh_cus.startPrbc -e oran_fh_cus.numPrbc -e oran_fh_cus.numSymbol"
                              " -e _ws.malformed 2> /dev/null";
  std::FILE* pipe = popen(command.c_str(), "r"); // NOLINT(bugprone-command-processor)
  REQUIRE(pipe != nullptr);
  char line[256];
  int nof_lines = 0;
  while (std::fgets(line, sizeof(line), pipe) != nullptr) {
    ++nof_lines;
    const std::string text = line;
    CHECK_MESSAGE(text.find(";255;2;0;1;0,20;10,31;14,14;\n") != std::string::npos, text);
  }
  pclose(pipe);
  CHECK(nof_lines == 2);
}
