// SPDX-License-Identifier: Apache-2.0
// ctest: unit property
#include "io/assembly/slot_assembler.h"
#include "io/oran/cplane_builder.h"
#include "tests/io/fronthaul_frames.h"
#include "tests/support/allocation_count.h"
#include <doctest/doctest.h>
#include <random>

using namespace pado::io; // NOLINT: a test reads better with the short names
using pado::compression;
using pado::numerology;
using pado::prb_range;
using pado::slot_id;
using pado::uplink_slot;
using pado::test::frame_bytes;

namespace {

constexpr numerology mu1{1};
constexpr std::int64_t slot_ns = 500000;
constexpr std::int64_t sfn0_ns = 1'700'000'000'123'456'789;

slot_assembler_config one_port()
{
  cell_config cell;
  cell.scs = mu1;
  cell.nof_prb = 10;
  cell.pusch = {{0}, iq_format{compression::bfp, 9}};
  cell.prach = {{4}, iq_format{compression::bfp, 9}};
  slot_assembler_config config;
  config.cells.push_back(cell);
  return config;
}

slot_assembler make(const slot_assembler_config& config)
{
  auto plan = plan_slot_assembler(config);
  REQUIRE_MESSAGE(plan, (plan ? "" : plan.failure().text()));
  return slot_assembler(plan.value());
}

frame_bytes frame_at(slot_id slot, int symbol, prb_range range = {0, 10}, std::uint8_t sequence = 0)
{
  const auto header = app_header_of(slot, mu1, symbol, direction::uplink);
  return pado::test::symbol_frames(pado::test::plain_flow(0), header, 0, range, sequence).at(0);
}

void push_slot(slot_assembler& assembler, slot_id slot, std::int64_t at_ns = 0)
{
  for (int symbol = 0; symbol < 14; ++symbol) {
    assembler.push(frame_at(slot, symbol), at_ns);
  }
}

std::vector<slot_id> pop_ids(slot_assembler& assembler)
{
  std::vector<slot_id> out;
  for (lent<uplink_slot> slot; assembler.pop(slot);) {
    out.push_back(slot.slot.slot);
    assembler.release(slot);
  }
  return out;
}

} // namespace

TEST_CASE("assembly time: with the time of SFN 0, frameId and arrival give the SFN and the air time")
{
  slot_assembler_config config = one_port();
  config.cells[0].sfn0_ns = sfn0_ns;
  for (const int sfn : {0, 255, 256, 700, 1023}) {
    CAPTURE(sfn);
    slot_assembler assembler = make(config);
    const std::int64_t cycles = 3 * 10'240'000'000LL;
    const std::int64_t air_ns = sfn0_ns + cycles + sfn * 10'000'000LL + 13 * slot_ns;
    push_slot(assembler, {sfn, 13}, air_ns + 300000);
    lent<uplink_slot> slot;
    REQUIRE(assembler.pop(slot));
    CHECK(slot.slot.slot == slot_id{sfn, 13});
    CHECK(slot.slot.air_ns == air_ns);
    CHECK(slot.slot.first_ns == air_ns + 300000);
  }
}

TEST_CASE("assembly time: SFN 0 of UTC follows the GPS formula")
{
  CHECK(sfn0_of_utc_ns() == 315964782LL * 1000000000);
  CHECK(sfn0_of_utc_ns(12288, 2) == 315964782LL * 1000000000 + 10000 + 20000000);
}

TEST_CASE("assembly time: early, on time and late are counted, and dropped only when enforced")
{
  for (const bool is_enforced : {false, true}) {
    for (const window_origin origin : {window_origin::symbol_begin, window_origin::symbol_end}) {
      CAPTURE(is_enforced);
      slot_assembler_config config = one_port();
      config.cells[0].sfn0_ns = sfn0_ns;
      config.cells[0].window = rx_window{50000, 331000, origin, is_enforced};
      slot_assembler assembler = make(config);
      const std::int64_t air_ns = sfn0_ns + 40 * slot_ns;
      const int shift = origin == window_origin::symbol_end ? 1 : 0;
      const auto at = [&](int symbol, std::int64_t delay_ns) {
        assembler.push(frame_at({2, 0}, symbol), air_ns + slot_ns * (symbol + shift) / 14 + delay_ns);
      };
      at(0, 49999);
      at(1, 50000);
      at(2, 331000);
      at(3, 331001);
      assembler.flush();
      const auto& flow = assembler.flows()[0];
      CHECK(flow.early.value() == 1);
      CHECK(flow.on_time.value() == 2);
      CHECK(flow.late.value() == 1);
      CHECK(flow.sections.value() == (is_enforced ? 2 : 4));
      CHECK(assembler.counters().frames.nof_dropped(drop_reason::early) == (is_enforced ? 1 : 0));
      CHECK(assembler.counters().frames.nof_dropped(drop_reason::late) == (is_enforced ? 1 : 0));
      CHECK(assembler.counters().is_balanced());
    }
  }
}

