// SPDX-License-Identifier: Apache-2.0
// ctest: unit property
#include "io/assembly/slot_assembler.h"
#include "tests/io/fronthaul_frames.h"
#include "tests/support/allocation_count.h"
#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <random>

using namespace pado::io; // NOLINT: a test reads better with the short names
using pado::cf32;
using pado::compression;
using pado::iq_section;
using pado::numerology;
using pado::prb_range;
using pado::slot_id;
using pado::uplink_slot;
using pado::test::frame_bytes;

namespace {

constexpr numerology mu1{1};

slot_assembler_config two_ports(std::int32_t nof_prb = 20)
{
  cell_config cell;
  cell.scs = mu1;
  cell.nof_prb = nof_prb;
  cell.pusch = {{0, 1}, iq_format{compression::bfp, 9}};
  cell.prach = {{4, 5}, iq_format{compression::bfp, 9}};
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

/// All frames of one slot: ports 0.., 14 symbols, in order.
std::vector<frame_bytes>
slot_frames(slot_id slot, std::int32_t nof_prb, std::int32_t mtu = 9000, std::uint16_t symbols = 0x3FFF)
{
  static std::array<std::uint8_t, 2> sequence{}; // one per eAxC, as an RU counts
  std::vector<frame_bytes> out;
  for (int symbol = 0; symbol < 14; ++symbol) {
    for (std::uint16_t port = 0; port < 2 && (symbols >> symbol & 1) != 0; ++port) {
      auto flow = pado::test::plain_flow(port);
      flow.mtu_bytes = mtu;
      flow.carrier_prb = nof_prb;
      const auto header = app_header_of(slot, mu1, symbol, direction::uplink);
      for (auto& frame : pado::test::symbol_frames(flow, header, port, {0, nof_prb}, sequence[port])) {
        out.push_back(std::move(frame));
      }
    }
  }
  return out;
}

frame_bytes one_frame(std::uint16_t eaxc, const app_header& header, prb_range range)
{
  std::uint8_t sequence = 0;
  return pado::test::symbol_frames(pado::test::plain_flow(eaxc), header, eaxc, range, sequence).at(0);
}

/// Decodes every section and compares with the marked samples; PRBs not received must be absent from the
/// sections.
void check_contents(const uplink_slot& slot)
{
  std::vector<int> seen(static_cast<std::size_t>(slot.received.size()));
  for (std::int32_t s = 0; s < slot.sections.extent(0); ++s) {
    const iq_section& section = slot.sections(s);
    const iq_format format{section.method, section.width};
    for (int prb = 0; prb < section.nof_prb; ++prb) {
      const std::size_t at = section.bytes_begin + prb_bytes(format) * static_cast<std::size_t>(prb);
      REQUIRE(at + prb_bytes(format) <= static_cast<std::size_t>(slot.bytes.size()));
      std::array<cf32, 12> re{};
      decode_prb(format, packet(slot.bytes.data() + at, prb_bytes(format)), re);
      const int begin = 12 * (section.prb_begin + prb);
      bool is_equal = true;
      for (int k = 0; k < 12; ++k) {
        const cf32 want = pado::test::marked_sample(section.port, section.symbol, begin + k);
        is_equal = is_equal && re[static_cast<std::size_t>(k)].re == want.re &&
                   re[static_cast<std::size_t>(k)].im == want.im;
      }
      CHECK(is_equal);
      const std::int32_t index =
          (section.port * 14 + section.symbol) * slot.received.extent(2) + section.prb_begin + prb;
      ++seen[static_cast<std::size_t>(index)];
    }
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    REQUIRE(seen[i] == slot.received.data()[i]); // each received PRB once, each missing one never
  }
}

std::vector<lent<uplink_slot>> pop_all(slot_assembler& assembler)
{
  std::vector<lent<uplink_slot>> out;
  for (lent<uplink_slot> slot; assembler.pop(slot);) {
    out.push_back(slot);
  }
  return out;
}

} // namespace

TEST_CASE(
    "slot_assembler: any order of arrival gives the same complete slot, with jumbo frames and fragments")
{
  std::mt19937 random(1);
  for (const int mtu : {200, 1500, 9000}) {
    CAPTURE(mtu);
    slot_assembler assembler = make(two_ports());
    for (int round = 0; round < 5; ++round) {
      auto frames = slot_frames({10, round}, 20, mtu);
      std::shuffle(frames.begin(), frames.end(), random);
      for (const auto& frame : frames) {
        assembler.push(frame, 0);
      }
      const auto slots = pop_all(assembler);
      REQUIRE(slots.size() == 1);
      CHECK(slots[0].slot.slot == slot_id{10, round});
      CHECK(slots[0].slot.nof_missing_prb == 0);
      check_contents(slots[0].slot);
      assembler.release(slots[0]);
    }
    CHECK(assembler.counters().is_balanced());
    CHECK(assembler.counters().slots_complete.value() == 5);
    CHECK(assembler.counters().frames.nof_dropped() == 0);
    CHECK(assembler.flows()[0].prbs.value() == 5 * 14 * 20);
  }
}

TEST_CASE("slot_assembler: duplicates are dropped and counted, before and after the slot is complete")
{
  slot_assembler assembler = make(two_ports());
  const auto frames = slot_frames({3, 4}, 20);
  assembler.push(frames[0], 0);
  assembler.push(frames[0], 0);
  for (std::size_t i = 1; i < frames.size(); ++i) {
    assembler.push(frames[i], 0);
  }
  assembler.push(frames[5], 0);
  const auto slots = pop_all(assembler);
  REQUIRE(slots.size() == 1);
  check_contents(slots[0].slot);
  CHECK(assembler.counters().frames.received.value() == frames.size() + 2);
  CHECK(assembler.counters().frames.accepted.value() == frames.size());
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::duplicate) == 2);
  CHECK(assembler.flows()[0].duplicate.value() + assembler.flows()[1].duplicate.value() == 2);
  CHECK(assembler.flows()[0].user.repeated.value() == 1);
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("slot_assembler: overlapping sections give each PRB once")
{
  slot_assembler assembler = make(two_ports());
  const auto header = app_header_of({0, 0}, mu1, 7, direction::uplink);
  assembler.push(one_frame(1, header, {4, 8}), 0);
  assembler.push(one_frame(1, header, {10, 11}), 0);
  assembler.push(one_frame(1, header, {2, 14}), 0);
  assembler.push(one_frame(1, header, {3, 13}), 0);
  assembler.flush();
  const auto slots = pop_all(assembler);
  REQUIRE(slots.size() == 1);
  check_contents(slots[0].slot);
  CHECK(slots[0].slot.sections.extent(0) == 5);
  CHECK(slots[0].slot.nof_missing_prb == 2 * 14 * 20 - 12);
  CHECK(assembler.counters().overlapping.value() == 1);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::duplicate) == 1);
  CHECK(assembler.counters().slots_incomplete.value() == 1);
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("slot_assembler: lost frames leave a mask, and the slot goes out when a later one is far enough")
{
  slot_assembler_config config = two_ports();
  config.cells[0].near_sfn = 950;
  slot_assembler assembler = make(config);
  std::mt19937 random(2);
  std::vector<std::size_t> lost_of_slot;
  std::uint64_t nof_lost = 0;
  for (int count = 0; count < 8; ++count) {
    const auto frames = slot_frames(advance({1023, 17}, count, mu1), 20, 300);
    std::size_t nof_missing = 0;
    for (const auto& frame : frames) {
      if (random() % 5 == 0 && &frame != &frames.front()) {
        ++nof_lost;
        u_section section;
        u_section_reader reader(pado::test::parse(frame).rest.subspan(4),
                                {iq_format{compression::bfp, 9}, 20});
        REQUIRE(reader.next(section));
        nof_missing += section.nof_prb;
      } else {
        assembler.push(frame, 0);
      }
    }
    lost_of_slot.push_back(nof_missing);
    const auto slots = pop_all(assembler);
    CHECK(slots.size() == (count >= 3 ? 1U : 0U)); // reorder_slots is 2
    for (const auto& slot : slots) {
      CHECK(slot.slot.slot == advance({1023, 17}, count - 3, mu1)); // over the SFN wrap
      CHECK(static_cast<std::size_t>(slot.slot.nof_missing_prb) ==
            lost_of_slot[static_cast<std::size_t>(count - 3)]);
      check_contents(slot.slot);
      assembler.release(slot);
    }
  }
  assembler.flush();
  CHECK(pop_all(assembler).size() == 3);
  std::uint64_t counted = 0;
  for (const auto& flow : assembler.flows()) {
    counted += flow.user.lost.value();
  }
  CHECK(counted <= nof_lost); // what is lost at the very end of a stream leaves no hole
  CHECK(counted + 4 >= nof_lost);
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("slot_assembler: frames of a slot that has been handed over are closed_slot")
{
  slot_assembler assembler = make(two_ports());
  const auto frames = slot_frames({5, 0}, 20);
  for (std::size_t i = 1; i < frames.size(); ++i) {
    assembler.push(frames[i], 0);
  }
  for (int slot = 1; slot < 4; ++slot) {
    for (const auto& frame : slot_frames({5, slot}, 20)) {
      assembler.push(frame, 0);
    }
  }
  assembler.push(frames[0], 0);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::closed_slot) == 1);
  CHECK(assembler.counters().slots_incomplete.value() == 1);
  CHECK(assembler.counters().slots_complete.value() == 3);
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("slot_assembler: only uplink symbols of the TDD pattern are awaited and taken")
{
  slot_assembler_config config = two_ports();
  config.cells[0].uplink_symbols = {0, 0, 0, 0x3C00, 0x3FFF}; // DDDSU: symbols 10..13 of the special slot
  slot_assembler assembler = make(config);
  for (int count = 0; count < 10; ++count) {
    for (const auto& frame : slot_frames({0, count},
                                         20,
                                         9000,
                                         count % 5 == 3   ? 0x3C00
                                         : count % 5 == 4 ? 0x3FFF
                                                          : 1)) {
      assembler.push(frame, 0);
    }
  }
  const auto slots = pop_all(assembler);
  REQUIRE(slots.size() == 4);
  CHECK(slots[0].slot.slot == slot_id{0, 3});
  CHECK(slots[1].slot.slot == slot_id{0, 4});
  for (const auto& slot : slots) {
    CHECK(slot.slot.nof_missing_prb == 0);
  }
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::unexpected_symbol) == 6 * 2);
  CHECK(assembler.counters().slots_without_data.value() == 0);
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("slot_assembler: PRACH goes its own way, by eAxC and by filter index")
{
  slot_assembler_config config = two_ports();
  config.cells[0].prach.eaxc = {0, 5}; // eAxC 0 is shared with PUSCH port 0
  config.cells[0].prach_repetitions = 2;
  slot_assembler assembler = make(config);
  auto header = app_header_of({7, 9}, mu1, 0, direction::uplink);
  header.filter_index = 3;
  for (const std::uint16_t eaxc : {std::uint16_t{0}, std::uint16_t{5}}) {
    for (const std::uint8_t symbol : {std::uint8_t{0}, std::uint8_t{1}}) {
      header.symbol = symbol;
      assembler.push(one_frame(eaxc, header, {0, 12}), 0);
    }
  }
  lent<prach_slot> prach;
  REQUIRE(assembler.pop(prach));
  CHECK(prach.slot.slot == slot_id{7, 9});
  REQUIRE(prach.slot.sections.extent(0) == 4);
  CHECK(prach.slot.sections(3).port == 1);
  CHECK(prach.slot.sections(3).symbol == 1);
  CHECK(prach.slot.sections(3).filter_index == 3);
  CHECK(prach.slot.sections(3).nof_prb == 12);
  CHECK(prach.slot.sections(3).bytes_begin == 3 * 12 * 28);
  assembler.release(prach);
  assembler.push(one_frame(5, header, {0, 12}), 0);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::duplicate) == 1);
  header.filter_index = 0; // the same eAxC with filter 0 is PUSCH
  assembler.push(one_frame(0, header, {0, 12}), 0);
  assembler.push(one_frame(5, header, {0, 13}), 0); // but PRACH where PUSCH has no such eAxC
  header.filter_index = 3;
  assembler.push(one_frame(1, header, {0, 12}), 0); // and PRACH never is PUSCH
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::filter_index) == 1);
  header.filter_index = 9;
  assembler.push(one_frame(5, header, {0, 12}), 0);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::filter_index) == 2);
  assembler.flush();
  const auto slots = pop_all(assembler);
  REQUIRE(slots.size() == 1);
  CHECK(slots[0].slot.sections.extent(0) == 1);
  CHECK(assembler.counters().prach_sections.value() == 4);
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("slot_assembler: two cells with the same eAxC are told apart by VLAN")
{
  slot_assembler_config config = two_ports();
  config.cells.push_back(config.cells[0]);
  CHECK(!plan_slot_assembler(config));
  config.cells[0].vlan = 3;
  config.cells[1].vlan = 4;
  config.cells[1].nof_prb = 10;
  slot_assembler assembler = make(config);
  const auto header = app_header_of({0, 0}, mu1, 7, direction::uplink);
  for (const int vlan : {3, 4, 5}) {
    auto flow = pado::test::plain_flow(0);
    flow.link.vlan = vlan;
    std::uint8_t sequence = 0;
    assembler.push(pado::test::symbol_frames(flow, header, 0, {0, vlan}, sequence).at(0), 0);
  }
  assembler.flush();
  auto slots = pop_all(assembler);
  REQUIRE(slots.size() == 2);
  CHECK(slots[0].slot.cell == 0);
  CHECK(slots[0].slot.sections(0).nof_prb == 3);
  CHECK(slots[1].slot.cell == 1);
  CHECK(slots[1].slot.sections(0).nof_prb == 4);
  CHECK(slots[1].slot.received.extent(2) == 10);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::wrong_vlan) == 1);
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE("slot_assembler: a consumer that keeps its slots sheds whole slots and never memory")
{
  slot_assembler_config config = two_ports();
  config.nof_stores = 4;
  slot_assembler assembler = make(config);
  std::vector<std::vector<frame_bytes>> all;
  for (int count = 0; count < 20; ++count) {
    all.push_back(slot_frames({0, count}, 20));
  }
  const std::int64_t before = pado::test::allocation_count();
  for (const auto& frames : all) {
    for (const auto& frame : frames) {
      assembler.push(frame, 0);
    }
  }
  CHECK(pado::test::allocation_count() == before);
  const auto slots = pop_all(assembler);
  CHECK(slots.size() == 4);
  CHECK(assembler.counters().slots_shed.value() == 16);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::no_free_slot) == 16 * 28);
  for (const auto& slot : slots) {
    check_contents(slot.slot);
    assembler.release(slot);
  }
  for (const auto& frame : slot_frames({1, 0}, 20)) {
    assembler.push(frame, 0);
  }
  CHECK(pop_all(assembler).size() == 1);
  CHECK(assembler.counters().is_balanced());
}

TEST_CASE(
    "slot_assembler: sections beyond max_sections are dropped, also in the middle of an overlapping one")
{
  slot_assembler_config config = two_ports();
  config.max_sections = 3;
  slot_assembler assembler = make(config);
  const auto header = app_header_of({0, 0}, mu1, 7, direction::uplink);
  assembler.push(one_frame(0, header, {2, 4}), 0);
  assembler.push(one_frame(0, header, {6, 8}), 0);
  assembler.push(one_frame(0, header, {0, 10}), 0); // needs three more, has room for the first
  assembler.push(one_frame(1, header, {0, 10}), 0);
  assembler.push(one_frame(0, header, {0, 10}), 0);
  assembler.flush();
  const auto slots = pop_all(assembler);
  REQUIRE(slots.size() == 1);
  check_contents(slots[0].slot);
  CHECK(slots[0].slot.sections.extent(0) == 3);
  CHECK(slots[0].slot.nof_missing_prb == 2 * 14 * 20 - 6);
  CHECK(assembler.counters().frames.nof_dropped(drop_reason::too_many_sections) == 2);
  CHECK(assembler.counters().is_balanced());
}