TEST_CASE("assembly time: another window counts arrivals anew")
{
  slot_assembler_config config = one_port();
  config.cells[0].sfn0_ns = sfn0_ns;
  config.cells[0].window = rx_window{0, 100000, window_origin::symbol_begin, false};
  slot_assembler assembler = make(config);
  assembler.push(frame_at({0, 0}, 0), sfn0_ns + 50000);
  assembler.set_window(0, rx_window{0, 100000, window_origin::symbol_begin, false}); // the same: goes on
  CHECK(assembler.flows()[0].timing.count() == 1);
  assembler.set_window(0, rx_window{60000, 76000, window_origin::symbol_begin, false});
  CHECK(assembler.flows()[0].timing.count() == 0);
  assembler.push(frame_at({0, 1}, 0), sfn0_ns + 500000 + 59999);
  assembler.push(frame_at({0, 1}, 1), sfn0_ns + 500000 + 500000 / 14 + 60000);
  const auto& flow = assembler.flows()[0];
  CHECK(flow.timing.coarse_bin(7) == 1);
  CHECK(flow.timing.coarse_bin(8) == 1);
  CHECK(flow.timing.least_ns() == 59999);
  CHECK(flow.on_time.value() == 2);
  CHECK(flow.early.value() == 1);
}

TEST_CASE("assembly time: a slot goes out when its window has passed, and what comes then is closed and late")
{
  slot_assembler_config config = one_port();
  config.cells[0].sfn0_ns = sfn0_ns;
  config.cells[0].window = rx_window{0, 331000, window_origin::symbol_begin, false};
  slot_assembler assembler = make(config);
  assembler.push(frame_at({0, 0}, 0), sfn0_ns + 100000);
  assembler.advance_time(sfn0_ns + slot_ns + 331000);
  CHECK(pop_ids(assembler).empty());
  assembler.advance_time(sfn0_ns + slot_ns + 331001);
  CHECK(pop_ids(assembler).size() == 1);
  assembler.push(frame_at({0, 0}, 1), sfn0_ns + slot_ns + 400000);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::closed_slot) == 1);
  CHECK(assembler.flows()[0].late.value() == 1);
  assembler.flush();
  CHECK(pop_ids(assembler).empty());
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("assembly time: one wrong frame number does not move the clock, a confirmed jump does")
{
  slot_assembler assembler = make(one_port());
  for (int count = 0; count < 4; ++count) {
    push_slot(assembler, advance({50, 0}, count, mu1));
  }
  assembler.push(frame_at({120, 3}, 0), 0);
  assembler.push(frame_at({20, 3}, 0), 0);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::implausible_slot) == 1);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::closed_slot) == 1);
  push_slot(assembler, {50, 4});
  CHECK(pop_ids(assembler).size() == 5);
  // a jump that a second frame confirms
  push_slot(assembler, {90, 0});
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::implausible_slot) == 2);
  CHECK(assembler.counters().resyncs.value() == 1);
  push_slot(assembler, {90, 1});
  assembler.flush();
  const auto ids = pop_ids(assembler);
  REQUIRE(ids.size() == 2);
  CHECK(ids[0] == slot_id{90, 1});
  CHECK(ids[1] == slot_id{90, 0}); // its first symbol was spent on the confirmation
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("assembly time: a pause is followed at once when the arrival times agree with it")
{
  slot_assembler assembler = make(one_port());
  const std::int64_t begin_ns = 5'000'000'000;
  push_slot(assembler, {50, 0}, begin_ns);
  push_slot(assembler, {950, 0}, begin_ns + 9'000'000'000LL); // 9 s later: more than frameId can count
  const auto ids = pop_ids(assembler);
  REQUIRE(ids.size() == 2);
  CHECK(ids[1] == slot_id{950, 0});
  CHECK(assembler.counters().frames.nof_dropped() == 0);
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("assembly time: a sender that goes back in time is followed after 64 frames")
{
  slot_assembler assembler = make(one_port());
  for (int count = 0; count < 4; ++count) {
    push_slot(assembler, advance({200, 0}, count, mu1));
  }
  CHECK(pop_ids(assembler).size() == 4);
  for (int count = 0; count < 10; ++count) {
    push_slot(assembler, advance({100, 0}, count, mu1));
  }
  assembler.flush();
  CHECK(assembler.counters().resyncs.value() == 1);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::closed_slot) >= 63);
  CHECK(pop_ids(assembler).size() >= 4);
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("assembly time: a long PRACH may lag behind by what is configured, the grid by less")
{
  slot_assembler_config config = one_port();
  slot_assembler assembler = make(config);
  auto header = app_header_of({10, 0}, mu1, 0, direction::uplink);
  header.filter_index = 1;
  const auto prach_at = [&](slot_id slot) {
    auto own = app_header_of(slot, mu1, 0, direction::uplink);
    own.filter_index = 1;
    std::uint8_t sequence = 0;
    assembler.push(pado::test::symbol_frames(pado::test::plain_flow(4), own, 0, {0, 72}, sequence).at(0), 0);
  };
  for (int slot = 0; slot < 11; ++slot) {
    push_slot(assembler, {10, slot});
  }
  prach_at({10, 0}); // 10 slots back: reorder_slots 2 and 4 ms
  CHECK(assembler.counters().prach_sections.value() == 1);
  push_slot(assembler, {10, 11});
  lent<prach_slot> prach;
  REQUIRE(assembler.pop(prach)); // out of its window
  CHECK(prach.slot.slot == slot_id{10, 0});
  CHECK(prach.slot.sections(0).nof_prb == 72);
  prach_at({10, 0});
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::closed_slot) == 1);
  assembler.push(frame_at({10, 8}, 0), 0); // the grid may lag by 2 only
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::closed_slot) == 2);
  CHECK(assembler.counters().is_balanced());

  config.cells[0].prach_reorder_slots = 1;
  slot_assembler strict = make(config);
  push_slot(strict, {10, 2});
  strict.push(pado::test::symbol_frames(pado::test::plain_flow(4), header, 0, {0, 72}, header.symbol).at(0),
              0);
  CHECK(strict.counters().frames.nof_dropped(drop_reason::closed_slot) == 1);
}

TEST_CASE("assembly time: uplink slots in which nothing came are counted")
{
  slot_assembler_config config = one_port();
  config.cells[0].uplink_symbols = {0, 0x3FFF};
  slot_assembler assembler = make(config);
  for (const int slot : {1, 3, 9, 11, 13, 15, 17}) { // 5 and 7 are missing
    push_slot(assembler, {0, slot});
  }
  CHECK(assembler.counters().slots_without_data.value() == 2);
  CHECK(assembler.counters().slots_complete.value() == 7);
}

TEST_CASE("assembly: eCPRI over UDP is taken from frames on the port and from sockets")
{
  slot_assembler_config config = one_port();
  config.udp_port = 50000;
  slot_assembler assembler = make(config);
  auto flow = pado::test::plain_flow(0);
  flow.link.over = transport::udp_ipv4;
  flow.link.destination_port = 50000;
  std::uint8_t sequence = 0;
  const auto header = app_header_of({0, 0}, mu1, 0, direction::uplink);
  const auto frame = pado::test::symbol_frames(flow, header, 0, {0, 10}, sequence).at(0);
  assembler.push(frame, 0);
  CHECK(assembler.counters().frames.accepted.value() == 1);
  assembler.push_pdu(packet(frame).subspan(42), 0);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::duplicate) == 1);
  auto other = frame;
  other[37] = std::byte{1}; // destination port
  assembler.push(other, 0);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::not_fronthaul) == 1);
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("assembly: a concatenated PDU counts each message, and what breaks off has its reason")
{
  slot_assembler assembler = make(one_port());
  const auto first = frame_at({0, 0}, 0, {0, 3});
  const auto second = frame_at({0, 0}, 0, {5, 8});
  frame_bytes frame(first.begin(), first.begin() + 14 + 16 + 3 * 28);
  frame[14] = std::byte{0x11};
  frame.resize((frame.size() - 14 + 3) / 4 * 4 + 14);
  frame.insert(frame.end(), second.begin() + 14, second.end());
  assembler.push(frame, 0);
  CHECK(assembler.counters().concatenated.value() == 1);
  CHECK(assembler.counters().messages.accepted.value() == 2);
  CHECK(assembler.flows()[0].prbs.value() == 6);
  frame.resize(frame.size() - 1);
  assembler.push(frame, 0);
  CHECK(assembler.counters().messages.nof_dropped(drop_reason::duplicate) == 1);
  CHECK(assembler.counters().messages.nof_dropped(drop_reason::ecpri_length) == 1);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::duplicate) == 1);
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("assembly: wrong compression, range, direction and C-plane each find their counter")
{
  slot_assembler assembler = make(one_port());
  auto header = app_header_of({0, 0}, mu1, 0, direction::uplink);
  std::uint8_t sequence = 0;
  const auto push_one = [&](const u_flow_settings& flow, prb_range range) {
    assembler.push(pado::test::symbol_frames(flow, header, 0, range, sequence).at(0), 0);
  };
  auto flow = pado::test::plain_flow(0);
  flow.format = {compression::bfp, 8};
  push_one(flow, {0, 10});
  flow.format = {compression::bfp, 9};
  flow.has_comp_header = true;
  push_one(flow, {0, 10});
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::section_length) == 2);
  CHECK(assembler.flows()[0].user.corrupt.value() == 2);
  flow.has_comp_header = false;
  push_one(flow, {1, 11});
  CHECK(assembler.counters().sections.nof_dropped(drop_reason::prb_range) == 1);
  header.dir = direction::downlink;
  push_one(flow, {0, 10});
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::downlink) == 1);
  header.dir = direction::uplink;
  header.slot = 2; // 30 kHz has two slots a subframe
  push_one(flow, {0, 10});
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::bad_time) == 1);

  c_header control;
  const c_section one[1] = {};
  frame_bytes frame(100);
  frame.resize(write_c_frame(flow.link, {.eaxc = 4, .sequence = 3}, control, one, frame));
  assembler.push(frame, 0);
  CHECK(assembler.counters().c_types[1].value() == 1);
  CHECK(assembler.flows()[1].control_uplink.messages.value() == 1);
  frame[14 + 8 + 4] = std::byte{2}; // two sections announced
  assembler.push(frame, 0);
  CHECK(assembler.flows()[1].control_uplink.corrupt.value() == 1);
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("assembly: random, truncated and damaged frames keep the law and allocate nothing")
{
  slot_assembler_config config = one_port();
  config.udp_port = any_udp_port;
  slot_assembler assembler = make(config);
  const auto good = frame_at({0, 0}, 0);
  std::mt19937 random(7);
  frame_bytes damaged;
  damaged.reserve(good.size());
  const std::int64_t before = pado::test::allocation_count();
  std::uint64_t nof_pushed = 0;
  for (std::size_t size = 0; size <= good.size(); ++size) {
    assembler.push(packet(good).first(size), 0);
    ++nof_pushed;
  }
  for (int round = 0; round < 30000; ++round) {
    damaged.assign(good.begin(), good.end());
    for (auto flips = random() % 6; flips > 0; --flips) {
      damaged[12 + random() % 24] = static_cast<std::byte>(random() >> 24);
    }
    assembler.push(packet(damaged).first(random() % (good.size() + 1)), static_cast<std::int64_t>(random()));
    assembler.push(damaged, 0);
    nof_pushed += 2;
    for (lent<uplink_slot> slot; random() % 4 == 0 && assembler.pop(slot);) {
      assembler.release(slot);
    }
  }
  CHECK(pado::test::allocation_count() == before);
  CHECK(assembler.counters().frames.received.value() == nof_pushed);
  CHECK(assembler.counters().frames.accepted.value() > 0);
  CHECK(assembler.counters().is_balanced());
}
